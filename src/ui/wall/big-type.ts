/** Text in large letters: pixels of a face, packed into half blocks, or one per cell where a terminal has ASCII only. */
import { type Line, segment } from "../paint.ts";
import type { Token } from "../theme.ts";
import { type Face, LARGE_FACE, SMALL_FACE } from "./font.ts";

/** One size of type: a face and how large its pixels are. */
export interface TypeSize {
  readonly face: Face;
  /** Cells of a pixel across. */
  readonly across: number;
  /** Pixel rows of the terminal (two in a cell with half blocks, one without) that a pixel is high. */
  readonly down: number;
  readonly halfBlocks: boolean;
}

function size(face: Face, across: number, down: number, halfBlocks: boolean): TypeSize {
  return { face, across, down, halfBlocks };
}

/** Largest first. A half of a cell is about square, a whole one twice as high as wide. */
const BLOCK_SIZES: readonly TypeSize[] = [
  ...[6, 5, 4, 3].map((scale) => size(LARGE_FACE, scale, scale, true)),
  size(LARGE_FACE, 2, 2, true),
  size(SMALL_FACE, 2, 2, true),
  size(LARGE_FACE, 1, 1, true),
  size(SMALL_FACE, 1, 1, true),
];

const ASCII_SIZES: readonly TypeSize[] = [
  size(LARGE_FACE, 6, 3, false),
  size(LARGE_FACE, 4, 2, false),
  size(LARGE_FACE, 2, 1, false),
  size(SMALL_FACE, 2, 1, false),
  size(SMALL_FACE, 1, 1, false),
];

export function listSizes(unicode: boolean): readonly TypeSize[] {
  return unicode ? BLOCK_SIZES : ASCII_SIZES;
}

/** Rows of the terminal it takes. */
export function typeHeight({ face, down, halfBlocks }: TypeSize): number {
  const rows = face.height * down;
  return halfBlocks ? Math.ceil(rows / 2) : rows;
}

/** Columns it takes; null when a character has no glyph. */
export function typeWidth(text: string, { face, across }: TypeSize): number | null {
  let pixels = 0;
  for (const character of text) {
    const glyph = face.glyphs.get(character);
    if (glyph === undefined) return null;
    pixels += (glyph[0]?.length ?? 0) + 1;
  }
  return Math.max(0, pixels - 1) * across;
}

/** The text as lines of `typeHeight`; characters without a glyph are left out, so ask `typeWidth` first. */
export function drawType(text: string, type: TypeSize, token: Token): Line[] {
  const { face, across, down, halfBlocks } = type;
  const glyphs = [...text].flatMap((character) => [face.glyphs.get(character) ?? []].filter((rows) => rows.length > 0));
  const rows = Array.from({ length: face.height * down }, (_, row) => {
    const pixels = glyphs.map((glyph) => glyph[Math.floor(row / down)] ?? "").join(".");
    return [...pixels].map((pixel) => pixel.repeat(across)).join("");
  });
  const lines = halfBlocks ? packRows(rows) : rows.map((row) => row.replaceAll(".", " "));
  return lines.map((text) => [segment(text, token)]);
}

const HALVES: Readonly<Record<string, string>> = { "..": " ", "#.": "▀", ".#": "▄", "##": "█" };

function packRows(rows: readonly string[]): string[] {
  return Array.from({ length: Math.ceil(rows.length / 2) }, (_, index) => {
    const [upper = "", lower = ".".repeat(upper.length)] = rows.slice(2 * index, 2 * index + 2);
    return [...upper].map((pixel, column) => HALVES[`${pixel}${lower[column] ?? "."}`] ?? " ").join("");
  });
}

/**
 * How names are written large: in capitals, which read farther. Null when the face lacks a character; the name is then written in ordinary
 * type.
 */
export function toLargeText(text: string): string | null {
  const capitals = text.toUpperCase();
  return [...capitals].every((character) => SMALL_FACE.glyphs.has(character)) ? capitals : null;
}
