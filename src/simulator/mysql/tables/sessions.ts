/** The processlist: client sessions, our own connections, and the replication threads. */
import type { ClientSession, Node, World } from "../../world/state.ts";
import { hasPrivilege, type SqlSession } from "../sql/session.ts";
import type { Cell } from "../wire/answer.ts";
import { columnsOf, type Table } from "./table.ts";

export interface ProcessRow {
  readonly id: number;
  readonly user: string;
  readonly host: string;
  readonly database: string | null;
  readonly command: string;
  readonly seconds: number;
  readonly state: string | null;
  readonly info: string | null;
}

const busyMs = 40;

function clientRow(world: World, session: ClientSession): ProcessRow {
  const write = session.server.backend.role === "write";
  const busy = world.nowMs - session.lastStatementAtMs < busyMs;
  const statement = write
    ? `INSERT INTO orders (writer, seq, at) VALUES (${session.connectionId}, ${session.lastStatementAtMs % 100_000}, NOW(6))`
    : "SELECT id, writer, seq FROM orders ORDER BY id DESC LIMIT 20";
  return {
    id: session.connectionId,
    user: "app",
    host: `${session.node?.host ?? ""}:${session.sourcePort}`,
    database: "shop",
    command: busy ? "Query" : "Sleep",
    seconds: Math.floor((world.nowMs - session.lastStatementAtMs) / 1000),
    state: busy ? (write ? "Commit" : "Sending data") : "",
    info: busy ? statement : null,
  };
}

function threadRow(id: number, command: string, state: string, sinceMs: number, nowMs: number): ProcessRow {
  const seconds = Math.floor((nowMs - sinceMs) / 1000);
  return { id, user: "system user", host: "", database: null, command, seconds, state, info: null };
}

function replicationRows(world: World, node: Node): ProcessRow[] {
  return node.channels.flatMap((channel, index) => {
    const { receiver, applier } = channel;
    const rows: ProcessRow[] = [];
    const since = Math.max(node.startedAtMs, world.startedAtMs - 3_600_000);
    if (receiver.state !== "no") {
      const state =
        receiver.state === "yes" ? "Waiting for master to send event" : "Reconnecting after a failed master event read";
      rows.push(threadRow(5 + index * 2, "Slave_IO", state, since, world.nowMs));
    }
    if (applier.running) {
      const state =
        channel.relayLog.length === 0 ? "Slave has read all relay log; waiting for more updates" : "Executing";
      rows.push(threadRow(6 + index * 2, "Slave_SQL", state, since, world.nowMs));
    }
    return rows;
  });
}

/** Replicas whose receivers are connected to this node now. */
export function attachedReplicas(world: World, node: Node): { replica: Node; sinceMs: number }[] {
  return world.nodes.flatMap((replica) =>
    replica.process === "stopped"
      ? []
      : replica.channels
          .filter(
            (channel) =>
              channel.receiver.state === "yes" && channel.sourcePort === node.port && channel.sourceHost === node.host,
          )
          .map(() => ({ replica, sinceMs: Math.max(replica.startedAtMs, node.startedAtMs) })),
  );
}

function dumpRows(world: World, node: Node): ProcessRow[] {
  const state = "Master has sent all binlog to slave; waiting for more updates";
  return attachedReplicas(world, node).map(({ replica, sinceMs }) => ({
    id: 20 + replica.serverId,
    user: "repl",
    host: `${replica.host}:${40_000 + (replica.port % 20_000)}`,
    database: null,
    command: "Binlog Dump",
    seconds: Math.max(0, Math.floor((world.nowMs - sinceMs) / 1000)),
    state,
    info: null,
  }));
}

/** All rows the account may see: its own connections, or all with PROCESS. */
export function listProcesses({ world, node, account }: SqlSession): ProcessRow[] {
  const own = [...node.connections.values()].map((connection) => ({
    id: connection.id,
    user: connection.user,
    host: connection.host,
    database: connection.database,
    command: connection.command,
    seconds: Math.floor((world.nowMs - connection.sinceMs) / 1000),
    state: connection.command === "Query" ? "starting" : "",
    info: connection.query,
  }));
  if (!hasPrivilege(account, "PROCESS")) return own.filter((row) => row.user === account.user);
  const clients = [...node.sessions].map((session) => clientRow(world, session));
  return [...replicationRows(world, node), ...dumpRows(world, node), ...clients, ...own].sort((a, b) => a.id - b.id);
}

const showColumns = columnsOf("Id:bigint User Host db Command Time:int State Info Progress:decimal");
const tableColumns = columnsOf(
  "ID:bigint USER HOST DB COMMAND TIME:int STATE INFO TIME_MS:decimal STAGE:int MAX_STAGE:int PROGRESS:decimal MEMORY_USED:bigint MAX_MEMORY_USED:bigint EXAMINED_ROWS:int QUERY_ID:bigint INFO_BINARY TID:bigint",
);

function cells(row: ProcessRow): Cell[] {
  return [row.id, row.user, row.host, row.database, row.command, row.seconds, row.state, row.info];
}

/** @param full without it, statements are cut to 100 characters. */
export function buildShowProcesslist(session: SqlSession, full: boolean): Table {
  const cut = (row: ProcessRow): ProcessRow =>
    full || row.info === null ? row : { ...row, info: row.info.slice(0, 100) };
  return { columns: showColumns, rows: listProcesses(session).map((row) => [...cells(cut(row)), "0.000"]) };
}

/** information_schema.PROCESSLIST. */
export function buildProcesslistTable(session: SqlSession): Table {
  const rest = (row: ProcessRow): Cell[] => [
    `${row.seconds * 1000}.000`,
    0,
    0,
    "0.000",
    80_000,
    160_000,
    0,
    row.id * 10,
    row.info,
    row.id + 2_000,
  ];
  return { columns: tableColumns, rows: listProcesses(session).map((row) => [...cells(row), ...rest(row)]) };
}
