/**
 * Values as columns of dots. Pure: values in, lines of text out. A gap has no dots at all, zero has the lowest one, and anything above
 * zero at least two: the three never look alike.
 */

/** Dots of a braille cell from the bottom up: left column, right column (Unicode 3.0, block U+2800). */
const BRAILLE = 0x2800;
const LEFT_DOTS = [0x40, 0x04, 0x02, 0x01];
const RIGHT_DOTS = [0x80, 0x20, 0x10, 0x08];
export const DOTS_PER_CELL = 4;

/** Oldest first. */
export type Values = readonly (number | null)[];

/**
 * `height` lines of exactly `width` cells, top line first; the newest value is the rightmost column, two columns to a cell.
 * @param highest value of a full column; what is higher is cut off there
 */
export function plotBraille(values: Values, width: number, height: number, highest: number): string[] {
  const levels = alignRight(values, 2 * width).map((value) => levelOf(value, height * DOTS_PER_CELL, highest));
  return Array.from({ length: height }, (_, row) => {
    const below = (height - 1 - row) * DOTS_PER_CELL;
    let line = "";
    for (let cell = 0; cell < width; cell += 1) {
      const dots =
        dotsOf(levels[2 * cell] ?? 0, below, LEFT_DOTS) | dotsOf(levels[2 * cell + 1] ?? 0, below, RIGHT_DOTS);
      // Some fonts draw the braille cell without dots as eight hollow ones.
      line += dots === 0 ? " " : String.fromCharCode(BRAILLE + dots);
    }
    return line;
  });
}

/** Parts of a cell in ASCII: nothing, a third, two thirds, all of it. */
const ASCII_PARTS = [" ", ".", ":", "#"];

/** As plotBraille, in ASCII: a cell is the higher of its two columns, and zero a line at the bottom. */
export function plotAscii(values: Values, width: number, height: number, highest: number): string[] {
  const full = ASCII_PARTS.length - 1;
  const columns = alignRight(values, 2 * width).map((value) => levelOf(value, height * full, highest));
  const levels = Array.from({ length: width }, (_, cell) =>
    Math.max(columns[2 * cell] ?? 0, columns[2 * cell + 1] ?? 0),
  );
  return Array.from({ length: height }, (_, row) => {
    const below = (height - 1 - row) * full;
    return levels
      .map((level) => {
        if (below === 0 && level === 1) return "_";
        return ASCII_PARTS[Math.max(0, Math.min(full, level - below))] ?? "";
      })
      .join("");
  });
}

/** 0: a gap; 1: zero; up to `levels`. */
function levelOf(value: number | null, levels: number, highest: number): number {
  if (value === null) return 0;
  if (!(value > 0) || !(highest > 0)) return 1;
  return Math.min(levels, 1 + Math.max(1, Math.ceil((value / highest) * (levels - 1))));
}

function dotsOf(level: number, below: number, dots: readonly number[]): number {
  let bits = 0;
  for (let dot = 0; dot < Math.min(DOTS_PER_CELL, level - below); dot += 1) bits |= dots[dot] ?? 0;
  return bits;
}

function alignRight(values: Values, columns: number): Values {
  const shown = values.slice(-columns);
  return columns === 0 ? [] : [...Array<null>(columns - shown.length).fill(null), ...shown];
}
