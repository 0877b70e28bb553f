/** The one immutable picture of everything that is published per tick. Plain data: it crosses the worker boundary. */
import type { Alert, Health } from "./alert.ts";
import type { ChangeEvent } from "./change.ts";
import type { FloatingIpSnapshot } from "./floating-ip.ts";
import type { HaproxyReport, HaproxyServer } from "./haproxy.ts";
import type { ClusterHistory } from "./history/history.ts";
import type { LagFrom, MysqlReport, ReplicaChannel } from "./mysql.ts";
import type { EpochMs, Reading } from "./reading.ts";
import type { RouteProbeView } from "./route-probe.ts";

export interface Snapshot {
  /** Rises by one with every publish; a lower one never replaces a higher one. */
  readonly seq: number;
  readonly at: EpochMs;
  readonly intervalMs: number;
  readonly clusters: readonly ClusterSnapshot[];
  /** State changes since the snapshot before, oldest first. */
  readonly changes: readonly ChangeEvent[];
}

export interface ClusterSnapshot {
  readonly name: string;
  readonly health: Health;
  readonly haproxies: readonly HaproxySnapshot[];
  readonly nodes: readonly NodeSnapshot[];
  readonly writer: WriterRoute | null;
  /** Reader backends, as configured or found. */
  readonly readerBackends: readonly string[];
  /** Those readers whose address is configured, and so asked. Absent: none. */
  readonly readerRoutes?: readonly ReaderRoute[];
  /** Absent or null where no floating address is configured. */
  readonly floatingIp?: FloatingIpSnapshot | null;
  /** Alerts in order of severity, worst first. */
  readonly alerts: readonly Alert[];
  /** Absent where nobody keeps one: in a single look, and in what an operation sees. */
  readonly history?: ClusterHistory;
}

export interface HaproxySnapshot {
  readonly name: string;
  /** URL without secrets, e.g. `unix:///run/haproxy/admin.sock`. */
  readonly url: string;
  readonly reading: Reading<HaproxyReport>;
  /** Set while a reload seen by us is recent: what runtime state was lost with it. */
  readonly reload: HaproxyReload | null;
}

export interface HaproxyReload {
  readonly at: EpochMs;
  readonly previousPid: number | null;
  readonly pid: number | null;
  /** One sentence per runtime change the reload took back, e.g. `read_nodes/db2 was drain, now up`. */
  readonly lost: readonly string[];
  /** The same as data, for one plan that sets it again; what is null was not lost. Absent: not told. */
  readonly restore?: readonly {
    readonly backend: string;
    readonly server: string;
    readonly state: "ready" | "drain" | "maint" | null;
    readonly weight: number | null;
  }[];
}

/** `source` also for a member of a primary–primary pair that takes writes, and for a node that takes them in the place of a dead source. */
export type NodeRole = "source" | "replica" | "relay" | "standalone" | "unknown";

export interface NodeSnapshot {
  readonly name: string;
  /** `host:port` we connect to. */
  readonly address: string;
  readonly knownFrom: "config" | "haproxy" | "replication";
  readonly reading: Reading<MysqlReport>;
  readonly role: NodeRole;
  readonly servers: readonly ServerLink[];
  readonly channels: readonly ChannelSnapshot[];
  /** Names of nodes that follow this one, by their own word. */
  readonly replicas: readonly string[];
  /** Depth in the replication tree; 0 for a node that follows nobody we know. */
  readonly depth: number;
  readonly priority: "prefer" | "neutral" | "never";
}

export interface ServerLink {
  readonly haproxy: string;
  /** How the link is known. */
  readonly linkedBy: "config" | "address" | "name";
  /** State of the HAProxy reading this comes from: a link of a failed HAProxy is past, not present. */
  readonly freshness: "fresh" | "stale" | "failed";
  readonly server: HaproxyServer;
}

export interface ChannelSnapshot extends ReplicaChannel {
  /** Name of the node this channel reads from; null when it is none of ours. */
  readonly sourceNode: string | null;
  readonly lagSeconds: number | null;
  readonly lagFrom: LagFrom;
  /** Transactions of the source this replica has not executed; null when not comparable. */
  readonly behind: number | null;
  /** Transactions received but not executed. */
  readonly applierBacklog: number | null;
  /** Ids on this node that its source lacks and never produced. */
  readonly errant: string | null;
}

/** Where reads really go, as asked where clients connect for them. */
export interface ReaderRoute {
  readonly backend: string;
  /** Names of the nodes that get new reads as HAProxy chooses now. */
  readonly expected: readonly string[];
  /** Who answered last; null when the last probe failed or is long ago. */
  readonly probed: string | null;
  readonly probedAt: EpochMs | null;
  readonly probe: RouteProbeView;
}

export interface WriterRoute {
  readonly backend: string;
  /** How the writer backend is known. */
  readonly knownFrom: "config" | "found";
  readonly multiWriter: boolean;
  /** Names of the nodes (or `backend/server` where no node is known) that get new writes as HAProxy chooses now. */
  readonly expected: readonly string[];
  /** Node that answered the route probe, or `unknown server …`; null without a probe, and when the last one failed or is long ago. */
  readonly probed: string | null;
  readonly probedAt: EpochMs | null;
  /** Absent or null where no probe is made. */
  readonly probe?: RouteProbeView | null;
}
