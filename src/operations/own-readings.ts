/** Readings that operations make for themselves, beside those of a running monitor. */
import type { Reading } from "../model/reading.ts";

/** Readings older than this are past. */
const STALE_MS = 10_000;

export function aged<T>(reading: Reading<T> | undefined, from: string, now: number): Reading<T> {
  if (reading === undefined) return { state: "never", from };
  return reading.state === "fresh" && now - reading.at > STALE_MS ? { ...reading, state: "stale" } : reading;
}

export function timeOf(reading: Reading<unknown>): number {
  switch (reading.state) {
    case "never":
      return Number.NEGATIVE_INFINITY;
    case "failed":
      return reading.failedAt;
    default:
      return reading.at;
  }
}

/** The later of the two answers; the monitor's when there is no other. */
export function newer<T>(base: Reading<T>, own: Reading<T>): Reading<T> {
  return own.state !== "never" && timeOf(own) >= timeOf(base) ? own : base;
}
