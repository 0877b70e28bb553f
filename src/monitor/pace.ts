/** How often, how long and how patiently an endpoint is asked. All in milliseconds, all derived from the poll interval. */
import type { FailureKind } from "../model/reading.ts";

/** A value older than the interval and this much is stale: one ordinary round trip late, and nothing more. */
const STALE_MARGIN_MS = 500;

const MIN_DEADLINE_MS = 2_000;
const MAX_DEADLINE_MS = 5_000;

const BACKOFF_CAP_MS = 5_000;
/** Refused logins are retried less often: MySQL 8 can lock an account after repeated failures. */
const LOGIN_BACKOFF_CAP_MS = 15_000;

/** Age at which a good value stops being the present. */
export function staleAfterMs(intervalMs: number): number {
  return intervalMs + STALE_MARGIN_MS;
}

/** Deadline of one poll; `connectTimeoutMs` counts only while there is no working connection. */
export function pollDeadlineMs(intervalMs: number, connected: boolean, connectTimeoutMs: number): number {
  const deadlineMs = Math.min(MAX_DEADLINE_MS, Math.max(MIN_DEADLINE_MS, 2 * intervalMs));
  return connected ? deadlineMs : Math.max(deadlineMs, connectTimeoutMs);
}

/** Pause after the n-th failure in a row (n ≥ 1), counted from the start of the failed poll: interval, twice that, … up to a cap. For ever. */
export function backoffMs(intervalMs: number, failuresInRow: number, kind: FailureKind): number {
  const capMs = kind === "auth" || kind === "tls" ? LOGIN_BACKOFF_CAP_MS : BACKOFF_CAP_MS;
  const doubled = intervalMs * 2 ** Math.min(20, Math.max(0, failuresInRow - 1));
  return Math.max(intervalMs, Math.min(capMs, doubled));
}

/** Span over which the endpoints of one round are spread: few endpoints stay close together so that the picture is of one moment. */
export function spreadMs(intervalMs: number, endpoints: number, urgent: boolean): number {
  return urgent ? Math.min(50, endpoints) : Math.min(intervalMs / 4, endpoints * 4);
}

/** Endpoints that are asked in one turn of the event loop: each wake-up costs more than the work of a small poll (measured: a third less CPU). */
const TURN_MS = 40;

/** When within its round an endpoint is asked; `phase` from 0 to 1. */
export function startWithinMs(phase: number, spread: number): number {
  return Math.floor((phase * spread) / TURN_MS) * TURN_MS;
}

/** How long a round waits for its slowest endpoint before it publishes without it. */
export function settleWindowMs(intervalMs: number): number {
  return Math.min(400, intervalMs * 0.4);
}
