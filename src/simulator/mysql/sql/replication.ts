/** START, STOP and SHOW of replication, with the words of MariaDB. */
import { startThreads, stopThreads, type ThreadChoice } from "../../world/replica-control.ts";
import type { Channel, ProductName } from "../../world/state.ts";
import { type SqlError, sqlErrors } from "../errors.ts";
import { buildReplicaStatus } from "../tables/replica-status.ts";
import { done, type StatementResult } from "../wire/answer.ts";
import type { Cursor } from "./cursor.ts";
import { requirePrivilege, type SqlSession } from "./session.ts";

/** The quoted connection name when one comes next; else the session's default connection, "". */
export function parseChannelName(cursor: Cursor): string {
  return cursor.peek().kind === "string" ? cursor.next().text : "";
}

export function parseForChannel(cursor: Cursor): string | null {
  if (!cursor.accept("FOR", "CHANNEL")) return null;
  const token = cursor.next();
  if (token.kind !== "string") throw cursor.fail();
  return token.text;
}

export function findChannel(session: SqlSession, name: string): Channel | undefined {
  return session.node.channels.find((channel) => channel.name.toLowerCase() === name.toLowerCase());
}

const unknownChannel: Readonly<Record<ProductName, (name: string) => SqlError>> = {
  mariadb: sqlErrors.noConnection,
  mysql: sqlErrors.noChannel,
};

/** The channels a statement means. @throws SqlError 1617, MySQL 3074, for a name that does not exist */
export function chooseChannels(session: SqlSession, name: string): Channel[] {
  const channel = findChannel(session, name);
  if (channel === undefined && name !== "") throw unknownChannel[session.node.product](name);
  return channel === undefined ? [] : [channel];
}

export function parseThreads(cursor: Cursor): ThreadChoice {
  let io = false;
  let sql = false;
  do {
    if (cursor.accept("IO_THREAD")) io = true;
    else if (cursor.accept("SQL_THREAD")) sql = true;
  } while (cursor.accept(","));
  return io === sql ? "both" : io ? "io" : "sql";
}

/** SHOW ALL SLAVES STATUS, SHOW ALL REPLICAS STATUS; the words up to ALL were taken. */
export function showAllReplicas(session: SqlSession, cursor: Cursor): StatementResult {
  if (!cursor.accept("SLAVES")) cursor.expect("REPLICAS");
  cursor.expect("STATUS");
  cursor.finish();
  requirePrivilege(session, "SUPER", "SLAVE MONITOR");
  return { kind: "rows", ...buildReplicaStatus(session.world, session.node, session.node.channels, "all") };
}

/** SHOW SLAVE ['name'] STATUS [FOR CHANNEL 'name']; the words up to SLAVE were taken. */
export function showReplica(session: SqlSession, cursor: Cursor): StatementResult {
  const name = parseChannelName(cursor);
  cursor.expect("STATUS");
  const channelName = parseForChannel(cursor) ?? name;
  cursor.finish();
  requirePrivilege(session, "SUPER", "SLAVE MONITOR");
  const channels = chooseChannels(session, channelName);
  return { kind: "rows", ...buildReplicaStatus(session.world, session.node, channels, "one") };
}

interface Control {
  readonly action: "start" | "stop";
  readonly threads: ThreadChoice;
  /** The note when nothing had to be done; null: none. */
  readonly idle: { readonly code: number; readonly message: string } | null;
}

/** Starts or stops threads, and notes when they all were so before. @throws SqlError 1227 */
export function runThreads(
  session: SqlSession,
  channels: readonly Channel[],
  { action, threads, idle }: Control,
): StatementResult {
  requirePrivilege(session, "SUPER", "REPLICATION SLAVE ADMIN");
  const changed = channels.filter((channel) =>
    action === "start" ? startThreads(session.world, channel, threads) : stopThreads(channel, threads),
  );
  if (idle === null || changed.length > 0) return done;
  session.warnings = [{ level: "Note", ...idle }];
  return { kind: "ok", affectedRows: 0, warnings: 1 };
}

/** START or STOP with the word after it: `SLAVE`, `REPLICA`, or `ALL SLAVES`. */
export function controlReplica(session: SqlSession, cursor: Cursor, action: "start" | "stop"): StatementResult {
  const all = cursor.accept("ALL");
  if (all) {
    if (!cursor.accept("SLAVES")) cursor.expect("REPLICAS");
  } else if (!cursor.accept("SLAVE")) cursor.expect("REPLICA");
  const first = all ? "" : parseChannelName(cursor);
  const threads = parseThreads(cursor);
  const name = parseForChannel(cursor) ?? first;
  cursor.finish();
  const channels = all ? session.node.channels : chooseChannels(session, name);
  if (channels.length === 0 && action === "start" && !all) throw sqlErrors.noSource();
  const [code, state] = action === "start" ? [1254, "is already running"] : [1255, "already has been stopped"];
  return runThreads(session, channels, { action, threads, idle: all ? null : { code, message: `Slave ${state}` } });
}
