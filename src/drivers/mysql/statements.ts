/** Every statement a reader of one dialect can send: the proof, by test, that it only reads. */
import type { Dialect } from "./dialects/dialect.ts";
import { buildSettingStatements, identityStatement } from "./login.ts";
import { listAttachedStatements } from "./parts/attached.ts";
import { buildHeartbeatStatement } from "./parts/heartbeat.ts";
import { listSessionStatements } from "./parts/sessions.ts";
import { buildCounterStatement, buildFastForms, buildSlowStatement } from "./parts/variables.ts";

/** @param heartbeatTable as configured, or null */
export function listReaderStatements(dialect: Dialect, heartbeatTable: string | null): readonly string[] {
  return [
    identityStatement,
    ...buildSettingStatements(dialect.sessionSettings),
    ...buildFastForms(dialect).map((form) => form.sql),
    ...dialect.replicaStatus.map((form) => form.sql),
    ...(dialect.applierTimes === null ? [] : [dialect.applierTimes]),
    ...dialect.sourceStatus.map((form) => form.sql),
    buildCounterStatement(dialect),
    buildSlowStatement(dialect),
    ...listAttachedStatements(dialect),
    ...listSessionStatements(dialect.processListTables),
    ...(heartbeatTable === null ? [] : [buildHeartbeatStatement(heartbeatTable, "local", "proof")]),
  ];
}
