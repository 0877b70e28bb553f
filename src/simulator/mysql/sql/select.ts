/** SELECT: a list of expressions, with or without one table, WHERE, GROUP-less COUNT(*), ORDER BY and LIMIT. */
import { readTable } from "../tables/information-schema.ts";
import type { Table } from "../tables/table.ts";
import { readVariable } from "../variables.ts";
import type { Cell, Column, ColumnType, StatementResult } from "../wire/answer.ts";
import { compareCells, isTrue } from "./cells.ts";
import type { Cursor } from "./cursor.ts";
import { evaluate, type RowLookup } from "./evaluate.ts";
import { type Expression, parseExpression } from "./expression.ts";
import { functionType } from "./functions.ts";
import type { SqlSession } from "./session.ts";

interface SelectItem {
  /** Null for `*`. */
  readonly expression: Expression | null;
  readonly name: string;
}

interface Order {
  readonly expression: Expression;
  readonly descending: boolean;
}

interface Select {
  readonly items: readonly SelectItem[];
  readonly table: { readonly schema: string | null; readonly name: string } | null;
  readonly where: Expression | null;
  readonly order: readonly Order[];
  readonly limit: number;
  readonly offset: number;
}

function parseItem(cursor: Cursor): SelectItem {
  if (cursor.accept("*")) return { expression: null, name: "*" };
  const from = cursor.peek().at;
  const expression = parseExpression(cursor);
  const written = cursor.text(from, cursor.peek().at).trim();
  const alias = cursor.accept("AS") || (isAlias(cursor) && cursor.peek().kind !== "end");
  if (!alias)
    return {
      expression,
      name: expression.kind === "column" ? expression.name : written.replace(/^(['"])(.*)\1$/, "$2"),
    };
  const token = cursor.next();
  if (token.kind !== "word" && token.kind !== "quoted-name" && token.kind !== "string") throw cursor.fail();
  return { expression, name: token.text };
}

const clauseWords = new Set(["FROM", "WHERE", "ORDER", "LIMIT", "GROUP", "HAVING", "UNION", "FOR", "INTO", "LOCK"]);

function isAlias(cursor: Cursor): boolean {
  const token = cursor.peek();
  if (token.kind === "quoted-name") return true;
  return token.kind === "word" && !clauseWords.has(token.text.toUpperCase());
}

function parseTable(cursor: Cursor): { schema: string | null; name: string } {
  const first = cursor.name();
  const table = cursor.accept(".") ? { schema: first, name: cursor.name() } : { schema: null, name: first };
  if (cursor.accept("AS") || isAlias(cursor)) cursor.name();
  return table;
}

function parseOrder(cursor: Cursor): Order[] {
  const order: Order[] = [];
  do {
    const expression = parseExpression(cursor);
    const descending = cursor.accept("DESC");
    if (!descending) cursor.accept("ASC");
    order.push({ expression, descending });
  } while (cursor.accept(","));
  return order;
}

function parseCount(cursor: Cursor): number {
  const token = cursor.next();
  if (token.kind !== "number") throw cursor.fail();
  return Number(token.text);
}

function parseLimit(cursor: Cursor): { limit: number; offset: number } {
  if (!cursor.accept("LIMIT")) return { limit: Number.POSITIVE_INFINITY, offset: 0 };
  const first = parseCount(cursor);
  if (cursor.accept(",")) return { offset: first, limit: parseCount(cursor) };
  return { limit: first, offset: cursor.accept("OFFSET") ? parseCount(cursor) : 0 };
}

function parseSelect(cursor: Cursor): Select {
  const items = [parseItem(cursor)];
  while (cursor.accept(",")) items.push(parseItem(cursor));
  const fromTable = cursor.accept("FROM") && !cursor.accept("DUAL");
  const table = fromTable ? parseTable(cursor) : null;
  const where = cursor.accept("WHERE") ? parseExpression(cursor) : null;
  const order = cursor.accept("ORDER", "BY") ? parseOrder(cursor) : [];
  const limits = parseLimit(cursor);
  cursor.finish();
  return { items, table, where, order, ...limits };
}

function lookupIn(table: Table | null, row: readonly Cell[]): RowLookup {
  const names = new Map(table?.columns.map(({ name }, index) => [name.toLowerCase(), index]));
  return (name) => {
    const index = names.get(name);
    return index === undefined ? undefined : (row[index] ?? null);
  };
}

function typeOf(session: SqlSession, expression: Expression, table: Table | null): ColumnType {
  switch (expression.kind) {
    case "literal":
      return expression.value === null
        ? "null"
        : typeof expression.value === "string"
          ? "text"
          : expression.decimal
            ? "decimal"
            : "int";
    case "column":
      return table?.columns.find(({ name }) => name.toLowerCase() === expression.name.toLowerCase())?.type ?? "text";
    case "variable": {
      const { type } = readVariable(session, expression.name, expression.scope);
      return type === "text" ? "text" : type === "real" ? "double" : "bigint";
    }
    case "call":
      return expression.name === "count" ? "bigint" : functionType(expression.name);
    default:
      return expression.kind === "operator" ? "bigint" : "text";
  }
}

function filterRows(
  session: SqlSession,
  rows: readonly (readonly Cell[])[],
  table: Table | null,
  where: Expression | null,
): (readonly Cell[])[] {
  if (where === null) return [...rows];
  return rows.filter((row) => isTrue(evaluate(where, { session, row: lookupIn(table, row), place: "WHERE" })));
}

function sortRows(session: SqlSession, rows: (readonly Cell[])[], table: Table | null, order: readonly Order[]): void {
  const key = (row: readonly Cell[], { expression }: Order): Cell =>
    evaluate(expression, { session, row: lookupIn(table, row), place: "ORDER BY" });
  rows.sort((left, right) => {
    for (const item of order) {
      const compared = compareCells(key(left, item), key(right, item));
      if (compared !== 0) return item.descending ? -compared : compared;
    }
    return 0;
  });
}

/** Rows that satisfy a condition, for SHOW … WHERE. */
export function selectWhere(session: SqlSession, table: Table, where: Expression): Table {
  return { columns: table.columns, rows: filterRows(session, table.rows, table, where) };
}

function isCount({ expression }: SelectItem): boolean {
  return expression?.kind === "call" && expression.name === "count";
}

/** Runs a SELECT whose first word was taken. @throws SqlError */
export function runSelect(session: SqlSession, cursor: Cursor): StatementResult {
  const select = parseSelect(cursor);
  const table = select.table === null ? null : readTable(session, select.table.schema, select.table.name);
  if (table === null && select.items.some(({ expression }) => expression === null)) throw cursor.fail();
  const items = select.items.flatMap((item): SelectItem[] =>
    item.expression !== null || table === null
      ? [item]
      : table.columns.map(({ name }) => ({ name, expression: { kind: "column", name } })),
  );
  const columns: Column[] = items.map((item) => ({
    name: item.name,
    type: item.expression === null ? "text" : typeOf(session, item.expression, table),
  }));
  const found = filterRows(session, table?.rows ?? [[]], table, select.where);
  if (items.some(isCount)) {
    if (!items.every(isCount)) throw cursor.fail();
    return { kind: "rows", columns, rows: [items.map(() => found.length)] };
  }
  sortRows(session, found, table, select.order);
  const rows = found.slice(select.offset, select.offset + select.limit).map((row) => {
    const context = { session, row: lookupIn(table, row), place: "SELECT" };
    return items.map(({ expression }) => (expression === null ? null : evaluate(expression, context)));
  });
  return { kind: "rows", columns, rows };
}
