/** What a source tells of itself: SHOW MASTER STATUS or SHOW BINARY LOG STATUS, SHOW BINARY LOGS, SHOW SLAVE HOSTS or SHOW REPLICAS. */
import { executedPosition, uuidOf } from "../../world/gtid.ts";
import { formatGtidSet, toGtidSet } from "../../world/gtid-set.ts";
import { binlogFileName, type Node, type ProductName } from "../../world/state.ts";
import type { SqlSession } from "../sql/session.ts";
import type { Cell, Column } from "../wire/answer.ts";
import { attachedReplicas } from "./sessions.ts";
import { columnsOf, type Table } from "./table.ts";

interface SourceWords {
  readonly status: readonly Column[];
  readonly logs: readonly Column[];
  readonly replicas: readonly Column[];
  /** Cells after the four of the status that both have. */
  readonly statusRest: (node: Node) => readonly Cell[];
  readonly logRest: readonly Cell[];
  readonly replicaRest: (replica: Node) => readonly Cell[];
}

const words: Readonly<Record<ProductName, SourceWords>> = {
  mariadb: {
    status: columnsOf("File Position:bigint Binlog_Do_DB Binlog_Ignore_DB"),
    statusRest: () => [],
    logs: columnsOf("Log_name File_size:bigint"),
    logRest: [],
    replicas: columnsOf("Server_id:int Host Port:int Master_id:int"),
    replicaRest: () => [],
  },
  mysql: {
    status: columnsOf("File Position:bigint Binlog_Do_DB Binlog_Ignore_DB Executed_Gtid_Set"),
    statusRest: (node) => [formatGtidSet(toGtidSet(executedPosition(node)))],
    logs: columnsOf("Log_name File_size:bigint Encrypted"),
    logRest: ["No"],
    replicas: columnsOf("Server_Id:int Host Port:int Source_Id:int Replica_UUID"),
    replicaRest: ({ serverId }) => [uuidOf(serverId)],
  },
};

export function buildSourceStatus({ node }: SqlSession): Table {
  const { status, statusRest } = words[node.product];
  return { columns: status, rows: [[binlogFileName(node.binlog.file), node.binlog.pos, "", "", ...statusRest(node)]] };
}

export function buildBinaryLogs({ node }: SqlSession): Table {
  const { logs, logRest } = words[node.product];
  const ends = new Map(node.binlog.events.map((event) => [event.file, event.pos]));
  ends.set(node.binlog.file, node.binlog.pos);
  return { columns: logs, rows: [...ends].map(([file, pos]) => [binlogFileName(file), pos, ...logRest]) };
}

export function buildReplicaHosts({ world, node }: SqlSession): Table {
  const { replicas, replicaRest } = words[node.product];
  const rows = attachedReplicas(world, node).map(({ replica }) => [
    replica.serverId,
    replica.host,
    replica.port,
    node.serverId,
    ...replicaRest(replica),
  ]);
  return { columns: replicas, rows };
}
