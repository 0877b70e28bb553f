/** Rectangles of lines, put below and beside each other. */
import { fitLine, type Line, lineWidth, type Segment, segment } from "../paint.ts";
import type { Token } from "../theme.ts";
import { drawType, type TypeSize, typeHeight, typeWidth } from "./big-type.ts";

/** Null is ordinary type: one line. */
export type Size = TypeSize | null;

export function sizeHeight(size: Size): number {
  return size === null ? 1 : typeHeight(size);
}

/** Columns it takes; null when it cannot be written in this size. */
export function textColumns(text: string, size: Size): number | null {
  return size === null ? lineWidth([segment(text)]) : typeWidth(text, size);
}

export function drawText(text: string, size: Size, token: Token): Line[] {
  return size === null ? [[segment(text, token)]] : drawType(text, size, token);
}

/** Exactly `rows` lines of exactly `columns`; what does not fit is cut. */
export function fitBlock(lines: readonly Line[], columns: number, rows: number, ellipsis: string): Line[] {
  return Array.from({ length: rows }, (_, row) => fitLine(lines[row] ?? [], columns, "left", ellipsis));
}

/** Blocks of the same height side by side. */
export function besides(blocks: readonly (readonly Line[])[], gap: number): Line[] {
  const rows = Math.max(0, ...blocks.map((lines) => lines.length));
  const between: Segment = segment(" ".repeat(gap));
  return Array.from({ length: rows }, (_, row) =>
    blocks.flatMap((lines, index) => [...(index === 0 ? [] : [between]), ...(lines[row] ?? [])]),
  );
}

export function blankLines(rows: number): Line[] {
  return Array.from({ length: Math.max(0, rows) }, () => []);
}
