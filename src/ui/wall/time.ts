/**
 * Time on a screen that stays up for weeks: the wall clock may be set back or forth, and the clock that only grows stands still while a
 * laptop sleeps. Neither alone tells how old something is, so the larger of both does: what may be old is called old.
 */
import type { EpochMs } from "../../model/reading.ts";

export interface WallTime {
  readonly epochMs: EpochMs;
  /** Only ever grows; for pace and order. */
  readonly monotonicMs: number;
}

/** Milliseconds from `then` to `now`, never negative. */
export function elapsedMs(then: WallTime, now: WallTime): number {
  return Math.max(0, now.monotonicMs - then.monotonicMs, now.epochMs - then.epochMs);
}
