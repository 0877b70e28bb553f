/** What operations need from outside, as narrow as it gets: everything here is a fake in the unit tests and wired to real drivers in src/engine. */
import type {
  BinlogTail,
  HaproxyChange,
  HaproxyServerAfter,
  LockHolder,
  LockResult,
  MysqlChange,
  MysqlSeen,
  RequestBounds,
  RouteAnswer,
} from "../drivers/contract.ts";
import type { ClientSession } from "../model/mysql.ts";
import type { AddressChange, Blocker, Change } from "../model/operation.ts";
import type { DeathProof, LoginTrial, NodePreflight } from "../model/preflight.ts";
import type { EpochMs } from "../model/reading.ts";
import type { ClusterSettings } from "../model/settings.ts";
import type { ClusterSnapshot } from "../model/snapshot.ts";
import type { WrittenServer } from "../model/written-server.ts";

export interface OperationClock {
  monotonicMs(): number;
  epochMs(): EpochMs;
  /** Returns the function that cancels. */
  after(delayMs: number, callback: () => void): () => void;
}

/** Endpoints to be asked now. */
export interface LookScope {
  readonly haproxies: readonly string[];
  readonly nodes: readonly string[];
  /** Every host that could hold the floating address; `all`: with what could move it. Absent: none is asked. */
  readonly hosts?: "address" | "all";
}

/** The server's word on a change that was sent, or was not sent because another process answered. */
export interface SendResult {
  readonly sent: boolean;
  /** Another process than the expected one answered, before or after. */
  readonly pidChanged: boolean;
  /** The server's own words when it refused. */
  readonly refusal: string | null;
  /** What to do about the refusal. */
  readonly advice: string | null;
  /** What it said beside accepting. */
  readonly notice: string | null;
  /** As sent, without secrets; where values were only known then, it differs from the text of the plan. */
  readonly command: string;
  /** What the server itself said of its state right after, on the same connection. */
  readonly seen: SeenAfter;
}

export interface SeenAfter {
  readonly mysql?: MysqlSeen;
  /** Servers of the backend, from the line that carried the change. */
  readonly servers?: readonly HaproxyServerAfter[];
}

export interface Expectation {
  readonly pid: number | null;
  /** Null: the text depends on values that are only known now. */
  readonly command: string | null;
  /** Called about twice a second while a statement waits, with who holds it up. */
  readonly onBlockers?: (blockers: readonly Blocker[]) => void;
}

export interface LockPort {
  getLock(node: string, name: string, bounds: RequestBounds): Promise<LockResult>;
  releaseLock(node: string, name: string, bounds: RequestBounds): Promise<boolean>;
  /** Who has it now; null: nobody. @throws DriverError */
  lockHolder(node: string, name: string, bounds: RequestBounds): Promise<LockHolder | null>;
}

/** One cluster as operations see and change it. */
export interface ClusterPorts {
  readonly settings: ClusterSettings;
  readonly clock: OperationClock;
  /**
   * Asks the endpoints of the scope now, all at once, and joins their answers with what is known of the others. Never rejects for what a
   * server does: what did not answer in time is a failed reading.
   */
  look(scope: LookScope | "all", timeoutMs: number): Promise<ClusterSnapshot>;
  /** @throws DriverError */
  clientSessions(node: string, bounds: RequestBounds): Promise<readonly ClientSession[]>;
  /** Backends with a stick table; null when that cannot be told. @throws DriverError */
  stickTables(haproxy: string, bounds: RequestBounds): Promise<readonly string[] | null>;
  /**
   * Servers as the file of that HAProxy has them; null where it cannot be read. Never rejects.
   * @param pid of its process, as it told; null: not known
   */
  writtenServers(haproxy: string, pid: number | null, bounds: RequestBounds): Promise<readonly WrittenServer[] | null>;
  commandText(change: Change, cluster: ClusterSnapshot): string;
  /** @throws DriverError kind `unknown-outcome` when it may have been done; any other kind: nothing was changed */
  send(
    change: HaproxyChange | MysqlChange | AddressChange,
    expected: Expectation,
    bounds: RequestBounds,
  ): Promise<SendResult>;
  readonly locks: LockPort;
  /** @throws DriverError */
  preflight(node: string, bounds: RequestBounds): Promise<NodePreflight>;
  /** @throws DriverError */
  binlogTail(
    node: string,
    from: { readonly file: string; readonly pos: number },
    bounds: RequestBounds,
  ): Promise<BinlogTail>;
  /** Logs in to the node as the replication account: the configured one, else the one `storedOn` keeps readable. Never rejects. */
  tryLogin(
    node: string,
    storedOn: { readonly node: string; readonly channel: string } | null,
    bounds: RequestBounds,
  ): Promise<LoginTrial>;
  /** Takes at least five seconds when nobody answers. Never rejects. */
  proveDeath(node: string, signal: AbortSignal): Promise<DeathProof>;
  /** Who answers at the writer's address; null where none is configured. @throws DriverError */
  route(bounds: RequestBounds): Promise<RouteAnswer | null>;
  /** Opens all connections a promotion needs on the node, and keeps them. @throws DriverError */
  prepare(node: string, bounds: RequestBounds): Promise<void>;
  /** Ends the statement that is under way on the node (`KILL QUERY`); `send` then tells what became of it. @throws DriverError */
  interrupt(node: string, bounds: RequestBounds): Promise<boolean>;
  close(): Promise<void>;
}

export type { LockHolder };
