/** Reads one MySQL or MariaDB node. It can send nothing but SELECT, SHOW and SET SESSION (see reading-only.ts). */
import type { SslOptions } from "mysql2";
import type { MysqlReader, RequestBounds } from "../contract.ts";
import { DriverError } from "../errors.ts";
import type { Asking } from "./asking.ts";
import { type Progress, runBounded } from "./bounds.ts";
import { mapError } from "./failure.ts";
import { type Login, logIn } from "./login.ts";
import { readSessions } from "./parts/sessions.ts";
import { type Memory, readReport } from "./report.ts";
import { describeTarget, type MysqlTarget } from "./target.ts";
import { buildTlsOptions } from "./tls.ts";

export type { MysqlTarget } from "./target.ts";

/** A session is held open this long after the last look at the process list. */
const sessionIdleMs = 30_000;

/** One kept connection: who is on the other side, which forms work, what was read before. */
interface Link {
  login: Login | null;
  /** The request that is under way; null when none is. */
  progress: Progress | null;
  working: Map<string, number>;
  memory: Memory;
}

const createLink = (): Link => ({
  login: null,
  progress: null,
  working: new Map(),
  memory: { settings: null, attached: null },
});

/**
 * Nothing is opened before the first call; a lost connection is opened again by the next one. The promises reject with DriverError only,
 * at the deadline at the latest, whatever the other side does.
 */
export function createMysqlReader(target: MysqlTarget): MysqlReader {
  const description = describeTarget(target);
  const polling = createLink();
  const looking = createLink();
  let tls: Promise<SslOptions | null> | null = null;
  let idle: NodeJS.Timeout | null = null;
  let closed = false;

  const buildTls = () => {
    // A certificate file that could not be read may be there next time.
    tls ??= buildTlsOptions(target.access.tls, description).catch((error: unknown) => {
      tls = null;
      throw error;
    });
    return tls;
  };

  const prepare = async (link: Link, progress: Progress): Promise<Asking> => {
    if (link.login?.connection.usable !== true) {
      Object.assign(link, { ...createLink(), progress });
      const login = await logIn(target, await buildTls(), progress);
      if (progress.ended !== null) {
        login.connection.destroy();
        throw progress.ended;
      }
      link.login = login;
    }
    const login = link.login as Login;
    progress.cancel = (reason) => login.connection.destroy(reason);
    progress.hint = null;
    return { login, problems: [], working: link.working, progress, target: description };
  };

  const run = async <T>(link: Link, bounds: RequestBounds, read: (asking: Asking) => Promise<T>): Promise<T> => {
    if (closed || link.progress !== null) throw refuseCall(description, closed);
    let operation = "connect";
    try {
      return await runBounded(description, bounds, async (progress) => {
        link.progress = progress;
        try {
          return await read(await prepare(link, progress));
        } finally {
          operation = progress.operation;
        }
      });
    } catch (error) {
      const failure = mapError(error, description, operation);
      // Who knows where in its answers a connection stands whose last one made no sense.
      if (failure.kind === "protocol") link.login?.connection.destroy();
      throw failure;
    } finally {
      link.progress = null;
    }
  };

  const dropSessions = () => {
    if (looking.progress === null) looking.login?.connection.destroy();
  };

  return {
    target: description,
    poll: (bounds) => run(polling, bounds, (asking) => readReport(asking, target, polling.memory, performance.now())),
    sessions: (bounds) =>
      run(looking, bounds, readSessions).finally(() => {
        if (idle !== null) clearTimeout(idle);
        idle = setTimeout(dropSessions, sessionIdleMs).unref();
      }),
    close: async () => {
      closed = true;
      if (idle !== null) clearTimeout(idle);
      for (const { progress, login } of [polling, looking]) {
        if (progress !== null) cancel(progress, refuseCall(description, closed));
        login?.connection.destroy();
      }
    },
  };
}

/** Ends a request that is under way; it rejects with the reason. */
function cancel(progress: Progress, reason: DriverError): void {
  progress.ended ??= reason;
  progress.cancel?.(reason);
}

function refuseCall(target: string, closed: boolean): DriverError {
  const what = closed ? "the reader is closed" : "the last request is still running";
  return new DriverError({ kind: "cancelled", target, operation: "connect", message: `${target}: ${what}` });
}
