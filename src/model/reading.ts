/**
 * A polled value that never forgets how it is known. Nothing above the drivers may treat an absent value as zero or as the
 * last good one: whoever shows a figure has to look at `state` first, and the type makes that unavoidable.
 */

/** Milliseconds since the Unix epoch on the clock of the machine that runs signalbox. */
export type EpochMs = number;

/** Why a reading failed, in the words of the drivers (see drivers/errors.ts); `unknown-outcome` only follows a change. */
export type FailureKind =
  | "unreachable"
  | "timeout"
  | "auth"
  | "tls"
  | "protocol"
  | "unsupported"
  | "rejected"
  | "cancelled"
  | "unknown-outcome";

/** A failure as data: it crosses the worker boundary, so it is a plain object and not an Error. */
export interface Failure {
  readonly kind: FailureKind;
  /** Endpoint that failed, e.g. `lb1 unix:///run/haproxy/admin.sock` or `db1 10.0.0.11:3306`. */
  readonly target: string;
  /** What was being done, e.g. `show stat` or `replica status`. */
  readonly operation: string;
  /** One clear sentence. May hold server text: escape it (model/printable.ts) before a terminal sees it. */
  readonly message: string;
  /** What the operator can do about it; null when nothing better than the message is known. */
  readonly advice: string | null;
  /** Error number or code of the server or system, e.g. 1045 or `ECONNREFUSED`. */
  readonly serverCode: number | string | null;
}

export type Reading<T> =
  | { readonly state: "never"; readonly from: string }
  | { readonly state: "fresh" | "stale"; readonly from: string; readonly value: T; readonly at: EpochMs }
  | {
      readonly state: "failed";
      readonly from: string;
      readonly failure: Failure;
      readonly failedAt: EpochMs;
      /** The last good value, for display as past only. */
      readonly last: { readonly value: T; readonly at: EpochMs } | null;
    };

/** The value when it may be relied upon (fresh), else null. */
export function freshValue<T>(reading: Reading<T>): T | null {
  return reading.state === "fresh" ? reading.value : null;
}

/** The last good value whatever its age, with the time it was read; null when there never was one. */
export function lastKnown<T>(reading: Reading<T>): { readonly value: T; readonly at: EpochMs } | null {
  switch (reading.state) {
    case "never":
      return null;
    case "failed":
      return reading.last;
    default:
      return { value: reading.value, at: reading.at };
  }
}

/** Age of the last good value in milliseconds, never negative; null when there is none. */
export function ageMs<T>(reading: Reading<T>, now: EpochMs): number | null {
  const known = lastKnown(reading);
  return known === null ? null : Math.max(0, now - known.at);
}

/** True for a failure that only a living server can give: it refused or confused us, but it was there. */
export function provesLife(failure: Failure): boolean {
  return failure.kind !== "unreachable" && failure.kind !== "timeout" && failure.kind !== "cancelled";
}

/** Target of failures that are signalbox's own: its engine is not heard, so nothing is known of any server. */
export const ENGINE_TARGET = "signalbox engine";

export function isEngineLost(reading: Reading<unknown>): boolean {
  return reading.state === "failed" && reading.failure.target === ENGINE_TARGET;
}
