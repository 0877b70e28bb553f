/** Trend of the newest samples in one line of text. */
import type { Glyphs } from "../glyphs.ts";

/**
 * Draws the newest `width` samples, scaled from 0 to the highest of them, but never finer than `floor`: noise below it stays flat.
 * A tick without data is a gap, never a zero. Missing history is padded on the left.
 */
export function formatSparkline(
  samples: readonly (number | null)[],
  width: number,
  floor: number,
  glyphs: Glyphs,
): string {
  const shown = samples.slice(-width);
  let highest = floor;
  for (const sample of shown) if (sample !== null && sample > highest) highest = sample;
  const steps = glyphs.spark.length - 1;
  let line = " ".repeat(Math.max(0, width - shown.length));
  for (const sample of shown) {
    if (sample === null) line += glyphs.sparkGap;
    else line += glyphs.spark[Math.min(steps, Math.ceil((Math.max(0, sample) / highest) * steps))] ?? "";
  }
  return line;
}
