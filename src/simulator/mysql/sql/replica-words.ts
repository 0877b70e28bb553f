/** START, STOP and SHOW of replication, with the words of MySQL 8.4 and later. */
import { sqlErrors } from "../errors.ts";
import { buildMysqlReplicaStatus } from "../tables/mysql-replica-status.ts";
import type { StatementResult } from "../wire/answer.ts";
import { channelsOf } from "./change-replication.ts";
import type { Cursor } from "./cursor.ts";
import { parseForChannel, parseThreads, runThreads } from "./replication.ts";
import { requirePrivilege, type SqlSession } from "./session.ts";

/** SHOW REPLICA STATUS [FOR CHANNEL 'name']; the words up to REPLICA were taken. */
export function showReplicaStatus(session: SqlSession, cursor: Cursor): StatementResult {
  cursor.expect("STATUS");
  const name = parseForChannel(cursor);
  cursor.finish();
  requirePrivilege(session, "SUPER", "SLAVE MONITOR");
  return { kind: "rows", ...buildMysqlReplicaStatus(session.node, session.world, channelsOf(session, name)) };
}

/** START or STOP REPLICA [thread] [FOR CHANNEL 'name']; the first word was taken. */
export function startOrStop(session: SqlSession, cursor: Cursor, action: "start" | "stop"): StatementResult {
  cursor.expect("REPLICA");
  const threads = parseThreads(cursor);
  const name = parseForChannel(cursor);
  cursor.finish();
  const channels = channelsOf(session, name);
  if (channels.length === 0 && action === "start") throw sqlErrors.notReplica();
  const [code, state] =
    action === "start"
      ? [3083, "Replication thread(s) for channel '<name>' are already running."]
      : [3084, "Replication thread(s) for channel '<name>' are already stopped."];
  return runThreads(session, channels, {
    action,
    threads,
    idle: { code, message: state.replace("<name>", name ?? "") },
  });
}
