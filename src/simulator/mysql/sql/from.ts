/** FROM: one table, or several joined; every column can be named with its table in front. */
import { readTable } from "../tables/information-schema.ts";
import type { Table } from "../tables/table.ts";
import type { Cell, Column } from "../wire/answer.ts";
import { isTrue } from "./cells.ts";
import type { Cursor } from "./cursor.ts";
import { evaluate, type RowLookup } from "./evaluate.ts";
import { type Expression, parseExpression } from "./expression.ts";
import type { SqlSession } from "./session.ts";

interface TableName {
  readonly schema: string | null;
  readonly name: string;
  readonly alias: string;
}

export interface From {
  readonly first: TableName;
  readonly joins: readonly { readonly table: TableName; readonly on: Expression; readonly outer: boolean }[];
}

/** Rows of a FROM, and which table each column is of. */
export interface Source extends Table {
  readonly owners: readonly string[];
}

const clauseWords = new Set(
  "FROM WHERE ORDER LIMIT GROUP HAVING UNION FOR INTO LOCK LEFT RIGHT INNER JOIN ON USING".split(" "),
);

/** Whether a name comes next that is no word of the grammar. */
export function isAlias(cursor: Cursor): boolean {
  const token = cursor.peek();
  if (token.kind === "quoted-name") return true;
  return token.kind === "word" && !clauseWords.has(token.text.toUpperCase());
}

function parseTable(cursor: Cursor): TableName {
  const first = cursor.name();
  const schema = cursor.accept(".") ? first : null;
  const name = schema === null ? first : cursor.name();
  const alias = cursor.accept("AS") || isAlias(cursor) ? cursor.name() : name;
  return { schema, name, alias: alias.toLowerCase() };
}

/** What follows the word FROM. */
export function parseFrom(cursor: Cursor): From {
  const first = parseTable(cursor);
  const joins: From["joins"][number][] = [];
  for (;;) {
    const outer = cursor.accept("LEFT");
    if (outer) cursor.accept("OUTER");
    else cursor.accept("INNER");
    if (!cursor.accept("JOIN")) {
      if (outer) throw cursor.fail();
      return { first, joins };
    }
    const table = parseTable(cursor);
    cursor.expect("ON");
    joins.push({ table, on: parseExpression(cursor), outer });
  }
}

/** Columns by their own names (the first of that name) and with their table in front. */
export function lookupIn(source: Source | null, row: readonly Cell[]): RowLookup {
  const places = source === null ? undefined : placesOf(source);
  return (name) => {
    const index = places?.get(name);
    return index === undefined ? undefined : (row[index] ?? null);
  };
}

const known = new WeakMap<Source, ReadonlyMap<string, number>>();

function placesOf(source: Source): ReadonlyMap<string, number> {
  const before = known.get(source);
  if (before !== undefined) return before;
  const places = new Map<string, number>();
  for (const [index, { name }] of source.columns.entries()) {
    const lower = name.toLowerCase();
    if (!places.has(lower)) places.set(lower, index);
    places.set(`${source.owners[index] ?? ""}.${lower}`, index);
  }
  known.set(source, places);
  return places;
}

/** A table as it stands, e.g. that of SHOW … WHERE. */
export function asSource(table: Table, owner: string): Source {
  return { ...table, owners: table.columns.map(() => owner) };
}

function join(session: SqlSession, left: Source, right: Source, on: Expression, outer: boolean): Source {
  const columns: readonly Column[] = [...left.columns, ...right.columns];
  const both: Source = { columns, owners: [...left.owners, ...right.owners], rows: [] };
  const nothing = right.columns.map(() => null);
  const rows = left.rows.flatMap((row) => {
    const matching = right.rows
      .map((other) => [...row, ...other])
      .filter((all) => isTrue(evaluate(on, { session, row: lookupIn(both, all), place: "ON" })));
    return matching.length > 0 || !outer ? matching : [[...row, ...nothing]];
  });
  return { ...both, rows };
}

/** @throws SqlError 1146, 1046, 1054 */
export function readFrom(session: SqlSession, { first, joins }: From): Source {
  const read = ({ schema, name, alias }: TableName): Source => asSource(readTable(session, schema, name), alias);
  return joins.reduce((left, { table, on, outer }) => join(session, left, read(table), on, outer), read(first));
}
