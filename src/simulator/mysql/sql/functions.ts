/** Functions of the SELECT list that the simulated server knows. */
import type { ProductName } from "../../world/state.ts";
import { sqlErrors } from "../errors.ts";
import type { Cell, ColumnType } from "../wire/answer.ts";
import { isTrue, toNumber } from "./cells.ts";
import { isGtidSubset, subtractGtids, waitForGtidSet } from "./gtid-functions.ts";
import { getLock, isUsedLock, releaseLock } from "./named-locks.ts";
import { waitForGtid, waitForPoint } from "./position-waits.ts";
import type { SqlSession } from "./session.ts";
import { formatDateTime, parseDateTime } from "./time.ts";

interface SqlFunction {
  readonly type: ColumnType;
  readonly run: (session: SqlSession, args: readonly Cell[]) => Cell;
}

/** Value of the first WHEN that is true; `args` are condition, value, …, else. */
function chooseCase(args: readonly Cell[]): Cell {
  for (let index = 0; index + 1 < args.length; index += 2) {
    if (isTrue(args[index] ?? null)) return args[index + 1] ?? null;
  }
  return args.at(-1) ?? null;
}

const now: SqlFunction = {
  type: "datetime",
  run: ({ world }, [decimals = 0]) => formatDateTime(world.nowMs, toNumber(decimals)),
};
const user: SqlFunction = {
  type: "text",
  run: ({ connection }) => `${connection.user}@${connection.host.replace(/:\d+$/, "")}`,
};
const currentUser: SqlFunction = { type: "text", run: ({ account }) => `${account.user}@%` };
const version: SqlFunction = { type: "text", run: ({ node }) => node.version };
const database: SqlFunction = { type: "text", run: ({ connection }) => connection.database };
const firstKnown: SqlFunction = { type: "text", run: (_session, args) => args.find((value) => value !== null) ?? null };
const toText: SqlFunction = {
  type: "text",
  run: (_session, [value = null]) => (value === null ? null : String(value)),
};

/** Part of a text before the nth delimiter, or after it counted from the end when n is negative. */
function substringIndex(text: string, delimiter: string, count: number): string {
  const parts = text.split(delimiter);
  return (count >= 0 ? parts.slice(0, count) : parts.slice(count)).join(delimiter);
}

const unitsMs: Readonly<Record<string, number>> = { microsecond: 0.001, second: 1000, minute: 60_000, hour: 3_600_000 };

function timestampDifference([unit = null, from = null, to = null]: readonly Cell[]): Cell {
  const unitMs = unitsMs[String(unit)];
  const [start, end] = [from, to].map((value) => (value === null ? null : parseDateTime(String(value))));
  if (unitMs === undefined || start == null || end == null) return null;
  return Math.trunc((end - start) / unitMs);
}

/** A member of a JSON object, `$.name` only. */
function jsonValue([text = null, path = null]: readonly Cell[]): Cell {
  const name = /^\$\.(\w+)$/.exec(String(path))?.[1];
  if (text === null || name === undefined) return null;
  const value: unknown = Object.entries(JSON.parse(String(text))).find(([key]) => key === name)?.[1];
  return value === undefined ? null : String(value);
}

function unixTimestamp({ world }: SqlSession, args: readonly Cell[]): Cell {
  const [text] = args;
  if (text === undefined) return Math.floor(world.nowMs / 1000);
  const parsed = text === null ? null : parseDateTime(String(text));
  if (parsed === null) return null;
  return String(text).includes(".") ? (parsed / 1000).toFixed(6) : Math.floor(parsed / 1000);
}

const common: Readonly<Record<string, SqlFunction>> = {
  version,
  database,
  schema: database,
  now,
  sysdate: now,
  utc_timestamp: now,
  current_timestamp: now,
  user,
  session_user: user,
  system_user: user,
  current_user: currentUser,
  coalesce: firstKnown,
  ifnull: firstKnown,
  "cast-char": toText,
  unix_timestamp: { type: "decimal", run: unixTimestamp },
  timestampdiff: { type: "bigint", run: (_session, args) => timestampDifference(args) },
  // Simulated servers run in UTC.
  convert_tz: { type: "datetime", run: (_session, [value = null]) => value },
  get_lock: { type: "int", run: getLock },
  release_lock: { type: "int", run: releaseLock },
  is_used_lock: { type: "int", run: isUsedLock },
  connection_id: { type: "int", run: ({ connection }) => connection.id },
  "cast-number": {
    type: "bigint",
    run: (_session, [value = null]) => (value === null ? null : Math.trunc(toNumber(value))),
  },
  case: { type: "text", run: (_session, args) => chooseCase(args) },
  if: { type: "text", run: (_session, [test = null, yes = null, no = null]) => (isTrue(test) ? yes : no) },
  nullif: { type: "text", run: (_session, [left = null, right = null]) => (left === right ? null : left) },
  concat: { type: "text", run: (_session, args) => (args.includes(null) ? null : args.map(String).join("")) },
  lower: { type: "text", run: (_session, [value = null]) => (value === null ? null : String(value).toLowerCase()) },
  upper: { type: "text", run: (_session, [value = null]) => (value === null ? null : String(value).toUpperCase()) },
  length: {
    type: "int",
    run: (_session, [value = null]) => (value === null ? null : Buffer.byteLength(String(value))),
  },
  substring_index: {
    type: "text",
    run: (_session, args) =>
      args.includes(null) ? null : substringIndex(String(args[0]), String(args[1]), toNumber(args[2] ?? null)),
  },
  replace: {
    type: "text",
    run: (_session, args) =>
      args.includes(null) ? null : String(args[0]).replaceAll(String(args[1]), String(args[2])),
  },
  left: {
    type: "text",
    run: (_session, [value = null, count = null]) =>
      value === null || count === null ? null : String(value).slice(0, Math.max(0, toNumber(count))),
  },
};

type Functions = Readonly<Record<string, SqlFunction>>;

const functions: Readonly<Record<ProductName, Functions>> = {
  mariadb: {
    ...common,
    master_gtid_wait: { type: "int", run: waitForGtid },
    master_pos_wait: { type: "int", run: waitForPoint },
    json_value: { type: "text", run: (_session, args) => jsonValue(args) },
  },
  mysql: {
    ...common,
    wait_for_executed_gtid_set: { type: "bigint", run: waitForGtidSet },
    source_pos_wait: { type: "bigint", run: waitForPoint },
    gtid_subtract: { type: "text", run: (_session, args) => subtractGtids(args) },
    gtid_subset: { type: "bigint", run: (_session, args) => isGtidSubset(args) },
  },
};

export function functionType({ node }: SqlSession, name: string): ColumnType {
  return functions[node.product][name]?.type ?? "text";
}

/** @throws SqlError 1305 for a function it does not know. */
export function callFunction(session: SqlSession, name: string, args: readonly Cell[]): Cell {
  const known = functions[session.node.product];
  const found = Object.hasOwn(known, name) ? known[name] : undefined;
  if (found === undefined) throw sqlErrors.unknownFunction(name);
  return found.run(session, args);
}
