/** Building blocks of detail views. */
import { ageMs, type EpochMs, type Reading } from "../../model/reading.ts";
import { formatAge, formatClock } from "../format/duration.ts";
import { UNKNOWN } from "../format/number.ts";
import { fitText, safeText, wrapText } from "../format/text.ts";
import { type Line, segment } from "../paint.ts";
import type { Token } from "../theme.ts";

const LABEL_WIDTH = 20;

export function headingLine(text: string): Line {
  return [segment(safeText(text), "heading")];
}

/** `label  value`; null is unknown and shown so. Long values go on below, wrapped. */
export function fieldLines(
  label: string,
  value: string | number | boolean | null | undefined,
  width: number,
  token: Token = "text",
): Line[] {
  const head = segment(`  ${fitText(label, LABEL_WIDTH)} `, "dim");
  if (value === null || value === undefined) return [[head, segment(UNKNOWN, "unknown")]];
  const text = typeof value === "boolean" ? (value ? "yes" : "no") : safeText(String(value));
  const wrapped = wrapText(text, Math.max(10, width - LABEL_WIDTH - 3));
  return wrapped.map((part, index) => [
    index === 0 ? head : segment(" ".repeat(LABEL_WIDTH + 3)),
    segment(part, token),
  ]);
}

/** How a reading is known: when, from where, and why not when not. */
export function readingLines<T>(reading: Reading<T>, now: EpochMs, width: number): Line[] {
  const age = ageMs(reading, now);
  const known = age === null ? "never" : `${formatAge(age)} ago`;
  const lines = [
    ...fieldLines("read from", reading.from, width),
    ...fieldLines("last good answer", known, width, reading.state === "fresh" ? "text" : "warning"),
  ];
  if (reading.state !== "failed") return lines;
  const { failure } = reading;
  return [
    ...lines,
    ...fieldLines(
      "failed",
      `${formatClock(reading.failedAt)} ${failure.kind} (${failure.operation}): ${failure.message}`,
      width,
      "critical",
    ),
    ...fieldLines("what to do", failure.advice ?? "", width, "info"),
    ...(reading.last === null
      ? []
      : [[segment("  All below is PAST: it was true at the last good answer, not now.", "warning")]]),
  ];
}
