/** The switch that stops writes, bounded so that the server itself gives up before we do. */

import type { Blocker } from "../../../model/operation.ts";
import type { MysqlChange } from "../../contract.ts";
import { DriverError } from "../../errors.ts";
import { buildReadOnly } from "../commands/settings.ts";
import { isStatementError, mapError, parseRawError } from "../failure.ts";
import { selectLockWait, setLockWait } from "./lock-wait.ts";
import { readReadOnly } from "./seen.ts";
import type { Perform, Work } from "./work.ts";

const LOCK_WAIT = 1205;
/** The statement took longer than the server allows: it has ended, and what it did is read. */
const TIME_LIMITS: ReadonlySet<number> = new Set([1969, 3024]);
const KILLED = 1317;

type ReadOnly = Extract<MysqlChange, { kind: "read-only" }>;

export const setReadOnly: Perform<"read-only"> = async (work, change) => {
  const { dialect } = work.login;
  const command = buildReadOnly(change, dialect);
  await setLockWait(work.login, selectLockWait(work.options.timeoutMs));
  try {
    await work.send(command);
    return { command };
  } catch (error) {
    throw (await explain(work, change, error, work.blockers())) ?? error;
  }
};

/** An error after which the state could be read, and is not the one that was asked for: it was not done. Null: what is known is in `error`. */
async function explain(
  work: Work,
  change: ReadOnly,
  error: unknown,
  blockers: readonly Blocker[],
): Promise<DriverError | null> {
  const { errno } = parseRawError(error);
  if (error instanceof DriverError || !isStatementError(error) || errno === null) return null;
  if (errno !== LOCK_WAIT && errno !== KILLED && !TIME_LIMITS.has(errno)) return null;
  const state = await readReadOnly(work.login).catch(() => null);
  if (state === null || state.on === null) return null;
  const reached = state.on === change.on && (!change.on || !change.superToo || state.superToo === true);
  if (reached && errno !== LOCK_WAIT) return null;
  const { target, progress } = work;
  const { message, serverCode } = mapError(error, target, progress.operation);
  const interrupted = errno === KILLED;
  return new DriverError({
    kind: interrupted && work.interrupted() ? "cancelled" : "rejected",
    target,
    operation: progress.operation,
    message: `${message}; read_only is ${state.on ? 1 : 0}`,
    advice: interrupted ? "The statement was ended by KILL QUERY." : buildAdvice(blockers),
    serverCode,
    cause: error,
  });
}

function buildAdvice(blockers: readonly Blocker[]): string {
  const general =
    "A long transaction, LOCK TABLES or a backup holds the lock: look at the sessions of this node, then try again.";
  if (blockers.length === 0) return general;
  const who = blockers.map(({ account, sessionId, query }) => {
    const doing = query === null ? "" : `: ${query.slice(0, 80)}`;
    return `${account} (${sessionId}${doing})`;
  });
  return `Held up by ${who.join(", ")}. ${general}`;
}
