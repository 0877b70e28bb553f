/** What operations need from outside, as narrow as it gets: everything here is a fake in the unit tests and wired to real drivers in src/engine. */
import type { HaproxyChange, LockHolder, LockResult, MysqlChange, RequestBounds } from "../drivers/contract.ts";
import type { ClientSession } from "../model/mysql.ts";
import type { Change } from "../model/operation.ts";
import type { EpochMs } from "../model/reading.ts";
import type { ClusterSettings } from "../model/settings.ts";
import type { ClusterSnapshot } from "../model/snapshot.ts";

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
}

export interface Expectation {
  readonly pid: number | null;
  readonly command: string;
}

export interface LockPort {
  getLock(node: string, name: string, bounds: RequestBounds): Promise<LockResult>;
  releaseLock(node: string, name: string, bounds: RequestBounds): Promise<boolean>;
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
  commandText(change: Change, cluster: ClusterSnapshot): string;
  /** @throws DriverError kind `unknown-outcome` when it may have been done; any other kind: nothing was changed */
  send(change: HaproxyChange | MysqlChange, expected: Expectation, bounds: RequestBounds): Promise<SendResult>;
  readonly locks: LockPort;
  close(): Promise<void>;
}

export type { LockHolder };
