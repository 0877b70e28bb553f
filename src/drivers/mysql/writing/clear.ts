/**
 * Ends whatever could still write to a node that is read-only. Where nobody can write through super_read_only that is only what holds rows;
 * elsewhere also every session of an account that read_only does not stop, looked for once more under a global read lock.
 */

import type { MysqlChange } from "../../contract.ts";
import { DriverError } from "../../errors.ts";
import { buildClear, buildKill, lockTables, unlockTables } from "../commands/sessions.ts";
import { isPrivilegeError, isStatementError, mapError, parseRawError } from "../failure.ts";
import { selectLockWait, setLockWait } from "./lock-wait.ts";
import { describeAccount, type OtherSession, readOtherSessions } from "./other-sessions.ts";
import { type Privileged, readPrivileged } from "./privileged.ts";
import { readReadOnly } from "./seen.ts";
import { type Perform, pause, stopIfGivenUp, type Work } from "./work.ts";

const NO_SUCH_SESSION = 1094;
const LOOK_MS = 10;
const MARGIN_MS = 500;
const unreadable =
  "The accounts that may write to a read-only server could not be read (SELECT on mysql.*): only sessions with changes that are not committed were looked for.";

interface Victim {
  readonly session: OtherSession;
  readonly why: string;
}

interface Clearing {
  readonly work: Work;
  readonly change: Extract<MysqlChange, { kind: "clear-sessions" }>;
  /** Null: not readable. */
  readonly privileged: Privileged | null;
  readonly end: number;
  readonly sent: string[];
  readonly cleared: Map<number, string>;
}

export const clearSessions: Perform<"clear-sessions"> = async (work, change) => {
  work.progress.operation = buildClear(work.login.dialect);
  await assertFenced(work);
  const privileged = await readPrivileged(work);
  const end = performance.now() + Math.max(MARGIN_MS, work.options.timeoutMs - MARGIN_MS);
  const clearing: Clearing = { work, change, privileged, end, sent: [], cleared: new Map() };
  const found = await findVictims(clearing);
  if (found.length > 0) {
    await endAll(clearing, found);
    if (work.login.dialect.fastVariables.superReadOnly === null) await endUnderLock(clearing);
  }
  const { sent, cleared } = clearing;
  const notices = privileged === null ? [unreadable] : [];
  const command = sent.length > 0 ? sent.join("; ") : buildClear(work.login.dialect);
  return { command, seen: { cleared: [...cleared.values()] }, notices };
};

/** Sessions are only ended on a node that takes no writes: on any other that would be of no use, and harm. */
async function assertFenced({ login, target, progress: { operation } }: Work): Promise<void> {
  const { on, superToo } = await readReadOnly(login);
  const hasSuper = login.dialect.fastVariables.superReadOnly !== null;
  if (on === true && (superToo === true || !hasSuper)) return;
  const variable = hasSuper ? "super_read_only" : "read_only";
  throw new DriverError({
    kind: "rejected",
    target,
    operation,
    message: `${target}: no session was ended, because ${variable} is not on`,
    advice: "Stop the writes of this node first.",
  });
}

async function findVictims({ work, privileged }: Clearing): Promise<readonly Victim[]> {
  const sessions = await readOtherSessions(work.login, work);
  return sessions.flatMap((session): Victim[] => {
    const rows = session.rowsModified ?? 0;
    if (rows > 0) return [{ session, why: `${rows} ${rows === 1 ? "row" : "rows"} not committed` }];
    return privileged?.mayWrite(session) === true
      ? [{ session, why: "its account may write to a read-only server" }]
      : [];
  });
}

/** Ends them and waits until they are gone, rolled back and all; those that come meanwhile, too. */
async function endAll(clearing: Clearing, found: readonly Victim[]): Promise<void> {
  const { work } = clearing;
  let victims = found;
  const asked = new Set<number>();
  while (victims.length > 0) {
    for (const victim of victims) {
      if (asked.has(victim.session.id)) continue;
      asked.add(victim.session.id);
      await end(clearing, victim);
    }
    stopIfGivenUp(work);
    if (performance.now() >= clearing.end) throw explainRest(work, victims);
    await pause(work, LOOK_MS);
    victims = await findVictims(clearing);
  }
}

async function end({ work, change, sent, cleared }: Clearing, { session, why }: Victim): Promise<void> {
  const statement = buildKill(change, session.id);
  const { signal, timeoutMs } = work.options;
  try {
    await work.killer.run({ signal, timeoutMs }, ({ connection }) => connection.query(statement));
    sent.push(statement);
    cleared.set(session.id, `${describeAccount(session)} (${session.id}), ${why}`);
  } catch (error) {
    if (parseRawError(error).errno === NO_SUCH_SESSION) return;
    if (!isPrivilegeError(error)) throw error;
    throw explainDenied(work, session, error);
  }
}

/** What waited for the lock, or came since, is found while nothing can be written. The lock is given back whatever happens. */
async function endUnderLock(clearing: Clearing): Promise<void> {
  const { work, sent } = clearing;
  const { connection } = work.login;
  await setLockWait(work.login, selectLockWait(clearing.end - performance.now()));
  try {
    sent.push(lockTables);
    await connection.query(lockTables);
    await endAll(clearing, await findVictims(clearing));
  } finally {
    sent.push(unlockTables);
    // A connection that is lost has lost its lock.
    if (connection.usable) await connection.query(unlockTables).catch((error) => giveUpLock(work, error));
  }
}

/** Whoever cannot give the lock back ends the session that holds it. */
function giveUpLock({ login }: Work, error: unknown): void {
  login.connection.destroy(error instanceof Error && !isStatementError(error) ? error : undefined);
}

function explainRest({ target, progress: { operation } }: Work, victims: readonly Victim[]): DriverError {
  const who = victims.map(({ session }) => `${describeAccount(session)} (${session.id})`).join(", ");
  return new DriverError({
    kind: "timeout",
    target,
    operation,
    message: `${target}: sessions that were ended are still there: ${who}`,
    advice: "A large transaction takes its time to roll back.",
  });
}

function explainDenied({ target, login }: Work, session: OtherSession, error: unknown): DriverError {
  const { message, serverCode } = mapError(error, target, `KILL ${session.id}`);
  const { kill } = login.dialect.writing.grants;
  return new DriverError({
    kind: "auth",
    target,
    operation: `KILL ${session.id}`,
    message: `${message}: ${describeAccount(session)} could not be ended`,
    advice: `GRANT ${kill} ON *.* TO ${login.identity.account}; (an account with SYSTEM_USER can only be ended by one that has it, too)`,
    serverCode,
    cause: error,
  });
}
