/** Changes one MySQL or MariaDB node. It can send the statements of command.ts and lock.ts, and reads; see writing-session.ts. */

import { isLockName } from "../../model/lock-name.ts";
import type {
  LockHolder,
  LockResult,
  MysqlChange,
  MysqlChangeResult,
  MysqlWriter,
  RequestBounds,
} from "../contract.ts";
import { DriverError } from "../errors.ts";
import type { Progress } from "./bounds.ts";
import { buildMysqlCommand } from "./command.ts";
import { isStatementError, mapError } from "./failure.ts";
import { buildGetLock, buildLockHolder, buildReleaseLock, buildSessionOwner, parseLockHolder } from "./lock.ts";
import type { Login } from "./login.ts";
import { numberOf, textOf } from "./rows.ts";
import { describeTarget, type MysqlTarget } from "./target.ts";
import { createTlsLoader } from "./tls.ts";
import { explainSent, type Sent } from "./write-failure.ts";
import { createWritingLink, type WritingLink } from "./writing-link.ts";

/** Opens nothing before the first call. */
export function createMysqlWriter(target: MysqlTarget): MysqlWriter {
  const description = describeTarget(target);
  const buildTls = createTlsLoader(target.access.tls, description);
  const changing = createWritingLink({ target, description, buildTls });
  const locking = createWritingLink({ target, description, buildTls });
  const lock = <T>(name: string, bounds: RequestBounds, work: (login: Login) => Promise<T>): Promise<T> =>
    runLock(locking, description, name, bounds, work);
  return {
    target: description,
    execute: (change, options) => runChange(changing, description, change, options),
    getLock: (name, waitSeconds, bounds) => lock(name, bounds, (login) => takeLock(login, name, waitSeconds)),
    releaseLock: (name, bounds) =>
      lock(name, bounds, async ({ connection }) => {
        const [row] = await connection.query(buildReleaseLock(name));
        return row !== undefined && numberOf(row, "released") === 1;
      }),
    lockHolder: (name, bounds) => lock(name, bounds, (login) => readHolder(login, name)),
    close: async () => {
      for (const link of [changing, locking]) link.close();
    },
  };
}

type ExecuteOptions = Parameters<MysqlWriter["execute"]>[1];

async function runChange(
  link: WritingLink,
  target: string,
  change: MysqlChange,
  options: ExecuteOptions,
): Promise<MysqlChangeResult> {
  const state: { sent: Sent | null; done: MysqlChangeResult | null } = { sent: null, done: null };
  const work = async (login: Login, progress: Progress): Promise<MysqlChangeResult> => {
    const command = buildMysqlCommand(change, login.dialect);
    assertExpected(target, command, options.expectedCommand ?? command);
    progress.operation = command;
    state.sent = { target, login, change, command };
    await login.connection.query(command);
    const { flavor, version, serverId, hostname, port } = login.identity;
    state.done = { command, server: { flavor, version, serverId, hostname, port }, notices: [] };
    return { ...state.done, notices: await readNotices(login) };
  };
  try {
    return await link.run(options, work);
  } catch (error) {
    // Only reading the warnings failed then.
    if (state.done !== null) return state.done;
    throw state.sent === null ? mapError(error, target, "connect") : explainSent(error, state.sent);
  }
}

function assertExpected(target: string, command: string, expected: string): void {
  if (command === expected) return;
  throw new DriverError({
    kind: "rejected",
    target,
    operation: expected,
    message: `${target}: the server that answers would need another statement (${command}); nothing was sent`,
    advice: "The server was replaced or upgraded since the plan was made: make the plan again.",
  });
}

/** Every warning of the last statement, e.g. `Note 1255: Slave already has been stopped`. */
async function readNotices({ connection }: Login): Promise<readonly string[]> {
  try {
    const rows = await connection.query("SHOW WARNINGS");
    return rows.map((row) => `${textOf(row, "Level")} ${textOf(row, "Code")}: ${textOf(row, "Message")}`);
  } catch (error) {
    if (isStatementError(error)) return [];
    throw error;
  }
}

async function runLock<T>(
  link: WritingLink,
  target: string,
  name: string,
  bounds: RequestBounds,
  work: (login: Login) => Promise<T>,
): Promise<T> {
  const operation = "advisory lock";
  if (!isLockName(name)) {
    const message = `${target}: ${JSON.stringify(name)} is no name for a lock: see buildLockName`;
    throw new DriverError({ kind: "rejected", target, operation, message });
  }
  try {
    return await link.run(bounds, (login, progress) => {
      progress.operation = operation;
      return work(login);
    });
  } catch (error) {
    throw mapError(error, target, operation);
  }
}

async function takeLock(login: Login, name: string, waitSeconds: number): Promise<LockResult> {
  const [row] = await login.connection.query(buildGetLock(name, waitSeconds));
  const granted = row !== undefined && numberOf(row, "granted") === 1;
  return { granted, holder: await readHolder(login, name) };
}

async function readHolder({ connection, dialect }: Login, name: string): Promise<LockHolder | null> {
  const [row] = await connection.query(buildLockHolder(name));
  const id = row === undefined ? null : numberOf(row, "id");
  const [table] = dialect.processListTables;
  if (id === null || table === undefined) return null;
  try {
    const [owner] = await connection.query(buildSessionOwner(table, id));
    return parseLockHolder(row, owner ?? null);
  } catch (error) {
    if (!isStatementError(error)) throw error;
    return parseLockHolder(row, null);
  }
}
