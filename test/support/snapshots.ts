/** Snapshots for tests and for looking at the console without servers: R1 of the reference clusters unless told otherwise. */
import type { Alert } from "../../src/model/alert.ts";
import type { HaproxyProxy, HaproxyReport, HaproxyServer } from "../../src/model/haproxy.ts";
import type { MysqlReport } from "../../src/model/mysql.ts";
import type { EpochMs, Failure, Reading } from "../../src/model/reading.ts";
import type {
  ChannelSnapshot,
  ClusterSnapshot,
  HaproxySnapshot,
  NodeSnapshot,
  ServerLink,
  Snapshot,
} from "../../src/model/snapshot.ts";

export const START: EpochMs = Date.UTC(2026, 10, 20, 3, 0, 0);

export function fresh<T>(value: T, from: string, at: EpochMs = START): Reading<T> {
  return { state: "fresh", from, value, at };
}

export function stale<T>(value: T, from: string, at: EpochMs): Reading<T> {
  return { state: "stale", from, value, at };
}

export function failed<T>(
  failure: Partial<Failure>,
  last: { value: T; at: EpochMs } | null,
  at: EpochMs = START,
): Reading<T> {
  const from = failure.target ?? "endpoint";
  return {
    state: "failed",
    from,
    failedAt: at,
    last,
    failure: {
      kind: "timeout",
      target: from,
      operation: "poll",
      message: "no answer in 3 s",
      advice: "Check that the host is up.",
      serverCode: null,
      ...failure,
    },
  };
}

export function buildServer(backend: string, server: string, change: Partial<HaproxyServer> = {}): HaproxyServer {
  return {
    backend,
    server,
    backendId: 2,
    serverId: 1,
    host: "10.0.0.11",
    port: 3306,
    status: "UP",
    state: "up",
    active: true,
    backup: false,
    weight: 1,
    initialWeight: 1,
    sessions: 3,
    queued: 0,
    sessionsTotal: 120,
    bytesIn: 20_480,
    bytesOut: 4_194_304,
    sessionRate: 2,
    adminReasons: [],
    check: "L7OK",
    checkCode: 0,
    checkInfo: "5.5.5-10.11.19-MariaDB",
    checkDurationMs: 1,
    inTransition: false,
    checkFailures: 0,
    downTransitions: 0,
    lastChangeSeconds: 3_600,
    downtimeSeconds: 0,
    lastSessionSeconds: 1,
    tracks: null,
    agentEnabled: false,
    rise: 2,
    fall: 3,
    ...change,
  };
}

export function buildProxy(name: string, kind: HaproxyProxy["kind"], change: Partial<HaproxyProxy> = {}): HaproxyProxy {
  return {
    name,
    kind,
    id: 2,
    status: kind === "frontend" ? "OPEN" : "UP",
    mode: "tcp",
    algorithm: kind === "backend" ? "roundrobin" : null,
    sessions: 12,
    sessionsMax: 40,
    sessionLimit: 2_000,
    sessionsTotal: 4_000,
    queued: kind === "backend" ? 0 : null,
    sessionRate: 4,
    bytesIn: 1_000_000,
    bytesOut: 90_000_000,
    activeServers: 1,
    backupServers: 1,
    connectionErrors: 0,
    lastChangeSeconds: 3_600,
    ...change,
  };
}

export function buildReport(change: Partial<MysqlReport> = {}): MysqlReport {
  return {
    flavor: "mariadb",
    version: "10.11.19-MariaDB-0+deb12u1-log",
    versionComment: "Debian 12",
    serverId: 1,
    serverUuid: null,
    hostname: "ubuntu1",
    port: 3306,
    uptimeSeconds: 86_400 * 3,
    readOnly: true,
    superReadOnly: null,
    logBin: true,
    logReplicaUpdates: true,
    binlogFormat: "MIXED",
    autoIncrementIncrement: 1,
    autoIncrementOffset: 1,
    threadsConnected: 9,
    threadsRunning: 2,
    maxConnections: 151,
    queriesTotal: 12_345,
    position: { file: "mysql-bin.000012", pos: 4_711, gtid: "0-1-1234" },
    gtid: { executed: "0-1-1234", purged: null, replicaPos: null, binlogState: "0-1-1234", mode: "ON", strict: true },
    channels: [],
    attachedReplicas: [],
    semiSync: null,
    heartbeats: null,
    galera: false,
    groupReplication: false,
    rivalUsers: [],
    problems: [],
    ...change,
  };
}

export function buildChannel(sourceNode: string, change: Partial<ChannelSnapshot> = {}): ChannelSnapshot {
  return {
    name: "",
    sourceHost: "10.0.0.11",
    sourcePort: 3306,
    sourceUser: "repl",
    sourceServerId: 1,
    sourceUuid: null,
    io: "yes",
    sql: "yes",
    ioState: "Waiting for master to send event",
    sqlState: "Slave has read all relay log; waiting for more updates",
    ioError: null,
    sqlError: null,
    usesGtid: true,
    gtidMode: "Slave_Pos",
    readFile: "mysql-bin.000012",
    readPos: 4_711,
    executedFile: "mysql-bin.000012",
    executedPos: 4_711,
    receivedGtid: "0-1-1234",
    executedGtid: "0-1-1234",
    secondsBehind: 0,
    transactionLagSeconds: null,
    delaySeconds: 0,
    remainingDelaySeconds: null,
    filters: [],
    relayLogSpaceBytes: 1_024,
    secondsSinceHeartbeat: null,
    heartbeatPeriodSeconds: 30,
    sourceNode,
    lagSeconds: 0,
    lagFrom: "status",
    behind: 0,
    applierBacklog: 0,
    errant: null,
    ...change,
  };
}

export function buildNode(name: string, change: Partial<NodeSnapshot> = {}): NodeSnapshot {
  const channels = change.channels ?? [];
  return {
    name,
    address: "10.0.0.11:3306",
    knownFrom: "config",
    reading: fresh(buildReport({ channels }), `${name} 10.0.0.11:3306`),
    role: channels.length > 0 ? "replica" : "source",
    servers: [],
    channels,
    replicas: [],
    depth: channels.length > 0 ? 1 : 0,
    priority: "neutral",
    ...change,
  };
}

export function buildLink(haproxy: string, server: HaproxyServer, change: Partial<ServerLink> = {}): ServerLink {
  return { haproxy, linkedBy: "address", freshness: "fresh", server, ...change };
}

export function buildHaproxyReport(servers: readonly HaproxyServer[]): HaproxyReport {
  const backends = [...new Set(servers.map((server) => server.backend))];
  return {
    source: "socket",
    level: "admin",
    process: {
      nodeName: "lb",
      version: "2.6.12",
      pid: 4_242,
      uptimeSeconds: 90_000,
      startTimeSeconds: 1_795_000_000,
      nbproc: 1,
      processNumber: 1,
      stopping: false,
      currentConnections: 24,
      maxConnections: 4_000,
    },
    proxies: backends.flatMap((name) => [buildProxy(name, "frontend"), buildProxy(name, "backend")]),
    servers,
  };
}

export function buildHaproxy(
  name: string,
  servers: readonly HaproxyServer[],
  change: Partial<HaproxySnapshot> = {},
): HaproxySnapshot {
  const url = `unix:///run/haproxy/${name}.sock`;
  return { name, url, reading: fresh(buildHaproxyReport(servers), `${name} ${url}`), reload: null, ...change };
}

export function buildCluster(change: Partial<ClusterSnapshot> = {}): ClusterSnapshot {
  const servers = [
    buildServer("write_nodes", "ubuntu1", { sessions: 12 }),
    buildServer("write_nodes", "ubuntu2", { backup: true, active: false, sessions: 0 }),
    buildServer("read_nodes", "ubuntu2", { sessions: 5 }),
    buildServer("read_nodes", "ubuntu3", { sessions: 6 }),
    buildServer("read_nodes", "ubuntu4", { sessions: 4 }),
  ];
  const linksOf = (node: string) =>
    servers.filter((server) => server.server === node).map((server) => buildLink("lb1", server));
  const replica = (name: string, address: string) =>
    buildNode(name, { address, servers: linksOf(name), channels: [buildChannel("ubuntu1")] });
  return {
    name: "shop",
    health: "ok",
    haproxies: [buildHaproxy("lb1", servers)],
    nodes: [
      buildNode("ubuntu1", {
        servers: linksOf("ubuntu1"),
        replicas: ["ubuntu2", "ubuntu3", "ubuntu4"],
        reading: fresh(buildReport({ readOnly: false }), "ubuntu1 10.0.0.11:3306"),
      }),
      replica("ubuntu2", "10.0.0.12:3306"),
      replica("ubuntu3", "10.0.0.13:3306"),
      replica("ubuntu4", "10.0.0.14:3306"),
    ],
    writer: {
      backend: "write_nodes",
      knownFrom: "found",
      multiWriter: false,
      expected: ["ubuntu1"],
      probed: null,
      probedAt: null,
    },
    readerBackends: ["read_nodes"],
    alerts: [],
    ...change,
  };
}

export function buildAlert(change: Partial<Alert> = {}): Alert {
  return {
    code: "replica-sql-stopped",
    severity: "critical",
    node: "ubuntu3",
    subject: "ubuntu3",
    message: "ubuntu3 does not apply: error 1062, duplicate entry '7' for key 'PRIMARY'",
    advice: "Look at the row on both sides before anything is skipped; readers on ubuntu3 see old data.",
    ...change,
  };
}

let lastSeq = 0;

export function buildSnapshot(change: Partial<Snapshot> = {}): Snapshot {
  lastSeq += 1;
  return { seq: lastSeq, at: START, intervalMs: 1_000, clusters: [buildCluster()], changes: [], ...change };
}
