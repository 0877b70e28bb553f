/** Values of expressions, with SQL's three-valued logic. */
import { sqlErrors } from "../errors.ts";
import { readVariable } from "../variables.ts";
import type { Cell } from "../wire/answer.ts";
import { compareCells, isTrue, matchesPattern, toNumber } from "./cells.ts";
import type { Expression } from "./expression.ts";
import { callFunction } from "./functions.ts";
import type { SqlSession } from "./session.ts";

/** Value of a column of the current row by its name, or `table.name`, in lower case; undefined when there is no such column. */
export type RowLookup = (name: string) => Cell | undefined;

export interface EvaluationContext {
  readonly session: SqlSession;
  readonly row: RowLookup;
  /** Clause named in error 1054, e.g. `SELECT`. */
  readonly place: string;
  /** Rows of the group the expression stands for; without them aggregate functions have no meaning. */
  readonly group?: readonly RowLookup[];
}

const aggregates: Readonly<Record<string, (values: readonly Cell[]) => Cell>> = {
  count: (values) => values.length,
  max: (values) =>
    values.reduce<Cell>((best, value) => (best === null || compareCells(value, best) > 0 ? value : best), null),
  min: (values) =>
    values.reduce<Cell>((best, value) => (best === null || compareCells(value, best) < 0 ? value : best), null),
  sum: (values) => (values.length === 0 ? null : values.reduce<number>((sum, value) => sum + toNumber(value), 0)),
};

export function isAggregate(name: string): boolean {
  return Object.hasOwn(aggregates, name);
}

function aggregate(name: string, [argument]: readonly Expression[], context: EvaluationContext): Cell {
  if (context.group === undefined) throw sqlErrors.invalidGroup();
  const { group: rows, ...single } = context;
  const values = rows.map((row) => (argument === undefined ? 1 : evaluate(argument, { ...single, row })));
  return aggregates[name]?.(values.filter((value) => value !== null)) ?? null;
}

function toBit(value: boolean): number {
  return value ? 1 : 0;
}

type Operation = (args: readonly Cell[]) => Cell;

function comparison(test: (order: number) => boolean): Operation {
  return ([left = null, right = null]) =>
    left === null || right === null ? null : toBit(test(compareCells(left, right)));
}

function arithmetic(compute: (left: number, right: number) => number): Operation {
  return ([left = null, right = null]) => {
    const value = compute(toNumber(left), toNumber(right));
    return Number.isFinite(value) ? value : null;
  };
}

const operations: Readonly<Record<string, Operation>> = {
  "=": comparison((order) => order === 0),
  "!=": comparison((order) => order !== 0),
  "<": comparison((order) => order < 0),
  "<=": comparison((order) => order <= 0),
  ">": comparison((order) => order > 0),
  ">=": comparison((order) => order >= 0),
  "<=>": ([left = null, right = null]) =>
    toBit(left === null || right === null ? left === right : compareCells(left, right) === 0),
  "+": arithmetic((left, right) => left + right),
  "-": arithmetic((left, right) => left - right),
  "*": arithmetic((left, right) => left * right),
  "/": arithmetic((left, right) => left / right),
  div: arithmetic((left, right) => Math.trunc(left / right)),
  "%": arithmetic((left, right) => left % right),
  negate: ([value = null]) => (value === null ? null : -toNumber(value)),
  not: ([value = null]) => (value === null ? null : toBit(!isTrue(value))),
  "is-null": ([value = null]) => toBit(value === null),
  truth: ([value = null, wanted = null]) => toBit(value !== null && isTrue(value) === isTrue(wanted)),
  and: ([left = null, right = null]) => {
    if ((left !== null && !isTrue(left)) || (right !== null && !isTrue(right))) return 0;
    return left === null || right === null ? null : 1;
  },
  or: ([left = null, right = null]) => (isTrue(left) || isTrue(right) ? 1 : left === null || right === null ? null : 0),
  in: ([value = null, ...items]) => {
    if (value === null) return null;
    if (items.some((item) => item !== null && compareCells(value, item) === 0)) return 1;
    return items.includes(null) ? null : 0;
  },
  like: ([value = null, pattern = null]) =>
    value === null || pattern === null ? null : toBit(matchesPattern(String(value), String(pattern))),
};

/** @throws SqlError for unknown columns, variables and functions. */
export function evaluate(expression: Expression, context: EvaluationContext): Cell {
  switch (expression.kind) {
    case "literal":
      return expression.value;
    case "column": {
      const { name, table } = expression;
      const written = table === null ? name : `${table}.${name}`;
      const value = context.row(written.toLowerCase());
      if (value === undefined) throw sqlErrors.unknownColumn(written, context.place);
      return value;
    }
    case "variable":
      return readVariable(context.session, expression.name, expression.scope).value;
    case "user-variable":
      return context.session.userVariables.get(expression.name) ?? null;
    case "call":
      if (isAggregate(expression.name)) return aggregate(expression.name, expression.args, context);
      return callFunction(
        context.session,
        expression.name,
        expression.args.map((argument) => evaluate(argument, context)),
      );
    case "operator":
      return operations[expression.operator]?.(expression.args.map((argument) => evaluate(argument, context))) ?? null;
  }
}
