/**
 * What the rest of the program may ask of a server. The monitor gets only these reading interfaces; interfaces that change anything are
 * separate, so that a program started read-only holds no object that could send a changing statement.
 */
import type { AdminReason, HaproxyProcess, HaproxyReport } from "../model/haproxy.ts";
import type { ClientSession, Flavor, MysqlReport } from "../model/mysql.ts";
import type { AdminState, Change } from "../model/operation.ts";
import type { Failure } from "../model/reading.ts";

/** Bounds of one request. When the signal aborts, the promise rejects with DriverError kind `cancelled`; at the deadline with `timeout`. */
export interface RequestBounds {
  readonly signal: AbortSignal;
  /** Milliseconds from the call to the last byte of the answer. */
  readonly timeoutMs: number;
}

/** One HAProxy process or stats page. Every call opens what it needs and leaves nothing behind; calls may overlap. */
export interface HaproxyReader {
  /** Name and URL without secrets. */
  readonly target: string;
  /** @throws DriverError */
  poll(bounds: RequestBounds): Promise<HaproxyReport>;
  close(): Promise<void>;
}

/** One MySQL or MariaDB node. Keeps one connection, reconnects by itself on the next poll; polls must not overlap. */
export interface MysqlReader {
  readonly target: string;
  /** @throws DriverError when the node cannot be asked at all; parts that fail alone are `problems` of the report. */
  poll(bounds: RequestBounds): Promise<MysqlReport>;
  /** Client sessions of the node, on a second connection so that it never delays a poll. @throws DriverError */
  sessions(bounds: RequestBounds): Promise<readonly ClientSession[]>;
  close(): Promise<void>;
}

export type HaproxyChange = Extract<Change, { readonly haproxy: string }>;
export type MysqlChange = Extract<Change, { readonly node: string }>;

/** A server as it reads right after a change, from the process that took it. */
export interface HaproxyServerAfter {
  readonly backend: string;
  readonly server: string;
  /** What keeps it out in effect, inherited reasons too; null when the version cannot tell (1.5: a server that is DOWN or has weight 0). */
  readonly state: AdminState | null;
  /** Null before 1.6, which does not tell. */
  readonly adminReasons: readonly AdminReason[] | null;
  /** As set now; null when not told. */
  readonly weight: number | null;
  /** Weight of the configuration. */
  readonly initialWeight: number | null;
}

export interface HaproxyChangeResult {
  /** The command as sent, or as it would have been sent. */
  readonly command: string;
  /** False: another process than the expected one answered (`pidChanged`), and nothing was sent. */
  readonly sent: boolean;
  /** True when the process is not the expected one. With `sent` it was replaced between the question and the change: `servers` are those of the new one. */
  readonly pidChanged: boolean;
  /** The process that answered last. */
  readonly process: HaproxyProcess;
  /** The server's own words when it refused; null when the change was accepted, which does not yet mean that it is in effect. */
  readonly refusal: string | null;
  /** The same refusal with what to do, kind `rejected`; null exactly when `refusal` is. */
  readonly failure: Failure | null;
  /** What the server said beside accepting. */
  readonly notice: string | null;
  /** All servers of the backend, read on the same line as the change; empty when not sent or the backend is not there. */
  readonly servers: readonly HaproxyServerAfter[];
}

/** Changes one HAProxy process. Every call opens what it needs and leaves nothing behind; calls may overlap. */
export interface HaproxyWriter {
  /** Name and URL without secrets. */
  readonly target: string;
  /**
   * Sends one change after looking who answers. Session counts are not part of the answer: poll for them.
   * @param options `expectedPid`: process the plan was made for; null takes whichever answers
   * @throws DriverError kind `unknown-outcome` when the answer was lost after the change was sent: read before doing anything else;
   * any other kind: nothing was changed
   */
  change(
    change: HaproxyChange,
    options: { readonly expectedPid: number | null } & RequestBounds,
  ): Promise<HaproxyChangeResult>;
  close(): Promise<void>;
}

export interface MysqlChangeResult {
  /** The statement as sent. */
  readonly command: string;
  /** Who executed it. */
  readonly server: {
    readonly flavor: Flavor;
    readonly version: string;
    readonly serverId: number | null;
    readonly hostname: string | null;
    readonly port: number | null;
  };
  /** Warnings of the statement, e.g. that replication ran already; `[]` also when they could not be read. */
  readonly notices: readonly string[];
}

export interface LockHolder {
  readonly connectionId: number;
  /** Null when the account may not see other sessions. */
  readonly user: string | null;
  readonly host: string | null;
  /** True when this writer holds it. */
  readonly own: boolean;
}

export interface LockResult {
  readonly granted: boolean;
  /** Who has it; null when nobody has (any more). */
  readonly holder: LockHolder | null;
}

/**
 * Changes one MySQL or MariaDB node, over connections of its own that are opened on demand and kept until `close`. Calls wait for each other;
 * a deadline counts from the call. Locks live on a connection apart from the changes, so that a change that hangs does not cost the lock.
 */
export interface MysqlWriter {
  readonly target: string;
  /**
   * One statement (see drivers/mysql/command.ts for its text).
   * @param options `expectedCommand`: text that was confirmed; when the server that answers needs another text, nothing is sent
   * @throws DriverError kind `unknown-outcome` when the statement was sent and its end is not known (it may still run); any other kind: the
   * server refused it or it was never sent. A missing privilege is kind `auth` with the GRANT as advice.
   */
  execute(
    change: MysqlChange,
    options: { readonly expectedCommand?: string | null } & RequestBounds,
  ): Promise<MysqlChangeResult>;
  /** Takes an advisory lock, waiting at most `waitSeconds` (0 = not at all). Losing the connection loses the lock. @throws DriverError */
  getLock(name: string, waitSeconds: number, bounds: RequestBounds): Promise<LockResult>;
  /** True when it was held by this writer. @throws DriverError */
  releaseLock(name: string, bounds: RequestBounds): Promise<boolean>;
  /** @throws DriverError */
  lockHolder(name: string, bounds: RequestBounds): Promise<LockHolder | null>;
  close(): Promise<void>;
}
