/** Tables that SELECT … FROM can read. */
import type { ProductName } from "../../world/state.ts";
import { sqlErrors } from "../errors.ts";
import type { SqlSession } from "../sql/session.ts";
import { findVariable, listVariableNames, readVariable } from "../variables.ts";
import { globalPriv, rolesMapping, userPrivileges } from "./accounts.ts";
import { innodbTransactions, metadataLockInfo, metadataLocks, noMetadataLocks } from "./locks.ts";
import {
  listThreads,
  persistedVariables,
  replicationTables,
  storedLogins,
  threadColumns,
  variableOrigins,
} from "./performance-schema.ts";
import { buildProcesslistTable } from "./sessions.ts";
import { events, orders } from "./shop.ts";
import { listStatus } from "./status-values.ts";
import { columnsOf, type Table, type TableSource } from "./table.ts";

const pairColumns = columnsOf("VARIABLE_NAME VARIABLE_VALUE");

/** Variables a scope has, with their text. */
export function listVariables(session: SqlSession, scope: "global" | "session"): [string, string][] {
  return listVariableNames(session.node)
    .filter((name) => scope === "session" || findVariable(session.node, name).scope !== "session")
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

function empty(words: string): TableSource {
  const table: Table = { columns: columnsOf(words), rows: [] };
  return () => table;
}

const informationSchema: Readonly<Record<string, TableSource>> = {
  character_sets: () => ({
    columns: columnsOf("CHARACTER_SET_NAME DEFAULT_COLLATE_NAME DESCRIPTION MAXLEN:bigint"),
    rows: [["utf8mb4", "utf8mb4_general_ci", "UTF-8 Unicode", 4]],
  }),
  events,
  innodb_trx: innodbTransactions,
  user_privileges: userPrivileges,
  processlist: buildProcesslistTable,
  schemata,
  plugins,
};

type Schemas = Readonly<Record<string, Readonly<Record<string, TableSource>>>>;

const sources: Readonly<Record<ProductName, Schemas>> = {
  // performance_schema is off, as MariaDB has it by default: its tables are there and empty.
  mariadb: {
    information_schema: {
      ...informationSchema,
      metadata_lock_info: metadataLockInfo,
      global_variables: pairs((session) => listVariables(session, "global")),
      session_variables: pairs((session) => listVariables(session, "session")),
      global_status: status,
      session_status: status,
    },
    mysql: { global_priv: globalPriv, roles_mapping: rolesMapping },
    performance_schema: {
      metadata_locks: noMetadataLocks,
      setup_instruments: empty("NAME ENABLED TIMED"),
      threads: empty(threadColumns),
    },
    shop: { orders },
  },
  mysql: {
    information_schema: informationSchema,
    mysql: { slave_master_info: storedLogins },
    performance_schema: {
      ...replicationTables,
      metadata_locks: metadataLocks,
      processlist: buildProcesslistTable,
      threads: listThreads,
      setup_instruments: () => ({
        columns: columnsOf("NAME ENABLED TIMED"),
        rows: [["wait/lock/metadata/sql/mdl", "YES", "YES"]],
      }),
      persisted_variables: persistedVariables,
      variables_info: variableOrigins,
      global_variables: pairs((session) => listVariables(session, "global")),
      session_variables: pairs((session) => listVariables(session, "session")),
      global_status: status,
      session_status: status,
    },
    shop: { orders },
  },
};

/** @throws SqlError 1146, 1046, 1142 */
export function readTable(session: SqlSession, schema: string | null, name: string): Table {
  const owner = schema ?? session.connection.database;
  if (owner === null) throw sqlErrors.noDatabase();
  const [schemaKey, key] = [owner.toLowerCase(), name.toLowerCase()];
  const schemas = sources[session.node.product];
  const tables = Object.hasOwn(schemas, schemaKey) ? schemas[schemaKey] : undefined;
  const source = tables !== undefined && Object.hasOwn(tables, key) ? tables[key] : undefined;
  if (source === undefined) throw sqlErrors.noSuchTable(`${owner}.${name}`);
  return source(session);
}
