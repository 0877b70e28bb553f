/** Settings of MySQL 9.7 with GTIDs. */
import { executedPosition, uuidOf } from "../../world/gtid.ts";
import { formatGtidSet, toGtidSet } from "../../world/gtid-set.ts";
import type { GtidPosition, Node } from "../../world/state.ts";
import { commonVariables } from "./common.ts";
import { define, fixed, onOff, settable, type VariableList } from "./definition.ts";

/** What the oldest kept event came after, per server; as every server hands on in order, all before it. */
function purgedPosition({ binlog }: Node): GtidPosition {
  const purged: GtidPosition = new Map();
  if (binlog.firstIndex === 0) return purged;
  for (const { transaction } of binlog.events)
    if (!purged.has(transaction.domain))
      purged.set(transaction.domain, { serverId: transaction.serverId, sequence: transaction.sequence - 1 });
  for (const [domain, { sequence }] of purged) if (sequence < 1) purged.delete(domain);
  return purged;
}

const state: VariableList = [
  [
    "read_only",
    {
      ...define("bool", "global", true, (node) => onOff(node.readOnly), "SYSTEM_VARIABLES_ADMIN", "SUPER"),
      write: (node, text) => {
        node.readOnly = text === "ON";
        if (!node.readOnly) node.superReadOnly = false;
      },
    },
  ],
  [
    "super_read_only",
    {
      ...define("bool", "global", true, (node) => onOff(node.superReadOnly), "SYSTEM_VARIABLES_ADMIN", "SUPER"),
      write: (node, text) => {
        node.superReadOnly = text === "ON";
        if (node.superReadOnly) node.readOnly = true;
      },
    },
  ],
  ["server_uuid", define("text", "global", false, ({ serverId }) => uuidOf(serverId))],
  ["log_replica_updates", define("bool", "global", false, (node) => onOff(node.logReplicaUpdates))],
  ["gtid_executed", define("text", "global", false, (node) => formatGtidSet(toGtidSet(executedPosition(node))))],
  ["gtid_purged", define("text", "global", false, (node) => formatGtidSet(toGtidSet(purgedPosition(node))))],
];

export const mysqlVariables: VariableList = [
  ...commonVariables,
  ...state,
  ...settable("int", "both", { max_execution_time: "0" }),
  ...settable("int", "global", {
    replica_net_timeout: "60",
    replica_checkpoint_period: "300",
    replica_checkpoint_group: "512",
    binlog_expire_logs_seconds: "2592000",
    max_allowed_packet: "67108864",
    max_binlog_size: "1073741824",
  }),
  ...settable("bool", "global", { offline_mode: "OFF" }),
  ...settable("bool", "both", { transaction_read_only: "OFF" }),
  ...settable("text", "both", {
    binlog_format: "ROW",
    sql_mode:
      "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION",
    transaction_isolation: "REPEATABLE-READ",
    collation_connection: "utf8mb4_0900_ai_ci",
  }),
  // Lists of words, not switches: SELECT tells them as words.
  ...fixed("text", { gtid_mode: "ON", enforce_gtid_consistency: "ON" }),
  ...settable("text", "global", { event_scheduler: "ON" }),
  ...fixed("bool", {
    skip_replica_start: "OFF",
    skip_slave_start: "OFF",
    performance_schema: "ON",
    relay_log_recovery: "OFF",
  }),
  ...fixed("int", { replica_parallel_workers: "4" }),
  ...fixed("text", {
    version_comment: "MySQL Community Server - GPL",
    version_compile_os: "Linux",
    basedir: "/usr/",
    collation_server: "utf8mb4_0900_ai_ci",
    default_storage_engine: "InnoDB",
  }),
];
