/** Lines about a run that moves writes: how long they stand still, what is waited for, and who is in the way. */
import type { Blocker, PromotionPlan, PromotionProgress } from "../../model/operation.ts";
import { printable } from "../../model/printable.ts";
import { formatBound, formatGap, nameGap } from "../../model/promotion-words.ts";
import type { EpochMs } from "../../model/reading.ts";
import { formatClock } from "./format-progress.ts";

/** A query longer than this tells nobody more at 3 a.m.; the console and the server have the whole of it. */
const LONGEST_QUERY = 200;
const MOST_BLOCKERS = 5;

/** Milliseconds the writes have been standing still so far; null when they are not. */
function stoppedSoFarMs({ stoppedAt, openedAt }: PromotionProgress, now: EpochMs): number | null {
  return stoppedAt === null || openedAt !== null ? null : Math.max(0, now - stoppedAt);
}

function formatBlocker({ node, sessionId, account, seconds, query }: Blocker): string {
  const since = seconds === null ? "for an unknown time" : `for ${seconds} s`;
  const text = query === null ? "runs nothing that is told" : printable(query);
  const cut = text.length > LONGEST_QUERY ? `${text.slice(0, LONGEST_QUERY)}…` : text;
  return `    ${printable(`${node} session ${sessionId} of ${account}, ${since}`)}: ${cut}`;
}

/** What is waited for and who blocks it; empty when nothing is waited for. */
export function formatWaiting(progress: PromotionProgress, now: EpochMs): string[] {
  const { waitingFor, blockers, budgetMs } = progress;
  if (waitingFor === null && blockers.length === 0) return [];
  const soFarMs = stoppedSoFarMs(progress, now);
  const stop =
    soFarMs === null ? "" : ` (writes stopped for ${formatBound(soFarMs)} of at most ${formatBound(budgetMs)})`;
  const more = blockers.length - MOST_BLOCKERS;
  return [
    `${formatClock(now)}  waits for ${printable(waitingFor ?? "sessions to end")}${stop}`,
    ...(blockers.length === 0 ? [] : ["  in the way:"]),
    ...blockers.slice(0, MOST_BLOCKERS).map(formatBlocker),
    ...(more > 0 ? [`    and ${more} more`] : []),
  ];
}

/** A line and when what it tells happened; within one millisecond what has the lower rank comes first. */
export interface TimedLine {
  readonly at: EpochMs;
  readonly rank: number;
  readonly line: string;
}

/**
 * What has happened to the writes since the look before.
 * @param openingAt when the step that opens the new primary was done, for its place among the steps
 */
export function formatTurns(
  before: PromotionProgress | null,
  progress: PromotionProgress,
  openingAt: EpochMs,
): TimedLine[] {
  const { stoppedAt, openedAt, gapMs, budgetMs, pastNoReturn } = progress;
  const lines: TimedLine[] = [];
  if (stoppedAt !== null && (before === null || before.stoppedAt === null)) {
    const line = `${formatClock(stoppedAt)}  writes are stopped, for at most ${formatBound(budgetMs)}`;
    lines.push({ at: stoppedAt, rank: 0, line });
  }
  if (pastNoReturn && before?.pastNoReturn !== true) {
    const line = "  - - - point of no return passed: nothing is taken back from here on - - -";
    lines.push({ at: openingAt, rank: 0, line });
  }
  if (openedAt !== null && (before === null || before.openedAt === null)) {
    const line = `${formatClock(openedAt)}  writes flow again${gapMs === null ? "" : `, after ${formatGap(gapMs)}`}`;
    lines.push({ at: openedAt, rank: 2, line });
  }
  return lines;
}

/** `writes stopped for 38.4 ms`: the sentence at the end; null when they never stood still. */
export function formatWriteStop(
  { stoppedAt, openedAt, gapMs }: PromotionProgress,
  mode: PromotionPlan["mode"],
): string | null {
  if (gapMs !== null) return `${nameGap(mode)} ${formatGap(gapMs)}`;
  if (stoppedAt === null) return null;
  return openedAt === null
    ? "WRITES ARE STILL STOPPED as far as is known"
    : "writes were stopped; for how long is not known";
}
