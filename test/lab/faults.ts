import type { Connection } from "mysql2/promise";
import { labAccounts } from "./accounts.ts";
import { connectByPort, connectBySocket, queryRows, runAll } from "./connection.ts";
import type { LabNode } from "./node.ts";
import { labStatements } from "./statements.ts";
import { waitFor } from "./wait.ts";

const TOO_MANY_CONNECTIONS = 1040;

/** Runs statements that leave no trace in the binary log, also on a server that refuses writes. */
async function runLocally(node: LabNode, statements: readonly string[]): Promise<void> {
  await node.withAdmin(async (connection) => {
    const fenced =
      node.flavor === "mysql" && Number((await queryRows(connection, "SELECT @@super_read_only AS f"))[0]?.f) === 1;
    if (fenced) await connection.query("SET GLOBAL super_read_only=0");
    try {
      await runAll(connection, ["SET SESSION sql_log_bin=0", ...statements]);
    } finally {
      await connection.query("SET SESSION sql_log_bin=1");
      if (fenced) await connection.query("SET GLOBAL super_read_only=1");
    }
  });
}

async function killSessionsOf(node: LabNode, users: readonly string[]): Promise<void> {
  const list = users.map((user) => `'${user}'`).join(",");
  await node.withAdmin(async (connection) => {
    const rows = await queryRows(
      connection,
      `SELECT id AS id FROM information_schema.processlist WHERE user IN (${list})`,
    );
    // A session may have ended by itself between the two statements.
    for (const row of rows) await connection.query(`KILL ${row.id}`).catch(() => undefined);
  });
}

/** Renaming works on every version, and gives 1045 as a wrong password does; a lock would give other codes. */
export async function refuseLogins(node: LabNode): Promise<void> {
  await runLocally(node, ["RENAME USER 'ops'@'%' TO 'ops_refused'@'%'"]);
  await killSessionsOf(node, ["ops"]);
}

export async function allowLogins(node: LabNode): Promise<void> {
  await runLocally(node, ["RENAME USER 'ops_refused'@'%' TO 'ops'@'%'"]);
}

interface FilledConnections {
  readonly reserved: Connection;
  readonly release: () => Promise<void>;
}

function errnoOf(error: unknown): number | undefined {
  return error instanceof Error && "errno" in error && typeof error.errno === "number" ? error.errno : undefined;
}

async function openUntilFull(open: () => Promise<Connection>, held: Connection[]): Promise<void> {
  for (;;) {
    try {
      const connection = await open();
      // The server may cut it (KILL, restart): no reason to end the test process.
      connection.on("error", () => undefined);
      held.push(connection);
    } catch (error) {
      if (errnoOf(error) === TOO_MANY_CONNECTIONS) return;
      throw error;
    }
  }
}

export async function fillConnections(node: LabNode): Promise<FilledConnections> {
  const reserved = await connectBySocket(node.socketPath, labAccounts.admin);
  const held: Connection[] = [];
  const limit = Number((await queryRows(reserved, "SELECT @@global.max_connections AS n"))[0]?.n);
  const release = async (): Promise<void> => {
    for (const connection of held) connection.destroy();
    await reserved.query(`SET GLOBAL max_connections=${limit}`);
    reserved.destroy();
  };
  try {
    const used = await queryRows(reserved, "SELECT COUNT(*) AS n FROM information_schema.processlist");
    await reserved.query(`SET GLOBAL max_connections=${Math.max(10, Number(used[0]?.n) + 2)}`);
    // A health check of HAProxy may sit in a slot while the others are taken; once all are ours, none gets in any more.
    // One that ends is off the process list before its slot is free: they are all ours when a later look finds none to take.
    await waitFor(`every slot of ${node.name} to be ours`, async () => {
      const before = held.length;
      await openUntilFull(() => connectByPort(node.port, labAccounts.app), held);
      await openUntilFull(() => connectBySocket(node.socketPath, labAccounts.admin), held);
      return held.length === before && !(await hasStrangers(reserved, held));
    });
    return { reserved, release };
  } catch (error) {
    await release();
    throw error;
  }
}

/** Client connections that come and go by themselves: neither ours nor replication's. */
async function hasStrangers(reserved: Connection, held: readonly Connection[]): Promise<boolean> {
  const ours = new Set([reserved, ...held].map(({ threadId }) => threadId));
  const rows = await queryRows(
    reserved,
    "SELECT id AS id, user AS user, command AS command FROM information_schema.processlist",
  );
  return rows.some(
    ({ id, user, command }) =>
      !ours.has(Number(id)) &&
      !["system user", "event_scheduler"].includes(String(user)) &&
      !/^Binlog Dump/.test(String(command)),
  );
}

let nextConflict = 1;

export async function breakApplier(node: LabNode): Promise<void> {
  const source = await node.source();
  if (!source) throw new Error(`${node.name} follows no node of this lab`);
  const id = Date.now() * 1_000 + nextConflict++;
  await runLocally(node, [`INSERT INTO shop.applier_break VALUES (${id})`]);
  await source.query(`INSERT INTO shop.applier_break VALUES (${id})`);
  const { columns } = labStatements[node.flavor];
  await waitFor(`${node.name}'s applier to stop`, async () => {
    const status = await node.replicaStatus();
    return status?.[columns.sql] === "No" && Number(status.Last_SQL_Errno) === 1062;
  });
}

export async function repairApplier(node: LabNode): Promise<void> {
  const words = labStatements[node.flavor];
  await runLocally(node, ["DELETE FROM shop.applier_break"]);
  await node.query(words.startApplier);
  await waitForThread(node, "sql", true);
}

/** From now on a receiver gives its source up after so many seconds of silence. */
export async function setNetTimeout(node: LabNode, seconds: number): Promise<void> {
  const words = labStatements[node.flavor];
  await node.withAdmin((connection) =>
    runAll(connection, [words.setNetTimeout(seconds), words.stopReceiver, words.startReceiver]),
  );
  await waitForThread(node, "io", true);
}

async function waitForThread(node: LabNode, thread: "io" | "sql", running: boolean): Promise<void> {
  const column = labStatements[node.flavor].columns[thread];
  await waitFor(`${node.name} ${thread} thread ${running ? "running" : "stopped"}`, async () => {
    const value = (await node.replicaStatus())?.[column];
    return running ? value === "Yes" : value === "No";
  });
}

/** Starts or stops one replication thread. Starting the receiver does not wait for its source, which may be away. */
export async function setThread(node: LabNode, thread: "io" | "sql", run: boolean): Promise<void> {
  const words = labStatements[node.flavor];
  const start = thread === "io" ? words.startReceiver : words.startApplier;
  const stop = thread === "io" ? words.stopReceiver : words.stopApplier;
  await node.query(run ? start : stop);
  if (!run || thread === "sql") await waitForThread(node, thread, run);
}

export async function delayReplication(node: LabNode, seconds: number): Promise<void> {
  const words = labStatements[node.flavor];
  await node.withAdmin((connection) => runAll(connection, [words.stop, words.setDelay(seconds), words.start]));
  await waitForThread(node, "sql", true);
}

export async function setReadOnly(node: LabNode, on: boolean): Promise<void> {
  await node.withAdmin((connection) => runAll(connection, labStatements[node.flavor].setReadOnly(on)));
}
