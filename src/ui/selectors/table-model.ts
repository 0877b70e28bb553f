/** One table with its rows filtered and sorted; cells are drawn only for the rows asked for. */
import type { CellContext, Column, TableSpec } from "../columns/column.ts";
import { textWidth, truncateMiddle } from "../format/text.ts";
import { type ColumnWish, layoutColumns, type PlacedColumn } from "../layout.ts";
import { fitLine, type Line, lineWidth, plainText, type Segment, segment } from "../paint.ts";
import type { Sort } from "../state/state.ts";

export const COLUMN_GAP = 1;

export interface TableColumn {
  readonly id: string;
  readonly title: string;
  readonly sortable: boolean;
}

/** A table without its row type, so that panes are handled alike. */
export interface TableModel {
  readonly keys: readonly string[];
  /** Rows before the filter. */
  readonly total: number;
  readonly columns: readonly TableColumn[];
  readonly empty: string;
  indexOf(key: string): number;
  place(width: number, context: CellContext): readonly PlacedColumn[];
  heading(placed: readonly PlacedColumn[], sort: Sort | null, context: CellContext): Line;
  drawRow(index: number, placed: readonly PlacedColumn[], context: CellContext): Line;
  /** All columns, tab between: what `c` copies. */
  copyRow(index: number, context: CellContext): string;
}

export function createTableModel<Row>(spec: TableSpec<Row>, filter: string, sort: Sort | null): TableModel {
  const rows = sortRows(filterRows(spec, filter), spec.columns, sort);
  const keys = rows.map(spec.keyOf);
  const byId = new Map(spec.columns.map((column) => [column.id, column]));
  let indexes: Map<string, number> | null = null;
  let placedFor: { readonly width: number; readonly tree: boolean; readonly placed: readonly PlacedColumn[] } | null =
    null;
  return {
    keys,
    total: spec.rows.length,
    columns: spec.columns.map((column) => ({
      id: column.id,
      title: column.title,
      sortable: column.sortValue !== undefined,
    })),
    empty: spec.empty,
    indexOf(key) {
      indexes ??= new Map(keys.map((each, index) => [each, index]));
      return indexes.get(key) ?? -1;
    },
    place(width, context) {
      if (placedFor?.width === width && placedFor.tree === context.tree) return placedFor.placed;
      const wishes = spec.columns.map((column) => wishFor(column, rows, context));
      placedFor = { width, tree: context.tree, placed: layoutColumns(wishes, width, COLUMN_GAP) };
      return placedFor.placed;
    },
    heading: (placed, order, context) =>
      joinCells(
        placed.map(({ id, width }) => {
          const column = byId.get(id);
          const mark = order?.column === id ? context.glyphs[order.direction] : "";
          return fitLine(
            [segment(`${column?.title ?? ""}${mark}`, "heading")],
            width,
            column?.align,
            context.glyphs.ellipsis,
          );
        }),
      ),
    drawRow(index, placed, context) {
      const row = rows[index];
      if (row === undefined) return [];
      return joinCells(
        placed.map(({ id, width }) => {
          const column = byId.get(id);
          const cell = column?.cell(row, context) ?? [];
          const { ellipsis } = context.glyphs;
          return fitLine(
            column?.cut === "middle" ? cutName(cell, width, ellipsis) : cell,
            width,
            column?.align,
            ellipsis,
          );
        }),
      );
    },
    copyRow(index, context) {
      const row = rows[index];
      return row === undefined
        ? ""
        : spec.columns.map((column) => plainText(column.cell(row, context)).trim()).join("\t");
    },
  };
}

function filterRows<Row>(spec: TableSpec<Row>, filter: string): readonly Row[] {
  const words = filter.toLowerCase().split(" ").filter(Boolean);
  if (words.length === 0) return spec.rows;
  return spec.rows.filter((row) => {
    const text = spec.searchText(row).toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function sortRows<Row>(rows: readonly Row[], columns: readonly Column<Row>[], sort: Sort | null): readonly Row[] {
  const sortValue = columns.find((column) => column.id === sort?.column)?.sortValue;
  if (sort === null || sortValue === undefined) return rows;
  const sign = sort.direction === "ascending" ? 1 : -1;
  return [...rows].sort((a, b) => {
    const left = sortValue(a);
    const right = sortValue(b);
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    if (left === right) return 0;
    if (typeof left === "number" && typeof right === "number") return sign * (left - right);
    return sign * String(left).localeCompare(String(right), "en", { numeric: true });
  });
}

function wishFor<Row>(column: Column<Row>, rows: readonly Row[], context: CellContext): ColumnWish {
  let width = 0;
  if (column.width === "content") {
    width = textWidth(column.title);
    for (const row of rows) width = Math.max(width, lineWidth(column.cell(row, context)));
    width = Math.min(width, column.maxWidth ?? width);
  } else {
    width = column.width;
  }
  return {
    id: column.id,
    priority: column.priority,
    minWidth: Math.min(column.minWidth, Math.max(width, 1)),
    width,
    grow: column.grow ?? 0,
  };
}

/** The last part of the cell is the name; tree lines stand before it. */
function cutName(cell: Line, width: number, ellipsis: string): Line {
  const name = cell.at(-1);
  const over = lineWidth(cell) - width;
  if (name === undefined || over <= 0) return cell;
  return [...cell.slice(0, -1), segment(truncateMiddle(name.text, textWidth(name.text) - over, ellipsis), name.token)];
}

function joinCells(cells: readonly Line[]): Line {
  const line: Segment[] = [];
  cells.forEach((cell, index) => {
    if (index > 0) line.push(segment(" ".repeat(COLUMN_GAP)));
    line.push(...cell);
  });
  return line;
}
