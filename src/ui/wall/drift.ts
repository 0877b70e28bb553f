/**
 * Against burn-in: the whole picture moves by one cell every few minutes over a small field, there and back. Large type is made of strokes
 * no wider than the field, so that no part of a stroke stays lit through a round; for the same reason nothing is drawn in reverse video and
 * no area is filled. Small steps, because a jump draws the eye to a screen on which nothing has happened.
 */
import type { ScreenSize } from "../layout.ts";

const STEP_MS = 3 * 60_000;

/** Cells the picture may move by; none where every cell is needed. */
export interface Field {
  readonly columns: number;
  readonly rows: number;
}

export function chooseField({ columns, rows }: ScreenSize): Field {
  if (columns < 60 || rows < 15) return { columns: 0, rows: 0 };
  return {
    columns: Math.min(8, Math.max(4, Math.floor(columns / 20))),
    rows: Math.min(4, Math.max(1, Math.floor(rows / 24))),
  };
}

/** Number of the step since the start. */
export function countSteps(elapsedMs: number): number {
  return Math.max(0, Math.floor(elapsedMs / STEP_MS));
}

/** Where the picture stands: along the rows of the field to and fro, then the same way back. */
export function selectOffset(step: number, field: Field): { readonly left: number; readonly top: number } {
  const width = field.columns + 1;
  const places = width * (field.rows + 1);
  if (places === 1) return { left: 0, top: 0 };
  const round = step % (2 * (places - 1));
  const place = round < places ? round : 2 * (places - 1) - round;
  const top = Math.floor(place / width);
  const along = place % width;
  return { left: top % 2 === 0 ? along : field.columns - along, top };
}

/** Steps until the picture stands where it began. */
export function countRound(field: Field): number {
  return Math.max(1, 2 * ((field.columns + 1) * (field.rows + 1) - 1));
}
