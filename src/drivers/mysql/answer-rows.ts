/** Rows as they came from the wire, under the names of their columns. Nothing is decoded that nobody asks for: a status has 60 columns. */
import type { Row, RowMap } from "./rows.ts";

/** The columns of a result set: position of each name. */
export interface Columns {
  readonly names: readonly string[];
  readonly positions: ReadonlyMap<string, number>;
}

export const noColumns: Columns = { names: [], positions: new Map() };

/** @param known those of an earlier answer, given back when they are the same */
export function readColumns(fields: unknown, known: Columns | undefined): Columns {
  if (!Array.isArray(fields)) return noColumns;
  const names = (fields as readonly { readonly name: string }[]).map(({ name }) => name);
  if (known?.names.length === names.length && names.every((name, at) => name === known.names[at])) return known;
  return { names, positions: new Map(names.map((name, at) => [name, at])) };
}

export function readRow({ positions }: Columns, cells: readonly unknown[]): Row {
  return {
    get: (column) => {
      const position = positions.get(column);
      return position === undefined ? undefined : readText(cells[position]);
    },
  };
}

/** A row whose columns can be listed. */
export function readRowMap({ names }: Columns, cells: readonly unknown[]): RowMap {
  return new Map(names.map((name, at) => [name, readText(cells[at])]));
}

function readText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return Buffer.isBuffer(value) ? value.toString("utf8") : String(value);
}
