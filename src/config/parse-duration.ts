import { TextError } from "./text-error.ts";

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Bounds of a duration in milliseconds, both inclusive. */
export interface DurationBounds {
  readonly minMs: number;
  readonly maxMs: number;
}

/** `250ms`, `1.5s`, `5m`, `1h` as whole milliseconds. @throws TextError */
export function parseDuration(text: string, bounds: DurationBounds): number {
  const allowed = `from ${formatDuration(bounds.minMs)} to ${formatDuration(bounds.maxMs)} is allowed`;
  const match = /^(\d{1,9}(?:\.\d{1,3})?)\s*(ms|s|m|h)?$/.exec(text.trim());
  if (match === null) {
    throw new TextError("is not a duration", `write a number with ms, s, m or h, such as 1s or 250ms; ${allowed}`);
  }
  const [, figure = "", unit] = match;
  if (unit === undefined) throw new TextError("has no unit", `write ${figure}s or ${figure}ms; ${allowed}`);
  const durationMs = Math.round(Number(figure) * (UNIT_MS[unit] ?? 1));
  if (durationMs < bounds.minMs) throw new TextError("is too short", allowed);
  if (durationMs > bounds.maxMs) throw new TextError("is too long", allowed);
  return durationMs;
}

/** The shortest way to write a duration in the syntax parseDuration reads. */
export function formatDuration(durationMs: number): string {
  for (const unit of ["h", "m", "s"]) {
    const size = UNIT_MS[unit] ?? 1;
    if (durationMs >= size && durationMs % size === 0) return `${durationMs / size}${unit}`;
  }
  return `${durationMs}ms`;
}
