/** `signalbox report`: what happened in a span of time, as the journal of this machine tells it, ready to paste. */
import type { EpochMs } from "../../model/reading.ts";
import { buildEntry } from "../../operations/journal/entry.ts";
import type { OperationRecord } from "../../operations/journal/record.ts";
import { formatReport as formatOperation } from "../operations/format-report.ts";
import { escapeMarkdown, formatBlock, formatCode, formatMarkdownTable } from "../operations/markdown.ts";
import { viewOperation } from "../operations/view-operation.ts";
import { describeGap, selectByHand } from "../operations/writes.ts";

export interface Report {
  readonly from: EpochMs;
  readonly to: EpochMs;
  /** Null: all clusters. */
  readonly cluster: string | null;
  /** Folder of the journal. */
  readonly journal: string;
  /** Oldest first. */
  readonly operations: readonly OperationRecord[];
  /** True when there are more operations than were read. */
  readonly isCut: boolean;
}

const NOT_KEPT =
  "State changes of servers and alerts are not kept yet: this tells what was done with signalbox by this user on this machine, not what happened by itself or was done from elsewhere.";

/** True for one that ran, or was taken back, in that span. One that nobody ended is judged by its last line. */
export function isWithin({ startedAt, state, lines }: OperationRecord, from: EpochMs, to: EpochMs): boolean {
  if (startedAt > to) return false;
  const last = Date.parse(lines.at(-1)?.at ?? "");
  return state === "running" || state === "draining" || last >= from;
}

const stamp = (at: EpochMs): string => `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;

function countStates(operations: readonly OperationRecord[]): string {
  const counts = new Map<string, number>();
  for (const { state } of operations) counts.set(state, (counts.get(state) ?? 0) + 1);
  const told = [...counts].map(([state, count]) => `${count} ${escapeMarkdown(state)}`);
  return told.length === 0 ? "none" : `${operations.length} (${told.join(", ")})`;
}

function formatHead({ from, to, cluster, journal, operations, isCut }: Report): string[] {
  const gaps = operations.flatMap((record) => {
    const gap = describeGap(buildEntry(record), record);
    return gap === null ? [] : [`- Writes stopped for ${gap}: ${formatCode(record.id)}`];
  });
  return [
    `# What was done: ${cluster === null ? "all clusters" : escapeMarkdown(cluster)}`,
    "",
    `- From ${stamp(from)} to ${stamp(to)}`,
    `- Operations: ${countStates(operations)}`,
    ...gaps,
    `- Source: journal in ${formatCode(journal)}`,
    ...(isCut
      ? ["- **Not complete**: there are more operations in this span than were read; ask for a shorter one."]
      : []),
    "",
    `> ${NOT_KEPT}`,
    "",
  ];
}

function formatTimeline(operations: readonly OperationRecord[]): string[] {
  if (operations.length === 0) return ["No operation in this span.", ""];
  const rows = operations.map(({ startedAt, cluster, operator, host, title, reason, state, summary }) => [
    new Date(startedAt).toISOString().slice(0, 19).replace("T", " "),
    escapeMarkdown(cluster),
    escapeMarkdown(`${operator} on ${host}`),
    escapeMarkdown(title),
    reason === null ? "-" : escapeMarkdown(reason),
    `**${escapeMarkdown(state)}**: ${escapeMarkdown(summary)}`,
  ]);
  return ["## Timeline", "", ...formatMarkdownTable(["UTC", "cluster", "who", "what", "why", "result"], rows), ""];
}

/** What is left to people, of all operations at one place. */
function formatOpen(operations: readonly OperationRecord[]): string[] {
  const lines = operations.flatMap((record) => {
    const entry = buildEntry(record);
    const id = formatCode(entry.id);
    const open = entry.open
      ? [`- [ ] ${id} is not finished: ${formatCode(`signalbox resume ${entry.id}`)} or undo`]
      : [];
    const tasks = selectByHand(entry).flatMap(({ subject, message, lines: text }) => [
      `- [ ] ${escapeMarkdown(subject)}: ${escapeMarkdown(message)} (${id})`,
      ...(text.length === 0 ? [] : ["", ...formatBlock(text).map((line) => `  ${line}`), ""]),
    ]);
    return [...open, ...tasks];
  });
  return lines.length === 0 ? [] : ["## Still to do", "", ...lines, ""];
}

/** Markdown, ended by a newline. */
export function formatSpanReport(report: Report): string {
  const { operations } = report;
  const head = [...formatHead(report), ...formatTimeline(operations), ...formatOpen(operations)];
  const each = operations.map((record) => formatOperation(buildEntry(record), record, 2));
  return `${[head.join("\n").trimEnd(), ...each.map((text) => text.trimEnd())].join("\n\n")}\n`;
}

/** The same as data. `stateChanges` and `alerts` are null because nothing is known of them, not because there were none. */
export function viewSpanReport({ from, to, cluster, journal, operations, isCut }: Report) {
  const views = operations.map(viewOperation);
  return {
    schema: 1,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    cluster,
    journal,
    complete: !isCut,
    operations: views,
    writeGaps: views.flatMap(({ id, cluster: of, gapMs }) =>
      gapMs === null ? [] : [{ operation: id, cluster: of, gapMs }],
    ),
    stateChanges: null,
    alerts: null,
  };
}
