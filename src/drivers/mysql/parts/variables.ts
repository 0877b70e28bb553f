/** Global variables and counters: what moves is read with every poll, the rest now and then. */
import { type Asking, ask } from "../asking.ts";
import type { Dialect, FastVariables, SlowVariables } from "../dialects/dialect.ts";
import { oncePerDialect } from "../dialects/once.ts";
import { numberOf, type Row, type RowMap, textOf } from "../rows.ts";

/** Text of each fast variable; null when the server has none or does not tell. */
export type FastValues = { readonly [role in keyof FastVariables]: string | null };
export type SlowValues = { readonly [role in keyof SlowVariables]: string | null };

export interface Counters {
  readonly uptimeSeconds: number | null;
  readonly threadsConnected: number | null;
  readonly threadsRunning: number | null;
  readonly queriesTotal: number | null;
  readonly semiSyncClients: number | null;
  readonly semiSyncWaitSessions: number | null;
}

/** Names come from the dialect tables only, never from outside, so they need no quoting beyond this. */
function buildShow(kind: "VARIABLES" | "STATUS", names: readonly string[]): string {
  return `SHOW GLOBAL ${kind} WHERE Variable_name IN (${names.map((name) => `'${name}'`).join(",")})`;
}

/** One SELECT of system variables; the second form never fails for a name that a version does not have. */
export const buildFastForms = oncePerDialect(({ fastVariables }: Dialect) => {
  const names = Object.values(fastVariables).filter((name): name is string => name !== null);
  return [
    { sql: `SELECT ${names.map((name) => `@@global.${name} AS ${name}`).join(", ")}`, columns: "one-row" },
    { sql: buildShow("VARIABLES", names), columns: "name-value" },
  ] as const;
});

/** SHOW answers as a map from lower-case name to value: servers differ in capitals. */
function readNameValues(rows: readonly Row[]): RowMap {
  return new Map(rows.map((row) => [(textOf(row, "Variable_name") ?? "").toLowerCase(), row.get("Value") ?? null]));
}

export async function readFastVariables(asking: Asking): Promise<FastValues> {
  const { dialect } = asking.login;
  const answer = await ask<"one-row" | "name-value">(
    asking,
    { name: "variables", privilege: null },
    buildFastForms(dialect),
  );
  const values =
    answer === null
      ? new Map<string, string | null>()
      : answer.columns === "one-row"
        ? answer.rows[0]
        : readNameValues(answer.rows);
  const value = (name: string | null) => (name === null ? null : (values?.get(name) ?? null));
  const names = dialect.fastVariables;
  return {
    readOnly: value(names.readOnly),
    superReadOnly: value(names.superReadOnly),
    gtidExecuted: value(names.gtidExecuted),
    gtidPurged: value(names.gtidPurged),
    gtidReplicaPos: value(names.gtidReplicaPos),
    gtidBinlogState: value(names.gtidBinlogState),
    applierCheckpoint: value(names.applierCheckpoint),
    applierWorkers: value(names.applierWorkers),
  };
}

export function buildSlowStatement({ slowVariables }: Dialect): string {
  return buildShow("VARIABLES", Object.values(slowVariables).flat());
}

/** Every slow variable; null when the server does not have it, or when the statement failed (then a problem says so). */
export async function readSlowVariables(asking: Asking): Promise<SlowValues> {
  const { dialect } = asking.login;
  const form = { sql: buildSlowStatement(dialect), columns: null };
  const answer = await ask(asking, { name: "settings", privilege: null }, [form]);
  const values = readNameValues(answer?.rows ?? []);
  const entries = Object.entries(dialect.slowVariables).map(([role, names]) => {
    const found = (names as readonly string[]).find((name) => values.has(name));
    return [role, found === undefined ? null : (values.get(found) ?? null)] as const;
  });
  return Object.fromEntries(entries) as { [role in keyof SlowVariables]: string | null };
}

export const buildCounterStatement = oncePerDialect(({ semiSyncCounters }: Dialect): string => {
  const { clients, waitSessions } = semiSyncCounters;
  return buildShow("STATUS", [
    "Uptime",
    "Threads_connected",
    "Threads_running",
    "Queries",
    ...clients,
    ...waitSessions,
  ]);
});

export async function readCounters(asking: Asking): Promise<Counters> {
  const { dialect } = asking.login;
  const form = { sql: buildCounterStatement(dialect), columns: null };
  const answer = await ask(asking, { name: "counters", privilege: null }, [form]);
  const values = readNameValues(answer?.rows ?? []);
  const first = (names: readonly string[]) =>
    numberOf(values, names.map((name) => name.toLowerCase()).find((name) => values.has(name)) ?? null);
  return {
    uptimeSeconds: numberOf(values, "uptime"),
    threadsConnected: numberOf(values, "threads_connected"),
    threadsRunning: numberOf(values, "threads_running"),
    queriesTotal: numberOf(values, "queries"),
    semiSyncClients: first(dialect.semiSyncCounters.clients),
    semiSyncWaitSessions: first(dialect.semiSyncCounters.waitSessions),
  };
}
