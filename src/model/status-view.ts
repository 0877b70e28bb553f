/** `status --json` as data: the shape of the interface contract, schema 1. Unknown is null, never 0 and never the last good value. */
import type { Alert, Health } from "./alert.ts";
import { type FloatingIpSnapshot, formatHeld, listTools } from "./floating-ip.ts";
import type { AdminReason, HaproxyLevel, ServerState } from "./haproxy.ts";
import type { Flavor, LagFrom, ReplicationError } from "./mysql.ts";
import { ageMs, type EpochMs, freshValue, type Reading } from "./reading.ts";
import type {
  ChannelSnapshot,
  ClusterSnapshot,
  HaproxySnapshot,
  NodeRole,
  NodeSnapshot,
  ReaderRoute,
  ServerLink,
  WriterRoute,
} from "./snapshot.ts";

export interface StatusServer {
  readonly haproxy: string;
  readonly backend: string;
  readonly server: string;
  readonly status: string | null;
  readonly state: ServerState;
  readonly active: boolean;
  readonly backup: boolean;
  readonly weight: number | null;
  readonly sessions: number | null;
  readonly queued: number | null;
  readonly adminReasons: readonly AdminReason[] | null;
  readonly check: string | null;
  readonly checkInfo: string;
  readonly lastChangeSeconds: number | null;
}

export interface StatusChannel {
  readonly name: string;
  readonly source: string;
  readonly sourceNode: string | null;
  readonly io: "yes" | "no" | "connecting";
  readonly sql: "yes" | "no";
  readonly usesGtid: boolean;
  readonly lagSeconds: number | null;
  readonly lagFrom: LagFrom;
  readonly behind: number | null;
  readonly position: {
    readonly file: string | null;
    readonly pos: number | null;
    readonly executedFile: string | null;
    readonly executedPos: number | null;
    readonly gtid: string | null;
  };
  readonly ioError: ReplicationError | null;
  readonly sqlError: ReplicationError | null;
}

export interface StatusHaproxy {
  readonly name: string;
  readonly reachable: boolean;
  readonly version: string | null;
  readonly pid: number | null;
  readonly uptimeSeconds: number | null;
  readonly level: HaproxyLevel | null;
  readonly error: string | null;
  readonly ageMs: number | null;
}

export interface StatusNode {
  readonly name: string;
  readonly address: string;
  readonly reachable: boolean;
  readonly error: string | null;
  readonly ageMs: number | null;
  readonly flavor: Flavor | null;
  readonly version: string | null;
  readonly serverId: number | null;
  readonly serverUuid: string | null;
  readonly readOnly: boolean | null;
  readonly superReadOnly: boolean | null;
  readonly role: NodeRole;
  readonly servers: readonly StatusServer[];
  readonly position: { readonly file: string | null; readonly pos: number | null; readonly gtid: string | null } | null;
  /** What can be vouched for now: empty when the node follows nobody, and also when nothing is known (then `role` is unknown). */
  readonly channels: readonly StatusChannel[];
}

export interface StatusFloatingIp {
  readonly address: string;
  readonly state: "held" | "none" | "double" | "unknown";
  readonly holders: readonly string[];
  readonly hosts: readonly {
    readonly name: string;
    readonly members: readonly string[];
    /** Null when it is not known now. */
    readonly holds: boolean | null;
    readonly interface: string | null;
    readonly error: string | null;
    readonly ageMs: number | null;
    /** Programs found there that move the address; null when not told. */
    readonly tools: readonly string[] | null;
  }[];
}

/** Who gets what is sent to a backend, as HAProxy says and as a connection through it was answered. */
export interface StatusRoute {
  readonly backend: string;
  /** Null when no HAProxy that has the backend answers. */
  readonly expected: readonly string[] | null;
  readonly probed: string | null;
  readonly probedAt: string | null;
  /** Why nobody answered the last probe; null when somebody did, and where none is made. */
  readonly probeError: string | null;
}

export interface StatusJson {
  readonly schema: 1;
  /** ISO 8601, UTC, milliseconds. */
  readonly at: string;
  readonly cluster: string;
  readonly health: Health;
  readonly haproxies: readonly StatusHaproxy[];
  readonly nodes: readonly StatusNode[];
  readonly route: {
    /** Null when no writer backend is known. */
    readonly writer: StatusRoute | null;
    /** Readers whose address is configured. */
    readonly readers: readonly StatusRoute[];
    /** Null where no floating address is configured. */
    readonly floatingIp: StatusFloatingIp | null;
  };
  readonly alerts: readonly Pick<Alert, "code" | "severity" | "node" | "message" | "advice">[];
}

export interface StatusesJson {
  readonly schema: 1;
  readonly at: string;
  readonly health: Health;
  readonly clusters: readonly StatusJson[];
}

function describeError(reading: Reading<unknown>, now: EpochMs): string | null {
  switch (reading.state) {
    case "fresh":
      return null;
    case "failed":
      return reading.failure.message;
    case "stale":
      return `no answer for ${Math.round((now - reading.at) / 1000)} s`;
    case "never":
      return "not asked yet";
  }
}

function viewHaproxy({ name, reading }: HaproxySnapshot, now: EpochMs): StatusHaproxy {
  const report = freshValue(reading);
  return {
    name,
    reachable: report !== null,
    version: report?.process?.version ?? null,
    pid: report?.process?.pid ?? null,
    uptimeSeconds: report?.process?.uptimeSeconds ?? null,
    level: report?.level ?? null,
    error: describeError(reading, now),
    ageMs: ageMs(reading, now),
  };
}

/** A server of a silent HAProxy keeps its place and its role, which are configuration; everything that changes is unknown. */
function viewServer({ haproxy, freshness, server }: ServerLink): StatusServer {
  const { backend, server: name, active, backup } = server;
  const place = { haproxy, backend, server: name };
  if (freshness !== "fresh") {
    const unknown = { status: null, state: "unknown", weight: null, sessions: null, queued: null } as const;
    return {
      ...place,
      ...unknown,
      active,
      backup,
      adminReasons: null,
      check: null,
      checkInfo: "",
      lastChangeSeconds: null,
    };
  }
  const { status, state, weight, sessions, queued, adminReasons, check, checkInfo, lastChangeSeconds } = server;
  return {
    ...place,
    status,
    state,
    active,
    backup,
    weight,
    sessions,
    queued,
    adminReasons,
    check,
    checkInfo,
    lastChangeSeconds,
  };
}

function viewChannel(channel: ChannelSnapshot): StatusChannel {
  const { name, sourceNode, io, sql, usesGtid, lagSeconds, lagFrom, behind, ioError, sqlError } = channel;
  return {
    name,
    source: `${channel.sourceHost}:${channel.sourcePort}`,
    sourceNode,
    io,
    sql,
    usesGtid,
    lagSeconds,
    lagFrom,
    behind,
    position: {
      file: channel.readFile,
      pos: channel.readPos,
      executedFile: channel.executedFile,
      executedPos: channel.executedPos,
      gtid: channel.executedGtid,
    },
    ioError,
    sqlError,
  };
}

function viewNode(node: NodeSnapshot, now: EpochMs): StatusNode {
  const report = freshValue(node.reading);
  return {
    name: node.name,
    address: node.address,
    reachable: report !== null,
    error: describeError(node.reading, now),
    ageMs: ageMs(node.reading, now),
    flavor: report?.flavor ?? null,
    version: report?.version ?? null,
    serverId: report?.serverId ?? null,
    serverUuid: report?.serverUuid ?? null,
    readOnly: report?.readOnly ?? null,
    superReadOnly: report?.superReadOnly ?? null,
    role: node.role,
    servers: node.servers.map(viewServer),
    position: report?.position ?? null,
    channels: report === null ? [] : node.channels.map(viewChannel),
  };
}

/** Who gets what is sent to the backend now; null when no HAProxy that has it answers: then it is not known, which is not nobody. */
export function selectExpected(
  { backend, expected }: Pick<WriterRoute | ReaderRoute, "backend" | "expected">,
  { haproxies }: Pick<ClusterSnapshot, "haproxies">,
): readonly string[] | null {
  const isTold = haproxies.some(({ reading }) =>
    freshValue(reading)?.servers.some((server) => server.backend === backend),
  );
  return isTold ? expected : null;
}

function viewRoute(route: WriterRoute | ReaderRoute, cluster: ClusterSnapshot): StatusRoute {
  return {
    backend: route.backend,
    expected: selectExpected(route, cluster),
    probed: route.probed,
    probedAt: route.probedAt === null ? null : new Date(route.probedAt).toISOString(),
    probeError: route.probe?.failure?.message ?? null,
  };
}

function viewFloatingIp({ address, state, holders, hosts }: FloatingIpSnapshot, now: EpochMs): StatusFloatingIp {
  return {
    address,
    state,
    holders,
    hosts: hosts.map((host) => ({
      name: host.name,
      members: host.members,
      holds: host.held === null ? null : host.held.length > 0,
      interface: host.held === null || host.held.length === 0 ? null : formatHeld(host.held),
      error:
        host.way.kind === "none"
          ? "it cannot be asked: there is no way to it through SSH"
          : (host.failure?.message ?? null),
      ageMs: host.at === null ? null : Math.max(0, now - host.at),
      tools: host.tools === null ? null : listTools(host.tools),
    })),
  };
}

export function viewAlert({ code, severity, node, message, advice }: Alert): StatusJson["alerts"][number] {
  return { code, severity, node, message, advice };
}

/** One cluster at one moment. Texts of servers are verbatim: JSON escapes them, a terminal needs printable(). */
export function buildStatusJson(cluster: ClusterSnapshot, now: EpochMs): StatusJson {
  return {
    schema: 1,
    at: new Date(now).toISOString(),
    cluster: cluster.name,
    health: cluster.health,
    haproxies: cluster.haproxies.map((haproxy) => viewHaproxy(haproxy, now)),
    nodes: cluster.nodes.map((node) => viewNode(node, now)),
    route: {
      writer: cluster.writer === null ? null : viewRoute(cluster.writer, cluster),
      readers: (cluster.readerRoutes ?? []).map((route) => viewRoute(route, cluster)),
      floatingIp: cluster.floatingIp == null ? null : viewFloatingIp(cluster.floatingIp, now),
    },
    alerts: cluster.alerts.map(viewAlert),
  };
}

/** Several clusters: the form without `--cluster`. */
export function buildStatusesJson(clusters: readonly ClusterSnapshot[], now: EpochMs): StatusesJson {
  return {
    schema: 1,
    at: new Date(now).toISOString(),
    health: combineHealth(clusters.map(({ health }) => health)),
    clusters: clusters.map((cluster) => buildStatusJson(cluster, now)),
  };
}

/** Worst of all, in the order critical, warning, unknown, ok; of none: unknown. */
export function combineHealth(healths: readonly Health[]): Health {
  for (const health of ["critical", "warning", "unknown"] as const) if (healths.includes(health)) return health;
  return healths.length === 0 ? "unknown" : "ok";
}

const EXIT_CODES: Readonly<Record<Health, 0 | 1 | 2 | 3>> = { ok: 0, warning: 1, critical: 2, unknown: 3 };

/** Exit code of `status` and `doctor`: 0 healthy, 1 warning, 2 critical, 3 cannot tell. */
export function healthExitCode(health: Health): 0 | 1 | 2 | 3 {
  return EXIT_CODES[health];
}
