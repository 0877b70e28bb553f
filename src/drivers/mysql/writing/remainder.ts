/**
 * A source that dies in the middle of a large transaction leaves the beginning of it in the relay log: it counts as received, and the applier
 * waits for its end for ever.
 */
import type { ReplicaChannel } from "../../../model/mysql.ts";
import { isStatementError } from "../failure.ts";
import { textOf } from "../rows.ts";
import { selectProcessList } from "./other-sessions.ts";
import type { Work } from "./work.ts";

const READ_ALL = /has read all relay log/i;
/** Threads of replication that have nothing to do: those that apply side by side, and receivers. */
const IDLE =
  /has read all relay log|waiting for an event from coordinator|waiting for work from|to send event|reconnect/i;

/**
 * True when nothing more comes and everything whole is applied, by the word of every thread of replication: of those that apply side by side
 * one may be busy still when the one that reads for them has come to the end.
 */
export async function hasReadAll({ login }: Work, { io, sqlState }: ReplicaChannel): Promise<boolean> {
  if (io !== "no" || sqlState === null || !READ_ALL.test(sqlState)) return false;
  const sql = `SELECT STATE AS state FROM ${selectProcessList(login)} WHERE USER = 'system user' AND COMMAND <> 'Daemon'`;
  const rows = await login.connection.query(sql).catch((error: unknown) => {
    // Who may not see them cannot tell.
    if (isStatementError(error)) return [];
    throw error;
  });
  return rows.length > 0 && rows.every((row) => IDLE.test(textOf(row, "state") ?? ""));
}
