/** The part of a report that only a recording has: what changed when, and which alerts stood. */
import type { EpochMs } from "../../model/reading.ts";
import { escapeMarkdown, formatCode, formatMarkdownTable } from "../operations/markdown.ts";
import { formatLength } from "../recording/words.ts";
import type { AlertSpan, RecordedSpan } from "./recorded-span.ts";

/** A report is read by people; the recording has them all. */
const MOST_CHANGES = 500;

export const stamp = (at: EpochMs): string => `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;
const clock = (at: EpochMs): string => new Date(at).toISOString().slice(0, 19).replace("T", " ");

export function isWhole({ isCutOff, damaged, gaps }: RecordedSpan): boolean {
  return !isCutOff && damaged === 0 && gaps.length === 0;
}

/** Where something may have come and gone without being in it. What comes after the end of a recording is not in the span. */
function hasHoles({ damaged, gaps }: RecordedSpan): boolean {
  return damaged > 0 || gaps.length > 0;
}

function sayNone(span: RecordedSpan, what: string): string[] {
  return [hasHoles(span) ? `${what} in what can be read of this span.` : `${what} in this span.`, ""];
}

export function formatRecordedHead(span: RecordedSpan): string[] {
  const { path, operator, host, isCutOff, damaged, gaps, changes, alerts } = span;
  const none = hasHoles(span) ? "none in what can be read" : "none";
  return [
    `- State changes: ${changes.length === 0 ? none : changes.length}`,
    `- Alerts: ${alerts.length === 0 ? none : alerts.length}`,
    `- Source: recording ${formatCode(path)} by ${escapeMarkdown(operator)} on ${escapeMarkdown(host)}`,
    ...(isCutOff ? ["- **Cut off**: the recording was not ended on purpose; what came after it is not known."] : []),
    ...(damaged > 0
      ? [`- **Damaged**: ${damaged} ${damaged === 1 ? "part" : "parts"} of the recording could not be read.`]
      : []),
    ...gaps.map(
      ({ from, to }) => `- **Gap**: nothing was recorded for ${formatLength(to - from)} from ${stamp(from)} on.`,
    ),
  ];
}

export function formatRecorded(span: RecordedSpan): string[] {
  return [...formatAlerts(span), ...formatChanges(span)];
}

function formatAlerts(span: RecordedSpan): string[] {
  const { alerts, to } = span;
  if (alerts.length === 0) return sayNone(span, "No alert stood");
  const rows = alerts.map(({ cluster, subject, severity, message, raisedAt, clearedAt, end }) => [
    raisedAt === null ? "before" : escapeMarkdown(clock(raisedAt)),
    clearedAt === null
      ? "still there"
      : escapeMarkdown(end === null ? clock(clearedAt) : `${clock(clearedAt)}, ${end}`),
    raisedAt === null ? "-" : formatLength((clearedAt ?? to) - raisedAt),
    `**${severity}**`,
    escapeMarkdown(cluster),
    escapeMarkdown(subject),
    escapeMarkdown(message),
  ]);
  const heading = ["raised (UTC)", "ended (UTC)", "for", "severity", "cluster", "alert", "what"];
  return ["## Alerts", "", ...formatMarkdownTable(heading, rows), ""];
}

function formatChanges(span: RecordedSpan): string[] {
  const { changes } = span;
  if (changes.length === 0) return sayNone(span, "No state changed");
  const rows = changes
    .slice(0, MOST_CHANGES)
    .map(({ at, cluster, subject, before, after }) => [
      escapeMarkdown(new Date(at).toISOString().slice(0, 23).replace("T", " ")),
      escapeMarkdown(cluster),
      escapeMarkdown(subject),
      escapeMarkdown(before),
      escapeMarkdown(after),
    ]);
  const more = changes.length - rows.length;
  return [
    "## What changed",
    "",
    ...formatMarkdownTable(["UTC", "cluster", "what", "before", "after"], rows),
    ...(more > 0 ? ["", `${more} more changes are in the recording (and in the report as JSON).`] : []),
    "",
  ];
}

const iso = (at: EpochMs | null): string | null => (at === null ? null : new Date(at).toISOString());

export function viewRecording({ path, operator, host, isCutOff, damaged, gaps }: RecordedSpan) {
  const spans = gaps.map(({ from, to }) => ({ from: iso(from), to: iso(to) }));
  return { path, operator, host, cutOff: isCutOff, damagedParts: damaged, gaps: spans };
}

export function viewChanges({ changes }: RecordedSpan) {
  return changes.map(({ at, ...change }) => ({ at: iso(at), ...change }));
}

export function viewAlerts({ alerts }: RecordedSpan) {
  return alerts.map(({ raisedAt, clearedAt, ...alert }: AlertSpan) => {
    return { ...alert, raisedAt: iso(raisedAt), clearedAt: iso(clearedAt) };
  });
}
