import { join } from "node:path";
import type { Flavor, Program } from "./engines.ts";
import type { Positioning } from "./statements.ts";

export interface ServerSettings {
  readonly serverId: number;
  readonly port: number;
  readonly readOnly: boolean;
  readonly positioning: Positioning;
  /** Writers side by side: step and own offset of generated keys, and a GTID domain of its own on MariaDB. */
  readonly autoIncrement?: { readonly increment: number; readonly offset: number };
}

const common = [
  "bind_address=127.0.0.1",
  "skip_name_resolve=ON",
  "innodb_flush_log_at_trx_commit=2",
  "sync_binlog=0",
  "innodb_buffer_pool_size=32M",
  "key_buffer_size=4M",
  "table_open_cache=200",
  "max_connections=100",
  "log_bin=mysql-bin",
  "binlog_format=ROW",
  "log_slave_updates=ON",
  "relay_log=relay-bin",
  "report_host=127.0.0.1",
];

const perFlavor: Record<Flavor, (byGtid: boolean) => string[]> = {
  mariadb: () => ["innodb_log_file_size=10M"],
  mysql: (byGtid) => [
    "innodb_redo_log_capacity=8M",
    "mysqlx=OFF",
    "secure_file_priv=NULL",
    // Without it a check that opens and drops connections gets the proxy blocked after 100 of them.
    "host_cache_size=0",
    `gtid_mode=${byGtid ? "ON" : "OFF"}`,
    `enforce_gtid_consistency=${byGtid ? "ON" : "OFF"}`,
  ],
  "mysql-5": (byGtid) => [
    "innodb_log_file_size=8M",
    "host_cache_size=0",
    "master_info_repository=TABLE",
    "relay_log_info_repository=TABLE",
    `gtid_mode=${byGtid ? "ON" : "OFF"}`,
    `enforce_gtid_consistency=${byGtid ? "ON" : "OFF"}`,
  ],
};

function renameForNewServers(flavor: Flavor, line: string): string {
  if (flavor !== "mysql") return line;
  return line === "log_slave_updates=ON" ? "log_replica_updates=ON" : line === "binlog_format=ROW" ? "" : line;
}

/** The option file of one server. Everything that a restart must keep stands here, so a restart behaves as on a real machine. */
export function buildServerOptions(dir: string, program: Program, flavor: Flavor, settings: ServerSettings): string {
  const { autoIncrement } = settings;
  const lines = [
    `basedir=${program.baseDir}`,
    `datadir=${join(dir, "data")}`,
    `socket=${join(dir, "s.sock")}`,
    `pid_file=${join(dir, "pid")}`,
    `tmpdir=${dir}`,
    ...(process.getuid?.() === 0 ? ["user=root"] : []),
    ...common.map((line) => renameForNewServers(flavor, line)).filter((line) => line !== ""),
    ...perFlavor[flavor](settings.positioning === "gtid"),
    `port=${settings.port}`,
    `report_port=${settings.port}`,
    `server_id=${settings.serverId}`,
    `read_only=${settings.readOnly ? "ON" : "OFF"}`,
    ...(flavor === "mysql" ? [`super_read_only=${settings.readOnly ? "ON" : "OFF"}`] : []),
    ...(autoIncrement
      ? [`auto_increment_increment=${autoIncrement.increment}`, `auto_increment_offset=${autoIncrement.offset}`]
      : []),
    ...(autoIncrement && flavor === "mariadb" ? [`gtid_domain_id=${settings.serverId}`] : []),
  ];
  return `[mysqld]\n${lines.join("\n")}\n`;
}
