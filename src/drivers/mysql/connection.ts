/** One connection to a server: login, statements one after the other, and an end that leaves nothing behind. */
import { connect, isIP, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Connection, ConnectionOptions, SslOptions } from "mysql2";
import { lookupName } from "../name-lookup/lookup.ts";
import { type Columns, noColumns, readColumns, readRow, readRowMap } from "./answer-rows.ts";
import { buildAuthPlugins } from "./auth/plugins.ts";
import { isStatementError } from "./failure.ts";
import { type Guard, guardConnection } from "./guard.ts";
import type { Row, RowMap } from "./rows.ts";
import { watchTls } from "./server-identity.ts";
import { readingSession, type SessionKind } from "./session-kind.ts";
import type { MysqlTarget } from "./target.ts";

export interface MysqlConnection {
  /** False once it was destroyed or lost; then a new one has to be opened. */
  readonly usable: boolean;
  /** Bytes received so far: none means that the other side has not even greeted. */
  readonly receivedBytes: number;
  /** True while the system is asked for the address of its name: the server knows of nothing yet. */
  readonly isNameAsked: boolean;
  /** Resolves when logged in. Rejects with the raw error. */
  readonly ready: Promise<void>;
  /** Rows of one statement that this connection may send. Rejects with the raw error of the server, or with what `destroy` was given. */
  query(sql: string): Promise<readonly RowMap[]>;
  /**
   * Several statements in one message, for kinds of session that may (see session-kind.ts).
   * @param onAnswer called with the index of each statement whose answer begins to arrive
   * @returns one entry per statement that was answered, in order; an error of the server is the last: what followed it was not run.
   * Rejects like `query` when the connection was lost.
   */
  queryAll(
    statements: readonly string[],
    onAnswer: (index: number) => void,
  ): Promise<readonly (readonly Row[] | Error)[]>;
  destroy(reason?: Error): void;
  /** Says good-bye: MariaDB's error log tells of every connection that ends without. Nothing may be sent afterwards. */
  quit(): void;
}

type Library = Pick<typeof import("mysql2"), "createConnection">;

let library: Promise<Library> | null = null;

/** mysql2 takes about 50 ms to import, so it is loaded when the first connection is opened, not when the program starts. */
function loadLibrary(): Promise<Library> {
  // A CommonJS module: Node gives its names and `default`, a bundle of esbuild gives `default` only.
  library ??= import("mysql2").then((loaded: Library & { readonly default?: Library }) => loaded.default ?? loaded);
  return library;
}

function openSocket({ host, port }: MysqlTarget): Socket {
  const socket = connect({ host, port, lookup: lookupName });
  socket.setNoDelay(true);
  socket.setKeepAlive(true, 30_000);
  return socket;
}

/**
 * Starts to connect. Every failure arrives through `ready` or `query`; the object itself never throws or emits.
 * @param tls options of this attempt, null for clear text
 * @param kind says which statements may be sent; reads only unless told
 */
export async function openConnection(
  target: MysqlTarget,
  tls: SslOptions | null,
  kind: SessionKind = readingSession,
): Promise<MysqlConnection> {
  const { createConnection } = await loadLibrary();
  const stream = target.openStream?.() ?? openSocket(target);
  // A host on the way asks for the name itself.
  const hasName = target.openStream === undefined && isIP(target.host) === 0;
  const connection = createConnection(buildOptions(target, tls, stream, kind));
  if (tls !== null) watchTls(connection, target.access.tls.mode === "verify-identity" ? tlsName(target) : null);
  return new GuardedConnection(connection, stream, kind, hasName);
}

/** Name or address the server's certificate must be for. */
function tlsName({ host, access }: MysqlTarget): string {
  return access.tls.serverName ?? host;
}

function buildOptions(
  target: MysqlTarget,
  tls: SslOptions | null,
  stream: Duplex,
  kind: SessionKind,
): ConnectionOptions {
  const { access } = target;
  return {
    // `host` is only the server name for TLS: the stream is already there.
    host: tlsName(target),
    stream,
    user: access.user,
    password: access.password?.secret ?? "",
    authPlugins: { ...buildAuthPlugins(access.password?.secret ?? "") },
    // A copy, or TLS sessions would be resumed, and a resumed one shows no certificate to check.
    ...(tls === null ? {} : { ssl: { ...tls } }),
    charset: "utf8mb4",
    connectAttributes: { program_name: "signalbox" },
    // Deadlines are ours (bounds.ts): one for everything, not one per step.
    connectTimeout: 0,
    // A server must not be able to ask for local files.
    flags: ["-LOCAL_FILES"],
    multipleStatements: kind.batches,
    // No code generated from the names of columns; values stay bytes and are decoded by us.
    disableEval: true,
    rowsAsArray: true,
    typeCast: false,
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
    trace: false,
  };
}

/** A server that does not close after a good-bye is left all the same. */
const QUIT_WITHIN_MS = 500;

class GuardedConnection implements MysqlConnection {
  usable = true;
  isNameAsked: boolean;
  readonly ready: Promise<void>;
  readonly #connection: Connection;
  readonly #stream: Duplex;
  readonly #guard: Guard;
  readonly #kind: SessionKind;
  /** Of the answers to batches, by statement. */
  readonly #columns = new Map<string, Columns>();
  readonly #waiting = new Set<(error: Error) => void>();

  constructor(connection: Connection, stream: Duplex, kind: SessionKind, hasName: boolean) {
    this.isNameAsked = hasName;
    this.#connection = connection;
    this.#kind = kind;
    this.#stream = stream;
    // These listeners stay for good: an `error` event without a listener would end the process.
    stream.on("error", (error) => this.destroy(error));
    stream.on("close", () => this.destroy());
    stream.on("lookup", () => {
      this.isNameAsked = false;
    });
    connection.on("error", (error) => this.destroy(error));
    this.#guard = guardConnection(connection, (error) => this.destroy(error));
    this.ready = new Promise<void>((resolve, reject) => {
      this.#waiting.add(reject);
      connection.once("connect", () => {
        this.#waiting.delete(reject);
        resolve();
      });
    });
    // Whoever opened it may have given up before awaiting it.
    this.ready.catch(() => undefined);
  }

  get receivedBytes(): number {
    return this.#guard.received();
  }

  async query(sql: string): Promise<readonly RowMap[]> {
    return this.#request([sql], (resolve, fail) => {
      this.#connection.query({ sql, rowsAsArray: true, typeCast: false }, (error, rows, fields) => {
        if (error !== null) return fail(error);
        try {
          resolve(readRows(rows, fields));
        } catch (cause) {
          fail(cause);
        }
      });
    });
  }

  async queryAll(
    statements: readonly string[],
    onAnswer: (index: number) => void,
  ): Promise<readonly (readonly Row[] | Error)[]> {
    if (!this.#kind.batches) throw new Error("this session must not send several statements in one message");
    return this.#request(statements, (resolve, fail) => {
      const answers: (Row[] | Error)[] = [];
      let columns = noColumns;
      let rows: Row[] = [];
      const query = this.#connection.query({ sql: statements.join(";"), rowsAsArray: true, typeCast: false });
      // Events instead of a callback: after an error a callback is not told what was answered before it.
      query.on("fields", (fields: unknown) => {
        const sql = statements[answers.length] ?? "";
        columns = readColumns(fields, this.#columns.get(sql));
        this.#columns.set(sql, columns);
        rows = [];
        answers.push(rows);
        if (answers.length > statements.length) this.destroy(tooManyAnswers());
        else onAnswer(answers.length - 1);
      });
      query.on("result", (row: unknown) => Array.isArray(row) && rows.push(readRow(columns, row)));
      query.on("error", (error: Error) => (isStatementError(error) ? answers.push(error) : fail(error)));
      query.on("end", () => resolve(answers));
    });
  }

  /** What every request has in common: nothing is sent that must not be, and the end of the connection ends it. */
  async #request<T>(
    statements: readonly string[],
    send: (resolve: (value: T) => void, fail: (error: unknown) => void) => void,
  ): Promise<T> {
    if (!this.usable) throw connectionLost();
    for (const sql of statements) this.#kind.assertMaySend(sql);
    this.#guard.expectAnswer();
    return new Promise((resolve, reject) => {
      const fail = (error: unknown) => {
        this.#waiting.delete(fail);
        reject(error);
      };
      this.#waiting.add(fail);
      send((value) => {
        this.#waiting.delete(fail);
        resolve(value);
      }, fail);
    });
  }

  destroy(reason?: Error): void {
    if (!this.usable) return;
    this.usable = false;
    const error = reason ?? connectionLost();
    for (const fail of [...this.#waiting]) fail(error);
    this.#waiting.clear();
    // destroy() of mysql2 only half-closes; against a stopped server that socket would stay for hours.
    this.#connection.destroy();
    this.#stream.destroy();
  }

  quit(): void {
    if (!this.usable) return;
    this.#connection.end();
    const timer = setTimeout(() => this.destroy(), QUIT_WITHIN_MS);
    timer.unref();
    this.#stream.once("close", () => clearTimeout(timer));
  }
}

function connectionLost(): Error {
  return Object.assign(new Error("The server closed the connection"), { code: "PROTOCOL_CONNECTION_LOST" });
}

function tooManyAnswers(): Error {
  return Object.assign(new Error("more answers than statements"), { code: "PROTOCOL_ERROR" });
}

/** The rows of a result set; statements without a result set have none. */
function readRows(rows: unknown, fields: unknown): readonly RowMap[] {
  if (!Array.isArray(rows) || !Array.isArray(fields)) return [];
  const columns = readColumns(fields, undefined);
  return (rows as readonly (readonly unknown[])[]).map((row) => readRowMap(columns, row));
}
