/** SHOW MASTER STATUS, SHOW BINARY LOGS and SHOW SLAVE HOSTS. */
import { binlogFileName } from "../../world/state.ts";
import type { SqlSession } from "../sql/session.ts";
import { attachedReplicas } from "./sessions.ts";
import { columnsOf, type Table } from "./table.ts";

const statusColumns = columnsOf("File Position:bigint Binlog_Do_DB Binlog_Ignore_DB");
const logColumns = columnsOf("Log_name File_size:bigint");
const replicaColumns = columnsOf("Server_id:int Host Port:int Master_id:int");

export function buildSourceStatus({ node }: SqlSession): Table {
  return { columns: statusColumns, rows: [[binlogFileName(node.binlog.file), node.binlog.pos, "", ""]] };
}

export function buildBinaryLogs({ node }: SqlSession): Table {
  const ends = new Map(node.binlog.events.map((event) => [event.file, event.pos]));
  ends.set(node.binlog.file, node.binlog.pos);
  return { columns: logColumns, rows: [...ends].map(([file, pos]) => [binlogFileName(file), pos]) };
}

export function buildReplicaHosts({ world, node }: SqlSession): Table {
  const rows = attachedReplicas(world, node).map(({ replica }) => [
    replica.serverId,
    replica.host,
    replica.port,
    node.serverId,
  ]);
  return { columns: replicaColumns, rows };
}
