/** Columns as data. A column knows its title, how much room it wants, how a row looks in it and how rows sort by it. */
import type { EpochMs } from "../../model/reading.ts";
import type { Glyphs } from "../glyphs.ts";
import type { Line } from "../paint.ts";
import type { LagLimits } from "../state/state.ts";

export interface CellContext {
  readonly glyphs: Glyphs;
  readonly now: EpochMs;
  readonly lagLimits: LagLimits;
  /** False while sorted or filtered: tree lines would lie. */
  readonly tree: boolean;
}

export interface Column<Row> {
  /** Unique in its table; also the name used by sorting and the palette. */
  readonly id: string;
  readonly title: string;
  /** 0 always shown; the higher, the wider the terminal has to be. */
  readonly priority: number;
  readonly minWidth: number;
  /** Cells it would like; `content` measures the rows (only for texts that rarely change), up to `maxWidth`. */
  readonly width: number | "content";
  readonly maxWidth?: number;
  readonly align?: "left" | "right";
  readonly grow?: number;
  /** Where a cell that is too long is cut; at its end unless told. Names are cut in their last part, out of the middle. */
  readonly cut?: "middle";
  readonly cell: (row: Row, context: CellContext) => Line;
  /** Null sorts last whatever the direction: unknown is neither small nor big. Absent: not sortable. */
  readonly sortValue?: (row: Row) => number | string | null;
}

/** One table: what its rows are and what finds them. */
export interface TableSpec<Row> {
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  /** Text the filter looks in. */
  readonly searchText: (row: Row) => string;
  /** What to say instead of rows. */
  readonly empty: string;
}
