/** FLUSH TABLES WITH READ LOCK, UNLOCK TABLES and the flushes that only take time on a real server. */
import { rotateBinlog } from "../../world/binlog.ts";
import { isGloballyLocked } from "../../world/global-lock.ts";
import { sqlErrors } from "../errors.ts";
import { readVariable } from "../variables.ts";
import { done, type StatementResult } from "../wire/answer.ts";
import type { Cursor } from "./cursor.ts";
import { requirePrivilege, type SqlSession, waitUntil } from "./session.ts";

/** Seconds this session waits for a lock. */
export function lockWaitSeconds(session: SqlSession): number {
  return Number(readVariable(session, "lock_wait_timeout", null).value);
}

/** Waits while another session holds the lock. @throws SqlError 1205 */
export function waitForGlobalLock(session: SqlSession): void {
  const { node, connection } = session;
  const isFree = (): boolean => !isGloballyLocked(node) || node.globalLock === connection.id;
  if (!waitUntil(session, lockWaitSeconds(session), isFree)) throw sqlErrors.lockWait();
}

/** The word FLUSH was taken. */
export function runFlush(session: SqlSession, cursor: Cursor): StatementResult {
  if (!cursor.accept("LOCAL")) cursor.accept("NO_WRITE_TO_BINLOG");
  if (cursor.accept("TABLES")) {
    const locks = cursor.accept("WITH", "READ", "LOCK");
    cursor.finish();
    requirePrivilege(session, "RELOAD");
    if (locks) session.node.globalLock = session.connection.id;
    return done;
  }
  cursor.accept("BINARY");
  cursor.expect("LOGS");
  cursor.finish();
  requirePrivilege(session, "RELOAD");
  rotateBinlog(session.node.binlog);
  return done;
}

/** The word UNLOCK was taken. */
export function runUnlock({ node, connection }: SqlSession, cursor: Cursor): StatementResult {
  cursor.expect("TABLES");
  cursor.finish();
  if (node.globalLock === connection.id) node.globalLock = null;
  return done;
}
