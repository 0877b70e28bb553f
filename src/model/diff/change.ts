import type { ChangeEvent } from "../change.ts";
import { withoutStop } from "../printable.ts";
import { type EpochMs, lastKnown, type Reading } from "../reading.ts";

/** A change before it is stamped with time and cluster. */
export type Change = Omit<ChangeEvent, "at" | "cluster">;

/** `2026-11-20T15:31:02Z`, UTC. */
export function formatInstant(at: EpochMs): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
}

/** How a reading is called in the timeline while its endpoint is silent. */
export function describeSilence(reading: Reading<unknown>): string {
  const known = lastKnown(reading);
  const seen = known === null ? "never seen" : `last seen ${formatInstant(known.at)}`;
  return reading.state === "failed"
    ? `no answer: ${withoutStop(reading.failure.message)} (${seen})`
    : `no answer (${seen})`;
}

/** The one event of losing or regaining sight of an endpoint; null when neither happened. The first answer ever is no event. */
export function diffSight(
  before: Reading<unknown>,
  after: Reading<unknown>,
  about: Pick<Change, "kind" | "subject">,
): Change | null {
  const was = before.state === "fresh";
  const is = after.state === "fresh";
  if (was && !is) return { ...about, severity: "warning", before: "answering", after: describeSilence(after) };
  if (is && (before.state === "stale" || before.state === "failed")) {
    return { ...about, severity: "info", before: "no answer", after: "answering" };
  }
  if (before.state === "never" && after.state === "failed") {
    return { ...about, severity: "warning", before: "not asked", after: describeSilence(after) };
  }
  return null;
}
