/** Changes one MySQL or MariaDB node. It can send the statements of commands/ and lock.ts, and reads; see writing-session.ts. */
import { isLockName } from "../../model/lock-name.ts";
import type { LockHolder, LockResult, MysqlWriter, RequestBounds } from "../contract.ts";
import { DriverError } from "../errors.ts";
import { isStatementError, mapError, parseRawError } from "./failure.ts";
import { buildGetLock, buildLockHolder, buildReleaseLock, buildSessionOwner, parseLockHolder } from "./lock.ts";
import type { Login } from "./login.ts";
import { numberOf } from "./rows.ts";
import { describeTarget, type MysqlTarget } from "./target.ts";
import { createTlsLoader } from "./tls.ts";
import { readChannelTls } from "./writing/channel-tls.ts";
import { createChangeRunner } from "./writing/run.ts";
import { readStoredLogin } from "./writing/stored-login.ts";
import { createWritingLink, type WritingLink } from "./writing-link.ts";
import { killingSession, writingSession } from "./writing-session.ts";

/** Opens nothing before the first call. */
export function createMysqlWriter(target: MysqlTarget): MysqlWriter {
  const description = describeTarget(target);
  const buildTls = createTlsLoader(target.access.tls, description);
  const open = (kind: typeof writingSession) => createWritingLink({ target, description, buildTls, kind });
  const links = { worker: open(writingSession), killer: open(killingSession), locking: open(writingSession) };
  const all = Object.values(links);
  const ownIds = () => all.flatMap((link) => link.connectionId() ?? []);
  const runner = createChangeRunner({ target: description, worker: links.worker, killer: links.killer, ownIds });
  const lock = <T>(name: string, bounds: RequestBounds, work: (login: Login) => Promise<T>): Promise<T> =>
    runLock(links.locking, description, name, bounds, work);
  return {
    target: description,
    execute: runner.execute,
    interrupt: async (bounds) => {
      const id = links.worker.connectionId();
      if (id === null || !runner.markInterrupted()) return false;
      return runPlain(links.killer, description, "KILL QUERY", bounds, (login) => killQuery(login, id));
    },
    prepare: async (bounds) => {
      // A link proves its session with a statement before it hands it out.
      await Promise.all(all.map((link) => runPlain(link, description, "connect", bounds, async () => undefined)));
    },
    storedLogin: (channel, bounds) =>
      runPlain(links.killer, description, "stored replication login", bounds, (login) =>
        readStoredLogin(login, channel),
      ),
    channelTls: (channel, bounds) =>
      runPlain(links.killer, description, "TLS of replication", bounds, (login) => readChannelTls(login, channel)),
    getLock: (name, waitSeconds, bounds) => lock(name, bounds, (login) => takeLock(login, name, waitSeconds)),
    releaseLock: (name, bounds) =>
      lock(name, bounds, async ({ connection }) => {
        const [row] = await connection.query(buildReleaseLock(name));
        return row !== undefined && numberOf(row, "released") === 1;
      }),
    lockHolder: (name, bounds) => lock(name, bounds, (login) => readHolder(login, name)),
    close: async () => {
      for (const link of all) link.close();
    },
  };
}

const NO_SUCH_SESSION = 1094;

/** False when the session has gone. */
async function killQuery({ connection }: Login, id: number): Promise<boolean> {
  try {
    await connection.query(`KILL QUERY ${id}`);
    return true;
  } catch (error) {
    if (parseRawError(error).errno === NO_SUCH_SESSION) return false;
    throw error;
  }
}

/** Work that changes nothing: its errors are what they seem. */
async function runPlain<T>(
  link: WritingLink,
  target: string,
  operation: string,
  bounds: RequestBounds,
  work: (login: Login) => Promise<T>,
): Promise<T> {
  try {
    return await link.run(bounds, (login, progress) => {
      progress.operation = operation;
      return work(login);
    });
  } catch (error) {
    throw mapError(error, target, operation);
  }
}

function runLock<T>(
  link: WritingLink,
  target: string,
  name: string,
  bounds: RequestBounds,
  work: (login: Login) => Promise<T>,
): Promise<T> {
  const operation = "advisory lock";
  if (!isLockName(name)) {
    const message = `${target}: ${JSON.stringify(name)} is no name for a lock: see buildLockName`;
    return Promise.reject(new DriverError({ kind: "rejected", target, operation, message }));
  }
  return runPlain(link, target, operation, bounds, work);
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
