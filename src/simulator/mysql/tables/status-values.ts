/** SHOW STATUS of a simulated node. */
import { binlogFileName, type Node, type ProductName, type World } from "../../world/state.ts";
import type { SqlSession } from "../sql/session.ts";
import { listProcesses } from "./sessions.ts";

function replicationStatus(world: World, node: Node): Record<string, string | number> {
  const running = node.channels.filter(({ receiver, applier }) => receiver.state === "yes" && applier.running);
  return {
    Binlog_snapshot_file: binlogFileName(node.binlog.file),
    Binlog_snapshot_position: node.binlog.pos,
    Rpl_semi_sync_master_clients: 0,
    Rpl_semi_sync_master_status: "OFF",
    Rpl_semi_sync_master_wait_sessions: 0,
    Rpl_semi_sync_slave_status: "OFF",
    Slave_heartbeat_period: node.channels.length > 0 ? "30.000" : "0.000",
    Slave_received_heartbeats: node.channels.reduce((sum, { receiver }) => sum + receiver.heartbeats, 0),
    Slave_running: running.length > 0 ? "ON" : "OFF",
    Slaves_running: running.length,
    Slaves_connected: world.nodes.filter((other) =>
      other.channels.some((channel) => channel.receiver.state === "yes" && channel.sourcePort === node.port),
    ).length,
    wsrep_cluster_size: 0,
    wsrep_cluster_status: "Disconnected",
    wsrep_connected: "OFF",
    wsrep_ready: "OFF",
  };
}

/** Counters that only one of the servers has; those of semi-sync MySQL has with the plugin only. */
const ownStatus: Readonly<Record<ProductName, typeof replicationStatus>> = {
  mariadb: replicationStatus,
  mysql: () => ({ Replica_open_temp_tables: 0, Telemetry_traces_supported: "ON" }),
};

/** Name and value of every status variable, sorted by name. */
export function listStatus(session: SqlSession): [string, string][] {
  const { world, node } = session;
  const processes = listProcesses({ ...session, account: { ...session.account, privileges: "ALL" } });
  const clients = processes.filter((row) => row.user !== "system user");
  const uptimeSeconds = Math.floor((world.nowMs - node.startedAtMs) / 1000);
  const values: Record<string, string | number> = {
    Aborted_clients: 0,
    Aborted_connects: 0,
    Com_insert: node.statements,
    Connections: node.nextConnectionId,
    Max_used_connections: Math.max(clients.length, 24),
    Queries: node.statements,
    Questions: node.statements,
    Slow_queries: 0,
    Threads_cached: 3,
    Threads_connected: clients.length,
    Threads_created: clients.length + 3,
    Threads_running: 1 + processes.filter((row) => row.command === "Query").length,
    Uptime: uptimeSeconds,
    Uptime_since_flush_status: uptimeSeconds,
    ...ownStatus[node.product](world, node),
  };
  return Object.entries(values)
    .map(([name, value]): [string, string] => [name, String(value)])
    .sort(([left], [right]) => (left.toLowerCase() < right.toLowerCase() ? -1 : 1));
}
