/** BEGIN, COMMIT and ROLLBACK, and LOCK TABLES, which ends a transaction as they do. */
import { done, type StatementResult } from "../wire/answer.ts";
import type { Cursor } from "./cursor.ts";
import { releaseLocks, waitToWrite } from "./locking.ts";
import type { SqlSession } from "./session.ts";
import { commitOpen, parseTarget } from "./writes.ts";

/** What was open before is committed, and table locks are given back. */
export function beginTransaction(session: SqlSession): StatementResult {
  const { connection, node, world } = session;
  commitOpen(session);
  if (node.tableLock === connection.id) node.tableLock = null;
  connection.transaction = { startedAtMs: world.nowMs, rows: 0 };
  return done;
}

function finishWork(cursor: Cursor): void {
  cursor.accept("WORK");
  cursor.finish();
}

/** The word BEGIN was taken. */
export function runBegin(session: SqlSession, cursor: Cursor): StatementResult {
  finishWork(cursor);
  return beginTransaction(session);
}

/** The word COMMIT was taken. */
export function runCommit(session: SqlSession, cursor: Cursor): StatementResult {
  finishWork(cursor);
  commitOpen(session);
  return done;
}

/** The word ROLLBACK was taken. */
export function runRollback({ connection }: SqlSession, cursor: Cursor): StatementResult {
  finishWork(cursor);
  connection.transaction = null;
  return done;
}

/** LOCK TABLES orders WRITE; the word LOCK was taken. READ is not known. @throws SqlError 1205 */
export function lockTables(session: SqlSession, cursor: Cursor): StatementResult {
  if (!cursor.accept("TABLE")) cursor.expect("TABLES");
  parseTarget(session, cursor, "SELECT");
  cursor.expect("WRITE");
  cursor.finish();
  const { connection, node } = session;
  commitOpen(session);
  releaseLocks(node, connection.id);
  waitToWrite(session);
  node.tableLock = connection.id;
  return done;
}
