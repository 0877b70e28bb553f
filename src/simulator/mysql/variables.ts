/** System variables of a simulated node: fixed ones as MariaDB 10.11 of Debian has them, the others read from the node. */
import { currentPosition, formatBinlogState, formatGtidPosition } from "../world/gtid.ts";
import { defaultMaxConnections } from "../world/slots.ts";
import type { Node } from "../world/state.ts";
import { sqlErrors } from "./errors.ts";
import type { SqlSession } from "./sql/session.ts";

export interface VariableDefinition {
  readonly type: "bool" | "int" | "text" | "real";
  readonly scope: "global" | "both" | "session";
  readonly writable: boolean;
  /** Text as SHOW VARIABLES has it. */
  readonly read: (node: Node) => string;
  /** Privileges of which one is needed to set the global value. */
  readonly privileges: readonly string[];
}

type Kind = VariableDefinition["type"];

function define(
  type: Kind,
  scope: VariableDefinition["scope"],
  writable: boolean,
  read: (node: Node) => string,
  ...privileges: string[]
): VariableDefinition {
  return { type, scope, writable, read, privileges: privileges.length > 0 ? privileges : ["SUPER"] };
}

function fixed(kind: Kind, entries: Record<string, string>): [string, VariableDefinition][] {
  return Object.entries(entries).map(([name, text]) => [name, define(kind, "global", false, () => text)]);
}

function settable(
  kind: Kind,
  scope: "global" | "both",
  entries: Record<string, string>,
): [string, VariableDefinition][] {
  return Object.entries(entries).map(([name, text]) => [
    name,
    define(kind, scope, true, (node) => node.variables.get(name) ?? text),
  ]);
}

function onOff(value: boolean): string {
  return value ? "ON" : "OFF";
}

const live: [string, VariableDefinition][] = [
  ["read_only", define("bool", "global", true, (node) => onOff(node.readOnly), "READ_ONLY ADMIN")],
  ["server_id", define("int", "both", true, (node) => String(node.serverId), "REPLICATION MASTER ADMIN")],
  ["hostname", define("text", "global", false, (node) => node.name)],
  ["port", define("int", "global", false, (node) => String(node.port))],
  ["server_uid", define("text", "global", false, (node) => `simulatornode${String(node.serverId).padStart(13, "0")}=`)],
  ["version", define("text", "global", false, (node) => node.version)],
  ["log_slave_updates", define("bool", "global", false, (node) => onOff(node.logReplicaUpdates))],
  ["gtid_binlog_pos", define("text", "global", false, (node) => formatGtidPosition(node.binlogPosition))],
  ["gtid_binlog_state", define("text", "global", false, formatBinlogState)],
  [
    "gtid_slave_pos",
    define(
      "text",
      "global",
      true,
      (node) => formatGtidPosition(node.replicaPosition),
      "REPLICATION SLAVE ADMIN",
      "SUPER",
    ),
  ],
  ["gtid_current_pos", define("text", "global", false, (node) => formatGtidPosition(currentPosition(node)))],
];

const definitions: ReadonlyMap<string, VariableDefinition> = new Map([
  ...live,
  ...settable("int", "both", { auto_increment_increment: "1", auto_increment_offset: "1", gtid_domain_id: "0" }),
  ...settable("int", "both", {
    max_statement_time: "0.000000",
    lock_wait_timeout: "86400",
    innodb_lock_wait_timeout: "50",
  }),
  ...settable("int", "both", {
    wait_timeout: "28800",
    interactive_timeout: "28800",
    net_read_timeout: "30",
    net_write_timeout: "60",
  }),
  ...settable("int", "global", {
    slave_net_timeout: "60",
    max_connections: String(defaultMaxConnections),
    sync_binlog: "1",
    expire_logs_days: "10",
  }),
  ...settable("int", "global", {
    rpl_semi_sync_master_timeout: "10000",
    slave_parallel_threads: "0",
    max_allowed_packet: "16777216",
  }),
  ...settable("int", "global", { innodb_flush_log_at_trx_commit: "1", max_binlog_size: "104857600" }),
  ...settable("bool", "global", {
    rpl_semi_sync_master_enabled: "OFF",
    rpl_semi_sync_slave_enabled: "OFF",
    event_scheduler: "OFF",
  }),
  ...settable("bool", "global", {
    gtid_strict_mode: "OFF",
    gtid_ignore_duplicates: "OFF",
    wsrep_on: "OFF",
    relay_log_recovery: "OFF",
  }),
  ...settable("bool", "both", { autocommit: "ON", tx_read_only: "OFF", sql_log_bin: "ON", foreign_key_checks: "ON" }),
  ...settable("text", "both", {
    binlog_format: "MIXED",
    sql_mode: "STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION",
  }),
  ...settable("text", "both", {
    time_zone: "SYSTEM",
    tx_isolation: "REPEATABLE-READ",
    character_set_client: "utf8mb4",
  }),
  ...settable("text", "both", {
    character_set_connection: "utf8mb4",
    character_set_results: "utf8mb4",
    collation_connection: "utf8mb4_general_ci",
  }),
  ...settable("text", "both", { binlog_row_image: "FULL" }),
  ...settable("text", "global", { binlog_checksum: "CRC32" }),
  ...fixed("bool", {
    log_bin: "ON",
    skip_networking: "OFF",
    skip_slave_start: "OFF",
    have_ssl: "DISABLED",
    performance_schema: "OFF",
  }),
  ...fixed("int", {
    lower_case_table_names: "0",
    protocol_version: "10",
    thread_handling: "one-thread-per-connection",
  }),
  ...fixed("text", {
    version_comment: "Debian 12",
    version_compile_machine: "x86_64",
    version_compile_os: "debian-linux-gnu",
  }),
  ...fixed("text", {
    basedir: "/usr",
    datadir: "/var/lib/mysql/",
    log_bin_basename: "/var/log/mysql/mysql-bin",
    system_time_zone: "UTC",
  }),
  ...fixed("text", {
    character_set_server: "utf8mb4",
    collation_server: "utf8mb4_general_ci",
    report_host: "",
    wsrep_cluster_name: "my_wsrep_cluster",
  }),
  ...fixed("text", {
    character_set_database: "utf8mb4",
    license: "GPL",
    init_connect: "",
    wsrep_provider: "none",
    storage_engine: "InnoDB",
  }),
]);

/** Variable names in order. */
export const variableNames: readonly string[] = [...definitions.keys()].sort();

/** @throws SqlError 1193 */
export function findVariable(name: string): VariableDefinition {
  const definition = definitions.get(name);
  if (definition === undefined) throw sqlErrors.unknownVariable(name);
  return definition;
}

function toValue(type: Kind, text: string): string | number {
  if (type === "bool") return text === "ON" ? 1 : 0;
  return type === "text" || Number.isNaN(Number(text)) ? text : Number(text);
}

/** Value of `@@name`, `@@global.name` or `@@session.name`. @throws SqlError 1193, 1238 */
export function readVariable(
  session: SqlSession,
  name: string,
  scope: "global" | "session" | null,
): { readonly value: string | number; readonly text: string; readonly type: Kind } {
  const definition = findVariable(name);
  if (scope === "session" && definition.scope === "global") throw sqlErrors.wrongScope(name, "GLOBAL");
  const own = scope === "global" ? undefined : session.variables.get(name);
  const text = own ?? definition.read(session.node);
  return { value: toValue(definition.type, text), text, type: definition.type };
}
