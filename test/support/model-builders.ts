/** Builders of readings and whole clusters (the reference shapes R1–R4) for tests of everything that stands on the model. */
import type { HaproxyReport, HaproxyServer, ServerState } from "../../src/model/haproxy.ts";
import { buildClusterSnapshot, type ClusterInput, type HaproxyInput, type NodeInput } from "../../src/model/join.ts";
import type { Flavor, MysqlReport, ReplicaChannel } from "../../src/model/mysql.ts";
import type { Failure, Reading } from "../../src/model/reading.ts";
import type { ClusterSettings, MysqlAccess, NodeSettings } from "../../src/model/settings.ts";
import type { ClusterSnapshot } from "../../src/model/snapshot.ts";

/** 2026-11-20T15:31:02Z: the moment every built reading is of, unless told otherwise. */
export const NOW = Date.UTC(2026, 10, 20, 15, 31, 2);

export function fresh<T>(value: T, at = NOW - 15): Reading<T> {
  return { state: "fresh", from: "test", value, at };
}

export function stale<T>(value: T, at = NOW - 5000): Reading<T> {
  return { state: "stale", from: "test", value, at };
}

export function failed<T>(last: T | null = null, failure: Partial<Failure> = {}): Reading<T> {
  const base: Failure = {
    kind: "unreachable",
    target: "test",
    operation: "connect",
    message: "connection refused",
    advice: null,
    serverCode: "ECONNREFUSED",
  };
  return {
    state: "failed",
    from: "test",
    failure: { ...base, ...failure },
    failedAt: NOW,
    last: last === null ? null : { value: last, at: NOW - 10_000 },
  };
}

const ACCESS: MysqlAccess = {
  user: "ops",
  password: null,
  tls: { mode: "preferred", caFile: null, certFile: null, keyFile: null },
  connectTimeoutMs: 3000,
};

export function buildNodeSettings(name: string, host: string, port = 3306): NodeSettings {
  return { name, host, port, access: ACCESS, servers: [], ssh: null, priority: "neutral" };
}

export function buildSettings(patch: Partial<ClusterSettings> = {}): ClusterSettings {
  return {
    name: "shop",
    haproxies: [{ name: "lb1", location: { kind: "unix", path: "/run/haproxy/admin.sock" } }],
    nodes: [],
    access: ACCESS,
    writer: null,
    readers: null,
    replication: null,
    heartbeatTable: null,
    heartbeatClock: "local",
    floatingIp: null,
    lag: { warningSeconds: 5, criticalSeconds: 30 },
    promotion: { maxLagSeconds: 10, writeStopBudgetSeconds: 30, lockWaitSeconds: 5 },
    alertHook: null,
    ...patch,
  };
}

/** `name` is `backend/server`; `address` is `host:port` or null where HAProxy does not tell. */
export function buildServer(name: string, address: string | null, patch: Partial<HaproxyServer> = {}): HaproxyServer {
  const [backend = "", server = ""] = name.split("/");
  const [host = null, port = null] = address === null ? [] : address.split(/:(?=\d+$)/);
  const backup = patch.backup ?? false;
  return {
    backend,
    server,
    backendId: null,
    serverId: null,
    host,
    port: port === null ? null : Number(port),
    status: "UP",
    state: "up",
    active: !backup,
    backup,
    weight: 1,
    initialWeight: 1,
    sessions: 0,
    queued: 0,
    sessionsTotal: 0,
    bytesIn: 0,
    bytesOut: 0,
    sessionRate: 0,
    adminReasons: [],
    check: "L7OK",
    checkCode: 0,
    checkInfo: "",
    checkDurationMs: 1,
    inTransition: false,
    checkFailures: 0,
    downTransitions: 0,
    lastChangeSeconds: 600,
    downtimeSeconds: 0,
    lastSessionSeconds: 1,
    tracks: null,
    agentEnabled: false,
    rise: 2,
    fall: 3,
    ...patch,
  };
}

export function buildHaproxyReport(
  servers: readonly HaproxyServer[],
  patch: Partial<HaproxyReport> = {},
): HaproxyReport {
  return {
    source: "socket",
    level: "admin",
    process: {
      nodeName: "lb1",
      version: "2.6.12",
      pid: 123,
      uptimeSeconds: 3600,
      startTimeSeconds: null,
      nbproc: 1,
      processNumber: 1,
      stopping: false,
      currentConnections: 1,
      maxConnections: 1000,
    },
    proxies: [...new Set(servers.map(({ backend }) => backend))].map((name) => ({
      name,
      kind: "backend",
      id: null,
      status: "UP",
      mode: "tcp",
      algorithm: "roundrobin",
      sessions: 0,
      sessionsMax: 0,
      sessionLimit: 0,
      sessionsTotal: 0,
      queued: 0,
      sessionRate: 0,
      bytesIn: 0,
      bytesOut: 0,
      activeServers: null,
      backupServers: null,
      connectionErrors: 0,
      lastChangeSeconds: 600,
    })),
    servers,
    ...patch,
  };
}

/** A running channel without lag; `source` is `host:port`. */
export function buildChannel(source: string, patch: Partial<ReplicaChannel> = {}): ReplicaChannel {
  const [sourceHost = "", sourcePort = "3306"] = source.split(/:(?=\d+$)/);
  return {
    name: "",
    sourceHost,
    sourcePort: Number(sourcePort),
    sourceUser: "repl",
    sourceServerId: null,
    sourceUuid: null,
    io: "yes",
    sql: "yes",
    ioState: null,
    sqlState: null,
    ioError: null,
    sqlError: null,
    usesGtid: true,
    gtidMode: "Slave_Pos",
    readFile: "bin.000001",
    readPos: 1000,
    executedFile: "bin.000001",
    executedPos: 1000,
    receivedGtid: null,
    executedGtid: null,
    secondsBehind: 0,
    transactionLagSeconds: null,
    delaySeconds: 0,
    remainingDelaySeconds: null,
    filters: [],
    relayLogSpaceBytes: null,
    secondsSinceHeartbeat: null,
    heartbeatPeriodSeconds: null,
    ...patch,
  };
}

/** server_uuid of the node with this server_id. */
export function uuidOf(serverId: number): string {
  return `00000000-0000-0000-0000-${String(serverId).padStart(12, "0")}`;
}

const FLAVORS: Readonly<Record<Flavor, Pick<MysqlReport, "version" | "versionComment">>> = {
  mariadb: { version: "10.11.19-MariaDB-log", versionComment: "Debian 12" },
  mysql: { version: "9.7.4", versionComment: "MySQL Community Server" },
  percona: { version: "8.0.36-28", versionComment: "Percona Server (GPL)" },
};

/** GTID state of a node that has executed transactions 1…count of the server `origin`. */
export function buildGtid(flavor: Flavor, origin: number, count: number, replicated: boolean): MysqlReport["gtid"] {
  if (flavor !== "mariadb") {
    const executed = `${uuidOf(origin)}:1-${count}`;
    return { executed, purged: "", replicaPos: null, binlogState: null, mode: "ON", strict: null };
  }
  const position = `0-${origin}-${count}`;
  return {
    executed: position,
    purged: null,
    replicaPos: replicated ? position : "",
    binlogState: position,
    mode: "ON",
    strict: false,
  };
}

export function buildReport(serverId: number, patch: Partial<MysqlReport> = {}): MysqlReport {
  const flavor = patch.flavor ?? "mariadb";
  const gtid = patch.gtid ?? buildGtid(flavor, 1, 100, (patch.channels?.length ?? 0) > 0);
  return {
    flavor,
    ...FLAVORS[flavor],
    serverId,
    serverUuid: flavor === "mariadb" ? null : uuidOf(serverId),
    hostname: `host${serverId}`,
    port: 3306,
    uptimeSeconds: 86_400,
    readOnly: true,
    superReadOnly: flavor === "mariadb" ? null : true,
    logBin: true,
    logReplicaUpdates: true,
    binlogFormat: "ROW",
    autoIncrementIncrement: 1,
    autoIncrementOffset: 1,
    threadsConnected: 10,
    threadsRunning: 1,
    maxConnections: 151,
    queriesTotal: 1000,
    position: { file: "bin.000001", pos: 1000, gtid: gtid.executed },
    gtid,
    channels: [],
    attachedReplicas: [],
    semiSync: null,
    heartbeats: null,
    galera: false,
    groupReplication: false,
    rivalUsers: [],
    problems: [],
    ...patch,
  };
}

/** A cluster to bend into a situation. Every method changes it and returns it. */
export class Scene {
  settings: ClusterSettings;
  readonly haproxies = new Map<string, HaproxyInput>();
  readonly nodes = new Map<string, NodeInput>();
  probe: ClusterInput["probe"] = null;
  floatingHosts: ClusterInput["floatingHosts"] = null;
  now = NOW;

  constructor(settings: Partial<ClusterSettings> = {}) {
    this.settings = buildSettings(settings);
  }

  configure(patch: Partial<ClusterSettings>): this {
    this.settings = { ...this.settings, ...patch };
    return this;
  }

  addHaproxy(name: string, servers: readonly HaproxyServer[]): this {
    this.haproxies.set(name, {
      name,
      url: `unix:///run/${name}.sock`,
      reading: fresh(buildHaproxyReport(servers)),
      reload: null,
    });
    return this;
  }

  addNode(name: string, address: string, report: MysqlReport, knownFrom: NodeInput["knownFrom"] = "config"): this {
    const [host = "", port = "3306"] = address.split(/:(?=\d+$)/);
    this.nodes.set(name, {
      name,
      host,
      port: Number(port),
      knownFrom,
      priority: "neutral",
      reading: fresh(report),
    });
    return this;
  }

  report(name: string): MysqlReport {
    const reading = this.nodes.get(name)?.reading;
    if (reading?.state !== "fresh") throw new Error(`${name} has no fresh report`);
    return reading.value;
  }

  /** Changes what a node says. */
  node(name: string, patch: Partial<MysqlReport>): this {
    return this.readNode(name, fresh({ ...this.report(name), ...patch }));
  }

  readNode(name: string, reading: Reading<MysqlReport>): this {
    const node = this.nodes.get(name);
    if (node === undefined) throw new Error(`no node ${name}`);
    this.nodes.set(name, { ...node, reading });
    return this;
  }

  /** Changes the first channel of a node. */
  channel(name: string, patch: Partial<ReplicaChannel>): this {
    const [first, ...rest] = this.report(name).channels ?? [];
    if (first === undefined) throw new Error(`${name} has no channel`);
    return this.node(name, { channels: [{ ...first, ...patch }, ...rest] });
  }

  haproxyReport(name: string): HaproxyReport {
    const reading = this.haproxies.get(name)?.reading;
    if (reading?.state !== "fresh") throw new Error(`${name} has no fresh report`);
    return reading.value;
  }

  haproxy(name: string, patch: Partial<Omit<HaproxyInput, "name">>): this {
    const haproxy = this.haproxies.get(name);
    if (haproxy === undefined) throw new Error(`no HAProxy ${name}`);
    this.haproxies.set(name, { ...haproxy, ...patch });
    return this;
  }

  /** Changes one server (`backend/server`) in one HAProxy. */
  server(haproxy: string, name: string, patch: Partial<HaproxyServer>): this {
    const report = this.haproxyReport(haproxy);
    const servers = report.servers.map((server) =>
      `${server.backend}/${server.server}` === name ? { ...server, ...patch } : server,
    );
    return this.haproxy(haproxy, { reading: fresh({ ...report, servers }) });
  }

  state(haproxy: string, name: string, state: ServerState, patch: Partial<HaproxyServer> = {}): this {
    const reasons = { maint: ["maint-forced"], drain: ["drain-forced"] } as const;
    const adminReasons = state === "maint" || state === "drain" ? reasons[state] : [];
    return this.server(haproxy, name, { state, status: state.toUpperCase(), adminReasons, ...patch });
  }

  /** Connection refused; what it said before stays as past. */
  kill(name: string, failure: Partial<Failure> = {}): this {
    return this.readNode(name, failed(this.report(name), failure));
  }

  input(): ClusterInput {
    return {
      settings: this.settings,
      now: this.now,
      haproxies: [...this.haproxies.values()],
      nodes: [...this.nodes.values()],
      probe: this.probe ?? null,
      floatingHosts: this.floatingHosts ?? null,
    };
  }

  snapshot(): ClusterSnapshot {
    return buildClusterSnapshot(this.input());
  }

  /** Alert codes with their node or subject: `split-brain db2`. */
  alerts(): string[] {
    return this.snapshot().alerts.map(({ code, node, subject }) => `${code} ${node ?? subject}`);
  }

  codes(): string[] {
    return [...new Set(this.snapshot().alerts.map(({ code }) => code))].sort();
  }
}

function configureNodes(names: readonly string[]): readonly NodeSettings[] {
  return names.map((name) => buildNodeSettings(name, `10.0.0.1${name.slice(2)}`));
}

/** R1: db1 takes writes with db2 as backup; db2, db3, db4 follow db1 and serve reads. Calm: no alerts. */
export function buildR1(flavor: Flavor = "mariadb"): Scene {
  const scene = new Scene({ nodes: configureNodes(["db1", "db2", "db3", "db4"]) }).addHaproxy("lb1", [
    buildServer("write_nodes/db1", "10.0.0.11:3306", { sessions: 8 }),
    buildServer("write_nodes/db2", "10.0.0.12:3306", { backup: true }),
    ...[2, 3, 4].map((id) => buildServer(`read_nodes/db${id}`, `10.0.0.1${id}:3306`, { sessions: 4 })),
  ]);
  scene.addNode("db1", "10.0.0.11:3306", buildReport(1, { flavor, readOnly: false, superReadOnly: null }));
  for (const id of [2, 3, 4]) {
    const sourceUuid = flavor === "mariadb" ? null : uuidOf(1);
    const channels = [buildChannel("10.0.0.11:3306", { sourceServerId: 1, sourceUuid })];
    scene.addNode(`db${id}`, `10.0.0.1${id}:3306`, buildReport(id, { flavor, channels }));
  }
  return scene;
}

/** R2: db1 feeds the relay db2, which feeds db3 and db4. Calm. */
export function buildR2(): Scene {
  const scene = buildR1();
  for (const id of [3, 4]) scene.channel(`db${id}`, { sourceHost: "10.0.0.12", sourceServerId: 2 });
  return scene;
}

/** R3: db1 and db2 follow each other, both writable, db1 active and db2 backup. Only backup-writable is raised. */
export function buildR3(): Scene {
  return new Scene({ nodes: configureNodes(["db1", "db2"]) })
    .addHaproxy("lb1", [
      buildServer("mysql/db1", "10.0.0.11:3306", { sessions: 8 }),
      buildServer("mysql/db2", "10.0.0.12:3306", { backup: true }),
    ])
    .addNode("db1", "10.0.0.11:3306", buildPairMember(1))
    .addNode("db2", "10.0.0.12:3306", buildPairMember(2));
}

function buildPairMember(serverId: number): MysqlReport {
  const peer = 3 - serverId;
  return buildReport(serverId, {
    readOnly: false,
    autoIncrementIncrement: 2,
    autoIncrementOffset: serverId,
    channels: [buildChannel(`10.0.0.1${peer}:3306`, { sourceServerId: peer })],
  });
}

/** R4: the pair takes writes by round robin through two HAProxies, as configured by multi_writer. Calm. */
export function buildR4(): Scene {
  const servers = () => [1, 2].map((id) => buildServer(`mysql/db${id}`, `10.0.0.1${id}:3306`, { sessions: 3 }));
  return new Scene({
    nodes: configureNodes(["db1", "db2"]),
    haproxies: ["lb1", "lb2"].map((name) => ({ name, location: { kind: "unix", path: `/run/${name}.sock` } })),
    writer: { backend: "mysql", address: null, multiWriter: true },
  })
    .addHaproxy("lb1", servers())
    .addHaproxy("lb2", servers())
    .addNode("db1", "10.0.0.11:3306", buildPairMember(1))
    .addNode("db2", "10.0.0.12:3306", buildPairMember(2));
}
