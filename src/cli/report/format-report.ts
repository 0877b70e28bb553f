/** `signalbox report`: what happened in a span of time, as the journal of this machine or a recording tells it, ready to paste. */
import type { HandTask } from "../../model/operation.ts";
import type { EpochMs } from "../../model/reading.ts";
import { selectLeftByHand } from "../../operations/journal/left-by-hand.ts";
import type { OperationRecord } from "../../operations/journal/record.ts";
import { formatReport as formatOperation } from "../operations/format-report.ts";
import { escapeMarkdown, formatBlock, formatCode, formatMarkdownTable } from "../operations/markdown.ts";
import { viewOperation } from "../operations/view-operation.ts";
import { describeGap } from "../operations/writes.ts";
import {
  formatRecorded,
  formatRecordedHead,
  isWhole,
  stamp,
  viewAlerts,
  viewChanges,
  viewRecording,
} from "./format-recorded.ts";
import type { RecordedSpan, ToldOperation } from "./recorded-span.ts";

export interface Report {
  readonly from: EpochMs;
  readonly to: EpochMs;
  /** Null: all clusters. */
  readonly cluster: string | null;
  /** Folder of the journal; null where all of it is from a recording. */
  readonly journal: string | null;
  /** Oldest first. */
  readonly operations: readonly ToldOperation[];
  /** What a recording tells beside operations; null without one. */
  readonly recorded: RecordedSpan | null;
  /** True when there are more operations than were read. */
  readonly isCut: boolean;
}

const NOT_KEPT =
  "The journal has no state changes and no alerts: this tells what was done with signalbox by this user on this machine, not what happened by itself or was done from elsewhere. A recording has them: signalbox report FILE.";

/** True for one that ran, or was taken back, in that span. One that nobody ended is judged by its last line. */
export function isWithin({ startedAt, state, lines }: OperationRecord, from: EpochMs, to: EpochMs): boolean {
  if (startedAt > to) return false;
  const last = Date.parse(lines.at(-1)?.at ?? "");
  return state === "running" || state === "draining" || last >= from;
}

function countStates(operations: readonly ToldOperation[]): string {
  const counts = new Map<string, number>();
  for (const {
    entry: { state },
  } of operations)
    counts.set(state, (counts.get(state) ?? 0) + 1);
  const told = [...counts].map(([state, count]) => `${count} ${escapeMarkdown(state)}`);
  return told.length === 0 ? "none" : `${operations.length} (${told.join(", ")})`;
}

function formatHead({ from, to, cluster, journal, operations, recorded, isCut }: Report): string[] {
  const gaps = operations.flatMap(({ entry, record }) => {
    const gap = describeGap(entry, record);
    return gap === null ? [] : [`- Writes stopped for ${gap}: ${formatCode(entry.id)}`];
  });
  const title = recorded === null ? "What was done" : "What happened";
  return [
    `# ${title}: ${cluster === null ? "all clusters" : escapeMarkdown(cluster)}`,
    "",
    `- From ${stamp(from)} to ${stamp(to)}`,
    `- Operations: ${countStates(operations)}`,
    ...gaps,
    ...(recorded === null ? [] : formatRecordedHead(recorded)),
    ...(journal === null ? [] : [`- Source: journal in ${formatCode(journal)}`]),
    ...(isCut
      ? ["- **Not complete**: there are more operations in this span than were read; ask for a shorter one."]
      : []),
    "",
    ...(recorded === null ? [`> ${NOT_KEPT}`, ""] : []),
  ];
}

function formatTimeline(operations: readonly ToldOperation[], heading: string): string[] {
  if (operations.length === 0) return ["No operation in this span.", ""];
  const rows = operations.map(({ entry }) => {
    const { startedAt, cluster, operator, host, title, reason, state, summary } = entry;
    return [
      new Date(startedAt).toISOString().slice(0, 19).replace("T", " "),
      escapeMarkdown(cluster),
      escapeMarkdown(`${operator} on ${host}`),
      escapeMarkdown(title),
      reason === null ? "-" : escapeMarkdown(reason),
      `**${escapeMarkdown(state)}**: ${escapeMarkdown(summary)}`,
    ];
  });
  return [`## ${heading}`, "", ...formatMarkdownTable(["UTC", "cluster", "who", "what", "why", "result"], rows), ""];
}

/** Tasks that still count, by operation: they are judged cluster by cluster. */
function selectTasks(operations: readonly ToldOperation[]): ReadonlyMap<string, readonly HandTask[]> {
  const clusters = new Set(operations.map(({ entry }) => entry.cluster));
  const left = [...clusters].flatMap((cluster) =>
    selectLeftByHand(operations.flatMap(({ record }) => (record.cluster === cluster ? [record] : []))),
  );
  return new Map(left.map(({ record, tasks }) => [record.id, tasks]));
}

/** What is left to people, of all operations at one place. */
function formatOpen(operations: readonly ToldOperation[]): string[] {
  const left = selectTasks(operations);
  const lines = operations.flatMap(({ entry }) => {
    const id = formatCode(entry.id);
    const open = entry.open
      ? [`- [ ] ${id} is not finished: ${formatCode(`signalbox resume ${entry.id}`)} or undo`]
      : [];
    const tasks = (left.get(entry.id) ?? []).flatMap(({ subject, message, lines: text }) => [
      `- [ ] ${escapeMarkdown(subject)}: ${escapeMarkdown(message)} (${id})`,
      ...(text.length === 0 ? [] : ["", ...formatBlock(text).map((line) => `  ${line}`), ""]),
    ]);
    return [...open, ...tasks];
  });
  return lines.length === 0 ? [] : ["## Still to do", "", ...lines, ""];
}

/** Markdown, ended by a newline. */
export function formatSpanReport(report: Report): string {
  const { operations, recorded } = report;
  const happened = recorded === null ? [] : formatRecorded(recorded);
  const timeline = formatTimeline(operations, recorded === null ? "Timeline" : "What was done");
  const head = [...formatHead(report), ...happened, ...timeline, ...formatOpen(operations)];
  const each = operations.map(({ entry, record }) => formatOperation(entry, record, 2));
  return `${[head.join("\n").trimEnd(), ...each.map((text) => text.trimEnd())].join("\n\n")}\n`;
}

/** The same as data. Without a recording `stateChanges` and `alerts` are null because nothing is known of them, not because there were none. */
export function viewSpanReport({ from, to, cluster, journal, operations, recorded, isCut }: Report) {
  const views = operations.map(({ entry, record }) => viewOperation(record, entry));
  return {
    schema: 1,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    cluster,
    journal,
    recording: recorded === null ? null : viewRecording(recorded),
    complete: !isCut && (recorded === null || isWhole(recorded)),
    operations: views,
    writeGaps: views.flatMap(({ id, cluster: of, gapMs }) =>
      gapMs === null ? [] : [{ operation: id, cluster: of, gapMs }],
    ),
    stateChanges: recorded === null ? null : viewChanges(recorded),
    alerts: recorded === null ? null : viewAlerts(recorded),
  };
}
