/** What the monitor is given: how to open readers, and the time. Only src/engine knows the drivers behind the factories. */
import type { HaproxyReader, MysqlReader, RequestBounds, RouteAnswer } from "../drivers/contract.ts";
import type { FloatingHost, HostReport } from "../model/floating-ip.ts";
import type { JournalFacts } from "../model/operation.ts";
import type { ClusterSettings, HaproxySettings, MysqlAccess, ReaderAddress } from "../model/settings.ts";
import type { Clock } from "./clock.ts";

export interface MysqlTarget {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly access: MysqlAccess;
  /** `schema.table`; null when lag is not measured by heartbeat. */
  readonly heartbeatTable: string | null;
  readonly heartbeatClock: "local" | "utc";
  /** `[user@]host[:port]` through which it is reached; null: directly. */
  readonly ssh?: string | null;
}

/** Asks who answers where clients connect for writes, or for reads; a connection of its own for every question. */
export interface RouteReader {
  readonly target: string;
  /** @throws DriverError */
  poll(bounds: RequestBounds): Promise<RouteAnswer>;
  close(): Promise<void>;
}

/** Asks one host which addresses stand on its interfaces. */
export interface HostReader {
  readonly target: string;
  /** @throws DriverError */
  poll(bounds: RequestBounds): Promise<HostReport>;
  close(): Promise<void>;
}

export interface MonitorParts {
  readonly openHaproxy: (settings: HaproxySettings) => HaproxyReader;
  readonly openMysql: (target: MysqlTarget) => MysqlReader;
  /** Only called for clusters with a writer address, and for each reader with one; left out where nobody asks. */
  readonly openRoute?: (settings: ClusterSettings, reader?: ReaderAddress) => RouteReader;
  /** For clusters with a floating address; null for a host that cannot be asked. Left out where nobody asks. */
  readonly openHost?: (host: FloatingHost, address: string) => HostReader | null;
  readonly clock: Clock;
  /** What the journal of this machine tells of a cluster, as read last; left out where there is no journal. */
  readonly journalFacts?: (cluster: string) => JournalFacts | null;
}

/** Bounds common to every loop of a monitor. */
export interface Pace {
  readonly intervalMs: number;
  /** Replaces the deadline of every poll (one-shot mode); null: by interval. */
  readonly deadlineMs: number | null;
}
