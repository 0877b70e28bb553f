/** Tables that SELECT … FROM can read. */
import { sqlErrors } from "../errors.ts";
import type { SqlSession } from "../sql/session.ts";
import { findVariable, readVariable, variableNames } from "../variables.ts";
import { buildProcesslistTable } from "./sessions.ts";
import { listStatus } from "./status-values.ts";
import { columnsOf, type Table, type TableSource } from "./table.ts";

const pairColumns = columnsOf("VARIABLE_NAME VARIABLE_VALUE");

/** Variables a scope has, with their text. */
export function listVariables(session: SqlSession, scope: "global" | "session"): [string, string][] {
  return variableNames
    .filter((name) => scope === "session" || findVariable(name).scope !== "session")
    .map((name) => [name, readVariable(session, name, scope === "global" ? "global" : null).text]);
}

function pairs(list: (session: SqlSession) => [string, string][]): TableSource {
  return (session) => ({
    columns: pairColumns,
    rows: list(session).map(([name, value]) => [name.toUpperCase(), value]),
  });
}

const status = pairs(listStatus);
const schemata: TableSource = () => ({
  columns: columnsOf(
    "CATALOG_NAME SCHEMA_NAME DEFAULT_CHARACTER_SET_NAME DEFAULT_COLLATION_NAME SQL_PATH SCHEMA_COMMENT",
  ),
  rows: databases.map((name) => ["def", name, "utf8mb4", "utf8mb4_general_ci", null, ""]),
});
const plugins: TableSource = () => ({
  columns: columnsOf("PLUGIN_NAME PLUGIN_VERSION PLUGIN_STATUS PLUGIN_TYPE"),
  rows: [
    ["binlog", "1.0", "ACTIVE", "STORAGE ENGINE"],
    ["mysql_native_password", "1.0", "ACTIVE", "AUTHENTICATION"],
    ["InnoDB", "10.11", "ACTIVE", "STORAGE ENGINE"],
  ],
});

export const databases: readonly string[] = ["information_schema", "mysql", "performance_schema", "shop", "sys"];

const sources: Readonly<Record<string, TableSource>> = {
  processlist: buildProcesslistTable,
  global_variables: pairs((session) => listVariables(session, "global")),
  session_variables: pairs((session) => listVariables(session, "session")),
  global_status: status,
  session_status: status,
  schemata,
  plugins,
};

/** @throws SqlError 1146, 1046 */
export function readTable(session: SqlSession, schema: string | null, name: string): Table {
  const owner = schema ?? session.connection.database;
  if (owner === null) throw sqlErrors.noDatabase();
  const key = name.toLowerCase();
  const source = owner.toLowerCase() === "information_schema" && Object.hasOwn(sources, key) ? sources[key] : undefined;
  if (source === undefined) throw sqlErrors.noSuchTable(`${owner}.${name}`);
  return source(session);
}
