/** SELECT: a list of expressions, with or without one table, WHERE, GROUP BY, ORDER BY and LIMIT. */
import type { Table } from "../tables/table.ts";
import { readVariable } from "../variables.ts";
import type { Cell, Column, ColumnType, StatementResult } from "../wire/answer.ts";
import { compareCells, isTrue } from "./cells.ts";
import type { Cursor } from "./cursor.ts";
import { evaluate, isAggregate } from "./evaluate.ts";
import { type Expression, parseExpression } from "./expression.ts";
import { asSource, type From, isAlias, lookupIn, parseFrom, readFrom, type Source } from "./from.ts";
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
  readonly distinct: boolean;
  readonly items: readonly SelectItem[];
  readonly from: From | null;
  readonly where: Expression | null;
  readonly groupBy: readonly Expression[];
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
  const distinct = cursor.accept("DISTINCT");
  const items = [parseItem(cursor)];
  while (cursor.accept(",")) items.push(parseItem(cursor));
  const fromTable = cursor.accept("FROM") && !cursor.accept("DUAL");
  const from = fromTable ? parseFrom(cursor) : null;
  const where = cursor.accept("WHERE") ? parseExpression(cursor) : null;
  const groupBy = cursor.accept("GROUP", "BY") ? parseOrder(cursor).map(({ expression }) => expression) : [];
  const order = cursor.accept("ORDER", "BY") ? parseOrder(cursor) : [];
  const limits = parseLimit(cursor);
  cursor.finish();
  return { distinct, items, from, where, groupBy, order, ...limits };
}

function typeOf(session: SqlSession, expression: Expression, table: Source | null): ColumnType {
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
      return isAggregate(expression.name)
        ? aggregateType(session, expression.name, expression.args, table)
        : functionType(session, expression.name);
    default:
      return expression.kind === "operator" ? "bigint" : "text";
  }
}

function aggregateType(
  session: SqlSession,
  name: string,
  [argument]: readonly Expression[],
  table: Source | null,
): ColumnType {
  if (name === "count" || argument === undefined) return "bigint";
  return name === "sum" ? "decimal" : typeOf(session, argument, table);
}

function filterRows(
  session: SqlSession,
  rows: readonly (readonly Cell[])[],
  table: Source | null,
  where: Expression | null,
): (readonly Cell[])[] {
  if (where === null) return [...rows];
  return rows.filter((row) => isTrue(evaluate(where, { session, row: lookupIn(table, row), place: "WHERE" })));
}

function sortRows(session: SqlSession, rows: (readonly Cell[])[], table: Source | null, order: readonly Order[]): void {
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
  return { columns: table.columns, rows: filterRows(session, table.rows, asSource(table, ""), where) };
}

function holdsAggregate(expression: Expression | null): boolean {
  if (expression?.kind === "call") return isAggregate(expression.name) || expression.args.some(holdsAggregate);
  return expression?.kind === "operator" && expression.args.some(holdsAggregate);
}

type Group = readonly (readonly Cell[])[];

/** Rows that belong together; without GROUP BY each row alone, or all as one when an aggregate function asks for it. */
function groupRows(session: SqlSession, rows: Group, table: Source | null, select: Select): readonly Group[] {
  if (select.groupBy.length === 0) {
    return select.items.some(({ expression }) => holdsAggregate(expression)) ? [rows] : rows.map((row) => [row]);
  }
  const groups = new Map<string, (readonly Cell[])[]>();
  for (const row of rows) {
    const context = { session, row: lookupIn(table, row), place: "GROUP BY" };
    const key = JSON.stringify(select.groupBy.map((expression) => String(evaluate(expression, context))));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return [...groups.values()];
}

function expandItems({ items }: Select, table: Source | null): SelectItem[] {
  return items.flatMap((item): SelectItem[] =>
    item.expression !== null || table === null
      ? [item]
      : table.columns.map(({ name }) => ({ name, expression: { kind: "column", name, table: null } })),
  );
}

/** Runs a SELECT whose first word was taken. @throws SqlError */
export function runSelect(session: SqlSession, cursor: Cursor): StatementResult {
  const select = parseSelect(cursor);
  const table = select.from === null ? null : readFrom(session, select.from);
  if (table === null && select.items.some(({ expression }) => expression === null)) throw cursor.fail();
  const items = expandItems(select, table);
  const columns: Column[] = items.map((item) => ({
    name: item.name,
    type: item.expression === null ? "text" : typeOf(session, item.expression, table),
  }));
  const found = filterRows(session, table?.rows ?? [[]], table, select.where);
  sortRows(session, found, table, select.order);
  const groups = groupRows(session, found, table, select);
  const all = groups.map((group) => {
    const lookups = group.map((row) => lookupIn(table, row));
    const context = { session, row: lookups[0] ?? (() => null), place: "SELECT", group: lookups };
    return items.map(({ expression }) => (expression === null ? null : evaluate(expression, context)));
  });
  const different = select.distinct ? [...new Map(all.map((row) => [JSON.stringify(row), row])).values()] : all;
  return { kind: "rows", columns, rows: different.slice(select.offset, select.offset + select.limit) };
}
