/** FLUSH TABLES WITH READ LOCK, UNLOCK TABLES and the flushes that only take time on a real server. */
import { rotateBinlog } from "../../world/binlog.ts";
import { areWritesHeld, isTableLocked } from "../../world/locks.ts";
import type { Node } from "../../world/state.ts";
import { sqlErrors } from "../errors.ts";
import { readVariable } from "../variables.ts";
import { done, type StatementResult } from "../wire/answer.ts";
import type { Cursor } from "./cursor.ts";
import { requirePrivilege, type SqlSession, waitUntil } from "./session.ts";

/** Seconds this session waits for a lock. */
export function lockWaitSeconds(session: SqlSession): number {
  return Number(readVariable(session, "lock_wait_timeout", null).value);
}

function waitFor(session: SqlSession, isFree: () => boolean): void {
  if (!waitUntil(session, lockWaitSeconds(session), isFree)) throw sqlErrors.lockWait();
}

/** Waits while another session holds writes up. @throws SqlError 1205 */
export function waitToWrite(session: SqlSession): void {
  waitFor(session, () => !areWritesHeld(session.node, session.connection.id));
}

/** Waits while another session holds LOCK TABLES … WRITE, as what makes a server read-only does. @throws SqlError 1205 */
export function waitForTables(session: SqlSession): void {
  waitFor(session, () => !isTableLocked(session.node, session.connection.id));
}

/** The word FLUSH was taken. */
export function runFlush(session: SqlSession, cursor: Cursor): StatementResult {
  if (!cursor.accept("LOCAL")) cursor.accept("NO_WRITE_TO_BINLOG");
  if (cursor.accept("TABLES")) {
    const locks = cursor.accept("WITH", "READ", "LOCK");
    cursor.finish();
    requirePrivilege(session, "RELOAD");
    if (locks) {
      waitForTables(session);
      session.node.globalLock = session.connection.id;
    }
    return done;
  }
  cursor.accept("BINARY");
  cursor.expect("LOGS");
  cursor.finish();
  requirePrivilege(session, "RELOAD");
  rotateBinlog(session.node.binlog);
  return done;
}

/** Gives back what this connection has locked. */
export function releaseLocks(node: Node, connectionId: number): void {
  if (node.globalLock === connectionId) node.globalLock = null;
  if (node.tableLock === connectionId) node.tableLock = null;
}

/** The word UNLOCK was taken. */
export function runUnlock({ node, connection }: SqlSession, cursor: Cursor): StatementResult {
  cursor.expect("TABLES");
  cursor.finish();
  releaseLocks(node, connection.id);
  return done;
}
