/** Builds the reference cluster R1: one primary, replicas, writes and reads split by port. */
import { createRandom } from "../random.ts";
import { commitTransaction, createBinlog } from "./binlog.ts";
import { calmIncidents, incidentCycleMs } from "./incidents.ts";
import { createRate } from "./proxy-state.ts";
import type { Account, Backend, Channel, Haproxy, Node, ProxyServer, World } from "./state.ts";
import { stepWorld } from "./step.ts";

export interface WorldOptions {
  /** Unix milliseconds the world's clock starts at. */
  readonly startAtMs: number;
  readonly seed: number;
  readonly transactionsPerSecond: number;
  /** Ports of db1, db2, …; their number is the number of nodes. */
  readonly ports: readonly number[];
  /** HAProxy servers beside those of R1, in backends of 20. */
  readonly extraServers: number;
  /** Whether the cluster has its small incidents. */
  readonly incidents: boolean;
  readonly host: string;
  readonly pid: number;
}

/** Accounts every node knows. They guard a simulator on the loopback address: no secrets. */
export const simulatorAccounts: readonly Account[] = [
  { user: "ops", password: "demo-ops", privileges: "ALL" },
  { user: "admin", password: "demo-admin", privileges: "ALL" },
  { user: "viewer", password: "demo-viewer", privileges: ["PROCESS", "BINLOG MONITOR", "SLAVE MONITOR"] },
  { user: "nopriv", password: "demo-nopriv", privileges: [] },
  { user: "haproxy_check", password: "", privileges: [] },
];

function createNode(index: number, port: number, options: WorldOptions): Node {
  return {
    name: `db${index + 1}`,
    host: options.host,
    port,
    serverId: index + 1,
    version: "10.11.14-MariaDB-0+deb12u2-log",
    process: "running",
    incarnation: 1,
    startedAtMs: options.startAtMs - 86_400_000 * (index + 2),
    readOnly: index > 0,
    logReplicaUpdates: true,
    binlog: createBinlog(),
    binlogState: new Map(),
    binlogPosition: new Map(),
    replicaPosition: new Map(),
    channels: [],
    sessions: new Set(),
    connections: new Map(),
    namedLocks: new Map(),
    openConnections: 0,
    variables: new Map(),
    nextConnectionId: 1_000 + index * 37,
    statements: 0,
    refusedWrites: 0,
  };
}

function createChannel(source: Node, nowMs: number): Channel {
  return {
    name: "",
    sourceHost: source.host,
    sourcePort: source.port,
    sourceUser: "repl",
    usingGtid: "Slave_Pos",
    sourceServerId: source.serverId,
    receiver: {
      state: "connecting",
      error: null,
      nextTryAtMs: nowMs,
      nextIndex: null,
      sourceIncarnation: 0,
      lastHeardAtMs: nowMs,
      heartbeats: 0,
    },
    applier: {
      running: true,
      error: null,
      holdBackMs: 0,
      capacityPerSecond: 600,
      failsNext: null,
      executedTransactions: 0,
    },
    received: { file: 1, pos: 328 },
    executed: { file: 1, pos: 328 },
    receivedGtid: new Map(),
    relayLog: [],
    relayLogFile: 2,
  };
}

interface ServerOptions {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly node: Node | null;
  readonly backup?: boolean;
  readonly rise?: number;
}

function addServer(world: World, backend: Backend, options: ServerOptions): void {
  const rise = options.rise ?? 2;
  const fall = 3;
  const server: ProxyServer = {
    id: backend.servers.length + 1,
    name: options.name,
    backend,
    host: options.host,
    port: options.port,
    backup: options.backup ?? false,
    node: options.node,
    initialWeight: 1,
    weight: 1,
    maint: false,
    drain: false,
    intervalMs: 2_000,
    rise,
    fall,
    health: rise + fall - 1,
    check: { status: "L7OK", code: 0, durationMs: 0, info: "" },
    nextCheckAtMs: world.nowMs + world.random.integer(0, 2_000),
    lastChangeAtMs: world.nowMs - 3_600_000,
    downSinceMs: null,
    downtimeMs: 0,
    failedChecks: 0,
    downTransitions: 0,
    sessions: new Set(),
    maxSessions: 0,
    totalSessions: 0,
    bytesIn: 0,
    bytesOut: 0,
    connectErrors: 0,
    lastSessionAtMs: null,
    rate: createRate(),
  };
  backend.servers.push(server);
}

function addBackend(
  world: World,
  haproxy: Haproxy,
  name: string,
  role: Backend["role"],
  wantedSessions: number,
): Backend {
  const backend: Backend = {
    id: haproxy.backends.length + 2,
    name,
    role,
    servers: [],
    wantedSessions,
    meanSessionMs: role === "other" ? 120_000 : 45_000,
    maxSessions: 0,
    totalSessions: 0,
    refused: 0,
    lastChangeAtMs: world.nowMs - 3_600_000,
    downSinceMs: null,
    downtimeMs: 0,
    downTransitions: 0,
    bytesIn: 0,
    bytesOut: 0,
    nextTurn: 0,
    rate: createRate(),
  };
  haproxy.backends.push(backend);
  return backend;
}

function addHaproxy(world: World, options: WorldOptions): void {
  const haproxy: Haproxy = {
    name: "lb1",
    version: "2.6.12-1+deb12u2",
    pid: options.pid,
    startedAtMs: world.nowMs - 3_600_000,
    maxConnections: 2_000,
    backends: [],
    cliConnections: 0,
    cliRequests: 0,
    bytesOut: 0,
  };
  world.haproxies.push(haproxy);
  const [primary, standby, ...others] = world.nodes;
  const write = addBackend(world, haproxy, "write_nodes", "write", 8);
  if (primary !== undefined) addServer(world, write, { ...primary, node: primary, rise: 99_999_999 });
  if (standby !== undefined) addServer(world, write, { ...standby, node: standby, backup: true });
  const readers = standby === undefined ? [] : [standby, ...others];
  const read = addBackend(world, haproxy, "read_nodes", "read", Math.max(1, readers.length) * 6);
  for (const node of readers) addServer(world, read, { ...node, node });
  addExtraServers(world, haproxy, options);
}

/** Further pools over the same nodes: every address in the simulator is one of its own, whatever a client makes of it. */
function addExtraServers(world: World, haproxy: Haproxy, options: WorldOptions): void {
  const perBackend = 20;
  for (let first = 0; first < options.extraServers; first += perBackend) {
    const number = String(first / perBackend + 1).padStart(3, "0");
    const backend = addBackend(world, haproxy, `pool_${number}`, "other", perBackend);
    for (let index = first; index < Math.min(first + perBackend, options.extraServers); index += 1) {
      const node = world.nodes[index % world.nodes.length];
      if (node !== undefined) addServer(world, backend, { name: node.name, host: node.host, port: node.port, node });
    }
  }
}

/** A cluster in the middle of a calm day: replicas caught up, sessions open. */
export function createWorld(options: WorldOptions): World {
  const world: World = {
    random: createRandom(options.seed),
    startedAtMs: options.startAtMs,
    nowMs: options.startAtMs - 2_000,
    transactionsPerSecond: options.transactionsPerSecond,
    nodes: options.ports.map((port, index) => createNode(index, port, options)),
    haproxies: [],
    accounts: simulatorAccounts,
    incidents: options.incidents ? calmIncidents : [],
    incidentCycleMs,
    activeIncidents: new Set(),
    nextSessionId: 1,
  };
  const [primary, ...replicas] = world.nodes;
  if (primary === undefined) throw new RangeError("a cluster needs at least one node");
  commitTransaction(primary, 500, world.nowMs);
  for (const replica of replicas) replica.channels.push(createChannel(primary, world.nowMs));
  addHaproxy(world, options);
  stepWorld(world, 2_000);
  return world;
}
