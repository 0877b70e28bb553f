/** Settings of MariaDB 10.11 as Debian has it. */
import { currentPosition, formatBinlogState, formatGtidPosition, parseGtidPosition } from "../../world/gtid.ts";
import type { Node } from "../../world/state.ts";
import { sqlErrors } from "../errors.ts";
import { assertStopped } from "../sql/stopped.ts";
import { commonVariables } from "./common.ts";
import { define, fixed, onOff, settable, type VariableList } from "./definition.ts";

/** @throws SqlError 1198, 1941 */
function setReplicaPosition(node: Node, text: string): void {
  for (const channel of node.channels) assertStopped(node, channel);
  const position = parseGtidPosition(text);
  if (position === null) throw sqlErrors.badGtid();
  node.replicaPosition.clear();
  for (const [domain, point] of position) node.replicaPosition.set(domain, point);
}

const state: VariableList = [
  [
    "read_only",
    {
      ...define("bool", "global", true, (node) => onOff(node.readOnly), "READ_ONLY ADMIN"),
      write: (node, text) => {
        node.readOnly = text === "ON";
      },
    },
  ],
  ["server_uid", define("text", "global", false, (node) => `simulatornode${String(node.serverId).padStart(13, "0")}=`)],
  ["gtid_binlog_pos", define("text", "global", false, (node) => formatGtidPosition(node.binlogPosition))],
  ["gtid_binlog_state", define("text", "global", false, formatBinlogState)],
  [
    "gtid_slave_pos",
    {
      ...define(
        "text",
        "global",
        true,
        (node) => formatGtidPosition(node.replicaPosition),
        "REPLICATION SLAVE ADMIN",
        "SUPER",
      ),
      write: setReplicaPosition,
    },
  ],
  ["gtid_current_pos", define("text", "global", false, (node) => formatGtidPosition(currentPosition(node)))],
];

export const mariadbVariables: VariableList = [
  ...commonVariables,
  ...state,
  ...settable("int", "both", { gtid_domain_id: "0", max_statement_time: "0.000000" }),
  ...settable("int", "global", {
    slave_net_timeout: "60",
    expire_logs_days: "10",
    rpl_semi_sync_master_timeout: "10000",
    slave_parallel_threads: "0",
    max_allowed_packet: "16777216",
    max_binlog_size: "104857600",
  }),
  ...settable("bool", "global", {
    rpl_semi_sync_master_enabled: "OFF",
    rpl_semi_sync_slave_enabled: "OFF",
    event_scheduler: "OFF",
    gtid_strict_mode: "OFF",
    gtid_ignore_duplicates: "OFF",
    wsrep_on: "OFF",
    relay_log_recovery: "OFF",
  }),
  ...settable("bool", "both", { tx_read_only: "OFF" }),
  ...settable("text", "both", {
    binlog_format: "MIXED",
    sql_mode: "STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION",
    tx_isolation: "REPEATABLE-READ",
    collation_connection: "utf8mb4_general_ci",
  }),
  ...fixed("bool", { skip_slave_start: "OFF", have_ssl: "DISABLED", performance_schema: "OFF" }),
  ...fixed("text", {
    version_comment: "Debian 12",
    version_compile_os: "debian-linux-gnu",
    basedir: "/usr",
    collation_server: "utf8mb4_general_ci",
    wsrep_cluster_name: "my_wsrep_cluster",
    wsrep_provider: "none",
    storage_engine: "InnoDB",
  }),
];
