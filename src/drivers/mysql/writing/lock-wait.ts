/** How long the server lets a statement of the writer wait for a lock before it gives up by itself. */

import type { MysqlConnection } from "../connection.ts";
import type { Login } from "../login.ts";

/** What is left for the answer to travel, and for what it means to be read. */
const MARGIN_MS = 500;
/** As the session began, see dialects/writing.ts. */
const USUAL_SECONDS = 2;

/** Per connection, so that the statement is only sent where it changes something. */
const current = new WeakMap<MysqlConnection, number>();

/** Whole seconds that end before `limitMs` does; at least one. */
export function selectLockWait(limitMs: number): number {
  return Math.max(1, Math.floor((limitMs - MARGIN_MS) / 1_000));
}

export async function setLockWait({ connection }: Login, seconds: number = USUAL_SECONDS): Promise<void> {
  if ((current.get(connection) ?? USUAL_SECONDS) === seconds) return;
  current.delete(connection);
  await connection.query(`SET SESSION lock_wait_timeout=${seconds}`);
  current.set(connection, seconds);
}
