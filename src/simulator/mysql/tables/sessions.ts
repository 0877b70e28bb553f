/** The processlist: client sessions, our own connections, and the replication threads. */
import type { ClientSession, Node, ProductName, World } from "../../world/state.ts";
import { hasPrivilege, type SqlSession } from "../sql/session.ts";
import type { Cell, Column } from "../wire/answer.ts";
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

interface ThreadWords {
  readonly receiver: { readonly command: string; readonly waits: string; readonly connects: string };
  readonly applier: { readonly command: string; readonly waits: string; readonly works: string };
  readonly dump: { readonly command: string; readonly waits: string };
}

const words: Readonly<Record<ProductName, ThreadWords>> = {
  mariadb: {
    receiver: {
      command: "Slave_IO",
      waits: "Waiting for master to send event",
      connects: "Reconnecting after a failed master event read",
    },
    applier: {
      command: "Slave_SQL",
      waits: "Slave has read all relay log; waiting for more updates",
      works: "Executing",
    },
    dump: { command: "Binlog Dump", waits: "Master has sent all binlog to slave; waiting for more updates" },
  },
  mysql: {
    receiver: {
      command: "Connect",
      waits: "Waiting for source to send event",
      connects: "Reconnecting after a failed source event read",
    },
    applier: {
      command: "Query",
      waits: "Replica has read all relay log; waiting for more updates",
      works: "Waiting for dependent transaction to commit",
    },
    dump: { command: "Binlog Dump GTID", waits: "Source has sent all binlog to replica; waiting for more updates" },
  },
};

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
      const { command, waits, connects } = words[node.product].receiver;
      rows.push(threadRow(5 + index * 2, command, receiver.state === "yes" ? waits : connects, since, world.nowMs));
    }
    if (applier.running) {
      const { command, waits, works } = words[node.product].applier;
      rows.push(threadRow(6 + index * 2, command, channel.relayLog.length === 0 ? waits : works, since, world.nowMs));
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
  const { command, waits } = words[node.product].dump;
  return attachedReplicas(world, node).map(({ replica, sinceMs }) => ({
    id: 20 + replica.serverId,
    user: "repl",
    host: `${replica.host}:${40_000 + (replica.port % 20_000)}`,
    database: null,
    command,
    seconds: Math.max(0, Math.floor((world.nowMs - sinceMs) / 1000)),
    state: waits,
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

interface ListColumns {
  readonly show: readonly Column[];
  readonly table: readonly Column[];
  /** What follows the eight cells that all lists have. */
  readonly showRest: readonly Cell[];
  readonly tableRest: (row: ProcessRow) => readonly Cell[];
}

const lists: Readonly<Record<ProductName, ListColumns>> = {
  mariadb: {
    show: columnsOf("Id:bigint User Host db Command Time:int State Info Progress:decimal"),
    showRest: ["0.000"],
    table: columnsOf(
      "ID:bigint USER HOST DB COMMAND TIME:int STATE INFO TIME_MS:decimal STAGE:int MAX_STAGE:int PROGRESS:decimal MEMORY_USED:bigint MAX_MEMORY_USED:bigint EXAMINED_ROWS:int QUERY_ID:bigint INFO_BINARY TID:bigint",
    ),
    tableRest: ({ id, seconds, info }) => [
      `${seconds * 1000}.000`,
      0,
      0,
      "0.000",
      80_000,
      160_000,
      0,
      id * 10,
      info,
      id + 2_000,
    ],
  },
  mysql: {
    show: columnsOf("Id:bigint User Host db Command Time:int State Info"),
    showRest: [],
    table: columnsOf("ID:bigint USER HOST DB COMMAND TIME:bigint STATE INFO EXECUTION_ENGINE"),
    tableRest: () => ["PRIMARY"],
  },
};

function cells(row: ProcessRow): Cell[] {
  return [row.id, row.user, row.host, row.database, row.command, row.seconds, row.state, row.info];
}

/** @param full without it, statements are cut to 100 characters. */
export function buildShowProcesslist(session: SqlSession, full: boolean): Table {
  const { show, showRest } = lists[session.node.product];
  const cut = (row: ProcessRow): ProcessRow =>
    full || row.info === null ? row : { ...row, info: row.info.slice(0, 100) };
  return { columns: show, rows: listProcesses(session).map((row) => [...cells(cut(row)), ...showRest]) };
}

/** information_schema.PROCESSLIST, and MySQL's of performance_schema. */
export function buildProcesslistTable(session: SqlSession): Table {
  const { table, tableRest } = lists[session.node.product];
  return { columns: table, rows: listProcesses(session).map((row) => [...cells(row), ...tableRest(row)]) };
}
