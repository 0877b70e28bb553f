/** Time as the monitor sees it, so that tests can turn it by hand. */
import type { EpochMs } from "../model/reading.ts";

export interface Clock {
  /** Milliseconds that only ever grow and do not care about the wall clock: for deadlines, cadence and rates. */
  monotonicMs(): number;
  /** Wall clock, for stamps only: it may jump either way. */
  epochMs(): EpochMs;
  /** Calls back once after that many milliseconds; returns the function that cancels. */
  after(delayMs: number, callback: () => void): () => void;
  /** 0 ≤ x < 1, for jitter. */
  random(): number;
}

export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  epochMs: () => Date.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.max(0, delayMs));
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};
