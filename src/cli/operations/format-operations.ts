/** The journal for people. */
import type { OperationEntry } from "../../model/operation.ts";
import { printable } from "../../model/printable.ts";
import { formatMove, nameGap } from "../../model/promotion-words.ts";
import { buildEntry } from "../../operations/journal/entry.ts";
import type { JournalLine } from "../../operations/journal/line.ts";
import type { OperationRecord } from "../../operations/journal/record.ts";
import { formatByHand } from "../change/format-promotion.ts";
import { formatRoles } from "../change/format-roles.ts";
import { cell, formatTable, type Paint, type Tone } from "../status/table.ts";
import { describeGap, describePositions, describeWaysOn, selectByHand, selectPromotion } from "./writes.ts";

const TONES: Readonly<Record<OperationEntry["state"], Tone>> = {
  running: "strong",
  draining: "strong",
  done: "good",
  refused: "plain",
  "rolled-back": "warning",
  unfinished: "critical",
  interrupted: "critical",
};

/** The state, and whether something has to be done about it. */
function describeState({ state, undoneBy, open }: OperationEntry): { readonly text: string; readonly tone: Tone } {
  if (undoneBy !== null) return { text: `${state}, undone`, tone: "dim" };
  return { text: open ? `${state} !` : state, tone: open || state !== "interrupted" ? TONES[state] : "plain" };
}

const stamp = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replace("T", " ")}Z`;

/** @param records newest first */
export function formatOperations(records: readonly OperationRecord[], dir: string, paint: Paint): string {
  const entries = records.map(buildEntry);
  if (entries.length === 0) return `No operation is in the journal (${printable(dir)}).\n`;
  const rows = entries.map((entry) => {
    const state = describeState(entry);
    return [
      cell(printable(entry.id), "strong"),
      cell(stamp(entry.startedAt)),
      cell(printable(entry.cluster)),
      cell(state.text, state.tone),
      cell(printable(`${entry.operator}@${entry.host}`)),
      cell(printable(entry.title)),
    ];
  });
  const lines = formatTable(["id", "started", "cluster", "state", "operator", "what"], rows, paint);
  const told = records.flatMap((record) => {
    const entry = buildEntry(record);
    const { id, summary, open } = entry;
    if (!open) return [];
    // Most summaries end with the way on; what was cut short has none.
    const ways = summary.includes(`signalbox resume ${id}`) ? [] : describeWaysOn(entry, record);
    return [`! ${printable([`${id}: ${summary}`, ...ways].join(" "))}`];
  });
  return `${[...lines, ...told].join("\n")}\n`;
}

function formatLine(line: JournalLine): string {
  const { at, step, phase, target, command, message, error, by } = line;
  const what = step === 0 ? "operation" : `step ${step} ${target}`;
  const told = [error ?? message, by === undefined ? undefined : `by ${by}`].filter((text) => text !== undefined);
  const text = step === 0 && by !== undefined ? "" : `: ${command}`;
  return printable(`  ${at}  ${what}  ${phase}${text}${told.length === 0 ? "" : ` (${told.join(", ")})`}`);
}

/** What is told of an operation that moved the writes. */
function formatWrites(entry: OperationEntry, record: OperationRecord, width: number): string[] {
  const promotion = selectPromotion(record);
  const gap = describeGap(entry, record);
  return [
    ...(promotion === null
      ? []
      : [formatMove(promotion), ...formatRoles(promotion, width - 2).map((row) => `  ${row}`)]),
    ...(gap === null ? [] : [`${nameGap(promotion?.mode ?? "switchover")}: ${gap}`]),
    ...(promotion?.knownLoss == null ? [] : [printable(`known loss: ${promotion.knownLoss}`)]),
    ...describePositions(entry).map(({ what, at }) => printable(`position of the ${what}: ${at}`)),
  ];
}

/** @param width columns there are */
export function formatOperation(entry: OperationEntry, record: OperationRecord, paint: Paint, width: number): string {
  const { id, title, cluster, operator, host, reason, startedAt, endedAt, summary, undoneBy } = entry;
  const state = describeState(entry);
  const head = [
    `${paint(printable(id), "strong")}  ${paint(state.text, state.tone)}`,
    printable(title),
    printable(`cluster ${cluster}, by ${operator} on ${host}`),
    `from ${stamp(startedAt)}${endedAt === null ? "" : ` to ${stamp(endedAt)}`}`,
    ...(reason === null ? [] : [printable(`reason: ${reason}`)]),
    printable(summary),
    ...(undoneBy === null ? [] : [printable(`taken back by ${undoneBy}`)]),
    ...formatWrites(entry, record, width),
  ];
  const steps = entry.steps.map((step) => [
    cell(String(step.number), "dim"),
    cell(printable(step.target)),
    cell(printable(step.command), "strong"),
    cell(step.phase === null ? "never sent" : step.phase === "intent" ? "sent, end not known" : step.phase),
    cell(printable(step.error ?? step.message ?? "")),
  ]);
  const table = steps.length === 0 ? [] : formatTable(["step", "on", "command", "last", ""], steps, paint);
  const journal = ["Journal", ...record.lines.map(formatLine)];
  const byHand = formatByHand(selectByHand(entry));
  const next = describeWaysOn(entry, record).map(printable);
  return `${[...head, ...table, ...journal, ...byHand, ...next].join("\n")}\n`;
}
