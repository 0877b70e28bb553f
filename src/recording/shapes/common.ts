/** Shapes that several parts of a recording share. */
import type { Alert, AlertCode, Health, Severity } from "../../model/alert.ts";
import type { EpochMs, Failure, Reading } from "../../model/reading.ts";
import { anyWord, either, nullable, number, oneOf, record, type Shape, text, time } from "./shape.ts";

export const severity: Shape<Severity> = oneOf("critical", "warning", "info");
export const health: Shape<Health> = oneOf("ok", "warning", "critical", "unknown");

export const failure = record<Failure>({
  kind: oneOf(
    "unreachable",
    "timeout",
    "auth",
    "tls",
    "protocol",
    "unsupported",
    "rejected",
    "cancelled",
    "unknown-outcome",
  ),
  target: text,
  operation: text,
  message: text,
  advice: nullable(text),
  serverCode: nullable(either(number, text)),
});

export const alert = record<Alert>({
  code: anyWord<AlertCode>(),
  severity,
  node: nullable(text),
  subject: text,
  message: text,
  advice: text,
});

export function readingOf<T>(value: Shape<T>): Shape<Reading<T>> {
  type Known = Extract<Reading<T>, { state: "fresh" | "stale" }>;
  type Failed = Extract<Reading<T>, { state: "failed" }>;
  const never = record<Extract<Reading<T>, { state: "never" }>>({ state: oneOf("never"), from: text });
  const known = record<Known>({ state: oneOf("fresh", "stale"), from: text, value, at: time });
  const failed = record<Failed>({
    state: oneOf("failed"),
    from: text,
    failure,
    failedAt: time,
    last: nullable(record<{ readonly value: T; readonly at: EpochMs }>({ value, at: time })),
  });
  return either(either(never, known), failed);
}
