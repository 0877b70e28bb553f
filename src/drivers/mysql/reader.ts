/** Reads one MySQL or MariaDB node. It can send nothing but SELECT, SHOW and SET SESSION (see reading-only.ts). */
import type { SslOptions } from "mysql2";
import type { ClientSession, MysqlReport } from "../../model/mysql.ts";
import type { MysqlReader, RequestBounds } from "../contract.ts";
import { DriverError } from "../errors.ts";
import type { Asking } from "./asking.ts";
import { type Progress, runBounded } from "./bounds.ts";
import { mapError } from "./failure.ts";
import { type Login, logIn } from "./login.ts";
import { readSessions } from "./parts/sessions.ts";
import { createMemory, type Memory, readReport } from "./report.ts";
import { pollingSession, readingSession, type SessionKind } from "./session-kind.ts";
import { describeTarget, type MysqlTarget } from "./target.ts";
import { buildTlsOptions } from "./tls.ts";

export type { MysqlTarget } from "./target.ts";

/** A session is held open this long after the last look at the process list. */
const sessionIdleMs = 30_000;

/** One kept connection: who is on the other side, which forms work, what was read before. */
interface Link {
  readonly kind: SessionKind;
  login: Login | null;
  /** The request that is under way; null when none is. */
  progress: Progress | null;
  working: Map<string, number>;
  memory: Memory;
}

const createLink = (kind: SessionKind): Link => ({
  kind,
  login: null,
  progress: null,
  working: new Map(),
  memory: createMemory(),
});

/**
 * Nothing is opened before the first call; a lost connection is opened again by the next one. The promises reject with DriverError only,
 * at the deadline at the latest, whatever the other side does.
 */
export function createMysqlReader(target: MysqlTarget, options: MysqlReaderOptions = {}): MysqlReader {
  return new NodeReader(target, options);
}

export interface MysqlReaderOptions {
  /** Settings as old as that may be taken from an earlier poll; 0 for those who judge by them whether a change is in effect. Default 5 s. */
  readonly settingsMaxAgeMs?: number;
}

class NodeReader implements MysqlReader {
  readonly target: string;
  readonly #node: MysqlTarget;
  readonly #settingsMaxAgeMs: number | undefined;
  readonly #polling = createLink(pollingSession);
  readonly #looking = createLink(readingSession);
  #tls: Promise<SslOptions | null> | null = null;
  #idle: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(node: MysqlTarget, { settingsMaxAgeMs }: MysqlReaderOptions) {
    this.#node = node;
    this.#settingsMaxAgeMs = settingsMaxAgeMs;
    this.target = describeTarget(node);
  }

  poll(bounds: RequestBounds): Promise<MysqlReport> {
    const link = this.#polling;
    return this.#run(link, bounds, (asking) =>
      readReport(asking, this.#node, link.memory, performance.now(), this.#settingsMaxAgeMs),
    );
  }

  async sessions(bounds: RequestBounds): Promise<readonly ClientSession[]> {
    try {
      return await this.#run(this.#looking, bounds, readSessions);
    } finally {
      if (this.#idle !== null) clearTimeout(this.#idle);
      this.#idle = setTimeout(() => this.#dropIdle(), sessionIdleMs).unref();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#idle !== null) clearTimeout(this.#idle);
    for (const { progress, login } of [this.#polling, this.#looking]) {
      if (progress !== null) cancel(progress, refuseCall(this.target, true));
      login?.connection.destroy();
    }
  }

  #dropIdle(): void {
    if (this.#looking.progress === null) this.#looking.login?.connection.destroy();
  }

  /** Single flight per link; every error mapped. */
  async #run<T>(link: Link, bounds: RequestBounds, read: (asking: Asking) => Promise<T>): Promise<T> {
    if (this.#closed || link.progress !== null) throw refuseCall(this.target, this.#closed);
    let operation = "connect";
    try {
      return await runBounded(this.target, bounds, async (progress) => {
        link.progress = progress;
        try {
          return await read(await this.#prepare(link, progress));
        } finally {
          operation = progress.operation;
        }
      });
    } catch (error) {
      const failure = mapError(error, this.target, operation);
      // Who knows where in its answers a connection stands whose last one made no sense.
      if (failure.kind === "protocol") link.login?.connection.destroy();
      throw failure;
    } finally {
      link.progress = null;
    }
  }

  async #prepare(link: Link, progress: Progress): Promise<Asking> {
    const login = link.login?.connection.usable === true ? link.login : await this.#connect(link, progress);
    progress.cancel = (reason) => login.connection.destroy(reason);
    progress.hint = null;
    const { working } = link;
    return { login, problems: [], working, asked: [], answers: new Map(), progress, target: this.target };
  }

  async #connect(link: Link, progress: Progress): Promise<Login> {
    Object.assign(link, { ...createLink(link.kind), progress });
    const login = await logIn(this.#node, await this.#buildTls(), progress, link.kind);
    if (progress.ended !== null) {
      login.connection.destroy();
      throw progress.ended;
    }
    link.login = login;
    return login;
  }

  #buildTls(): Promise<SslOptions | null> {
    this.#tls ??= buildTlsOptions(this.#node.access.tls, this.target).catch((error: unknown) => {
      // A certificate file that could not be read may be there next time.
      this.#tls = null;
      throw error;
    });
    return this.#tls;
  }
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
