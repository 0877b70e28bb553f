/** A result that can be filtered: what SHOW … and information_schema tables have in common. */
import type { SqlSession } from "../sql/session.ts";
import type { Cell, Column, ColumnType } from "../wire/answer.ts";

export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
}

export type TableSource = (session: SqlSession) => Table;

/** Columns from `name:type` words; the type is text when left out. */
export function columnsOf(words: string): Column[] {
  return words.split(/\s+/).map((word) => {
    const [name = "", type = "text"] = word.split(":");
    return { name, type: type as ColumnType };
  });
}
