/** Settings that both servers have, with the values of a plain installation. */
import { defaultMaxConnections } from "../../world/slots.ts";
import { define, fixed, onOff, settable, type VariableList } from "./definition.ts";

export const commonVariables: VariableList = [
  ["server_id", define("int", "both", true, (node) => String(node.serverId), "REPLICATION MASTER ADMIN")],
  ["hostname", define("text", "global", false, (node) => node.name)],
  ["port", define("int", "global", false, (node) => String(node.port))],
  ["version", define("text", "global", false, (node) => node.version)],
  ["log_slave_updates", define("bool", "global", false, (node) => onOff(node.logReplicaUpdates))],
  ...settable("int", "both", {
    auto_increment_increment: "1",
    auto_increment_offset: "1",
    lock_wait_timeout: "86400",
    innodb_lock_wait_timeout: "50",
    wait_timeout: "28800",
    interactive_timeout: "28800",
    net_read_timeout: "30",
    net_write_timeout: "60",
  }),
  ...settable("int", "global", {
    max_connections: String(defaultMaxConnections),
    sync_binlog: "1",
    innodb_flush_log_at_trx_commit: "1",
  }),
  ...settable("bool", "both", { autocommit: "ON", sql_log_bin: "ON", foreign_key_checks: "ON" }),
  ...settable("text", "both", {
    time_zone: "SYSTEM",
    character_set_client: "utf8mb4",
    character_set_connection: "utf8mb4",
    character_set_results: "utf8mb4",
    binlog_row_image: "FULL",
  }),
  ...settable("text", "global", { binlog_checksum: "CRC32" }),
  ...fixed("bool", { log_bin: "ON", skip_networking: "OFF" }),
  ...fixed("int", {
    lower_case_table_names: "0",
    protocol_version: "10",
    thread_handling: "one-thread-per-connection",
  }),
  ...fixed("text", {
    version_compile_machine: "x86_64",
    datadir: "/var/lib/mysql/",
    log_bin_basename: "/var/log/mysql/mysql-bin",
    system_time_zone: "UTC",
    character_set_server: "utf8mb4",
    character_set_database: "utf8mb4",
    report_host: "",
    license: "GPL",
    init_connect: "",
  }),
];
