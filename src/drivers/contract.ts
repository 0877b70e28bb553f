/**
 * What the rest of the program may ask of a server. The monitor gets only these reading interfaces; interfaces that change anything are
 * separate, so that a program started read-only holds no object that could send a changing statement.
 */
import type { HostReport } from "../model/floating-ip.ts";
import type { AdminReason, HaproxyProcess, HaproxyReport } from "../model/haproxy.ts";
import type { ClientSession, Flavor, MysqlReport } from "../model/mysql.ts";
import type { AddressChange, AdminState, Blocker, Change } from "../model/operation.ts";
import type { DeathProof, LoginTrial, NodePreflight } from "../model/preflight.ts";
import type { Failure } from "../model/reading.ts";
import type { RouteAnswer } from "../model/route-probe.ts";
import type { SourcePosition } from "../model/source-position.ts";

export type { RouteAnswer };

/** Bounds of one request. When the signal aborts, the promise rejects with DriverError kind `cancelled`; at the deadline with `timeout`. */
export interface RequestBounds {
  readonly signal: AbortSignal;
  /** Milliseconds from the call to the last byte of the answer. */
  readonly timeoutMs: number;
}

/** One HAProxy process, stats page or SQL proxy. Every call opens what it needs and leaves nothing behind; calls may overlap. */
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

/** Reads what only a change of roles asks, on a connection of its own that is opened on demand. Calls may overlap: they wait for each other. */
export interface MysqlInspector {
  readonly target: string;
  /** What only a change of roles asks; parts that fail alone are null with a `problem`. @throws DriverError when the node cannot be asked */
  preflight(bounds: RequestBounds): Promise<NodePreflight>;
  /**
   * Types of the events of the node's own binary log from there to its end, at most 200, and whether one of them changes data; for a rejoin by
   * coordinates. @throws DriverError
   */
  binlogTail(from: { readonly file: string; readonly pos: number }, bounds: RequestBounds): Promise<BinlogTail>;
  close(): Promise<void>;
}

export interface BinlogTail {
  readonly eventTypes: readonly string[];
  /** False only when every event to the very end of the last log is harmless (Format_desc, Rotate, Stop, Gtid_list, Previous_gtids, Binlog_checkpoint…). */
  readonly changesData: boolean;
}

export type HaproxyChange = Extract<Change, { readonly haproxy: string }>;
/** Changes that are no statement for one node: the executor compares nodes, or asks through the frontend. */
export type CompositeChange = Extract<
  Change,
  { readonly kind: "probe-writer" | "confirm-most-advanced" | "confirm-contained" }
>;
export type MysqlChange = Exclude<Extract<Change, { readonly node: string }>, CompositeChange>;

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
   * @param options `expectedPid`: process the plan was made for; null takes whichever answers. `expectedCommand`: text that was confirmed;
   * an SQL proxy sends nothing when another one would be needed (HAProxy's text follows from the change alone)
   * @throws DriverError kind `unknown-outcome` when the answer was lost after the change was sent: read before doing anything else;
   * any other kind: nothing was changed
   */
  change(
    change: HaproxyChange,
    options: { readonly expectedPid: number | null; readonly expectedCommand?: string | null } & RequestBounds,
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
  /** Read back on the same connection by statements of their own, after the change; what was not read is absent. */
  readonly seen: MysqlSeen;
}

/** State of a node as read right after a change. */
export interface MysqlSeen {
  readonly readOnly?: { readonly on: boolean; readonly superToo: boolean };
  /** Channels by the replica status; present after changes that concern replication. */
  readonly channels?: readonly {
    readonly name: string;
    readonly host: string;
    readonly port: number;
    readonly io: "yes" | "no" | "connecting";
    readonly sql: "yes" | "no";
    readonly executedFile: string | null;
    readonly executedPos: number | null;
    readonly readFile: string | null;
    readonly readPos: number | null;
    readonly receivedGtid: string | null;
    readonly executedGtid: string | null;
    readonly ioError: { readonly code: number; readonly message: string } | null;
    readonly sqlError: { readonly code: number; readonly message: string } | null;
  }[];
  /** After read-position, confirm-position: what was read. */
  readonly position?: SourcePosition;
  readonly eventSchedulerOn?: boolean;
  readonly semiSyncSourceOn?: boolean;
  readonly applierCheckpointMs?: number;
  /** After clear-sessions: what was ended, in words, e.g. `app@10.0.0.7 (4711), 3 rows not committed`. */
  readonly cleared?: readonly string[];
  /** After enable-event: its status. */
  readonly eventEnabled?: boolean;
  readonly persistedReadOnly?: boolean;
}

/** What a change-source needs beside the change: secrets never stand in plans. */
export interface ReplicationLogin {
  readonly user: string;
  readonly password: string | null;
  /** TLS options of a channel as they are to be repeated, e.g. `SOURCE_SSL=1`; [] = the server's defaults. */
  readonly tls: readonly string[];
}

export interface LockHolder {
  readonly connectionId: number;
  /** Null when the account may not see other sessions. */
  readonly user: string | null;
  readonly host: string | null;
  /** Seconds since its session was last used; ours are used for nothing but the lock, so since it was taken. Null or absent: not told. */
  readonly heldSeconds?: number | null;
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
    options: {
      readonly expectedCommand?: string | null;
      /** For a change-source that brings a login; the command shown has `'***'` in place of the password. */
      readonly login?: ReplicationLogin | null;
      /** Called about twice a second while the statement waits, on another connection, with who holds it up. */
      readonly onBlockers?: (blockers: readonly Blocker[]) => void;
    } & RequestBounds,
  ): Promise<MysqlChangeResult>;
  /**
   * Opens every connection that a promotion needs on this node (worker, killer, lock) and proves them with a statement, so that a pool that is
   * exhausted later cannot lock us out. @throws DriverError
   */
  prepare(bounds: RequestBounds): Promise<void>;
  /** `KILL QUERY` of the statement that `execute` is in, from another connection; the end of `execute` then tells what became of it. False: nothing runs. @throws DriverError */
  interrupt(bounds: RequestBounds): Promise<boolean>;
  /** The login of a channel where the server keeps it readable (MySQL); null where it does not. @throws DriverError */
  storedLogin(channel: string, bounds: RequestBounds): Promise<ReplicationLogin | null>;
  /** TLS options of a channel of this node; [] where it is not encrypted, or there is none. @throws DriverError */
  channelTls(channel: string, bounds: RequestBounds): Promise<readonly string[]>;
  /** Takes an advisory lock, waiting at most `waitSeconds` (0 = not at all). Losing the connection loses the lock. @throws DriverError */
  getLock(name: string, waitSeconds: number, bounds: RequestBounds): Promise<LockResult>;
  /** True when it was held by this writer. @throws DriverError */
  releaseLock(name: string, bounds: RequestBounds): Promise<boolean>;
  /** @throws DriverError */
  lockHolder(name: string, bounds: RequestBounds): Promise<LockHolder | null>;
  close(): Promise<void>;
}

/** Connections that are opened, asked one thing and closed again. */
export interface MysqlProbes {
  /** Through the writer's frontend. @throws DriverError */
  route(bounds: RequestBounds): Promise<RouteAnswer>;
  /** Logs in as the replication account. Never rejects: what goes wrong is in the trial. */
  login(node: string, login: ReplicationLogin | null, bounds: RequestBounds): Promise<LoginTrial>;
  /** Three fresh connects over five seconds (PROMOTION.md §2.5.1). Never rejects. */
  death(node: string, signal: AbortSignal): Promise<DeathProof>;
}

/** Asks one host, right before and while the floating address is moved. Calls may overlap. */
export interface HostMoveReader {
  readonly target: string;
  /**
   * @param depth `all`: with the programs that move the address, and by which right they can be run; `address`: who holds it, and the numbers in the
   * files that the last `all` found
   * @throws DriverError
   */
  read(depth: "all" | "address", bounds: RequestBounds): Promise<HostReport>;
  close(): Promise<void>;
}

export interface HostChangeResult {
  /** As run, quoted for a shell. */
  readonly command: string;
  /** What it said when it refused; null when it ended with exit code 0, which does not mean that the address has moved. */
  readonly refusal: string | null;
  readonly advice: string | null;
}

/** Runs what moves the floating address, on one host. */
export interface HostWriter {
  readonly target: string;
  /**
   * @param options `expectedCommand`: text that was confirmed; another one is not run
   * @throws DriverError kind `unknown-outcome` when its end was not seen: read who holds the address; any other kind: it was not run
   */
  change(
    change: AddressChange,
    options: { readonly expectedCommand?: string | null } & RequestBounds,
  ): Promise<HostChangeResult>;
  close(): Promise<void>;
}
