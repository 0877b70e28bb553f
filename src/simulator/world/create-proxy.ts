/** New HAProxies of the simulated cluster. */
import { resultsOf } from "./health-check.ts";
import { createRate } from "./proxy-state.ts";
import type { ClusterShape } from "./shapes.ts";
import type { Backend, Haproxy, Node, ProxyServer, World } from "./state.ts";

interface ServerOptions {
  readonly name: string;
  readonly node: Node;
  readonly backup?: boolean;
  readonly rise?: number;
}

function addServer(world: World, backend: Backend, { name, node, backup = false, rise = 2 }: ServerOptions): void {
  const fall = 3;
  const server: ProxyServer = {
    id: backend.servers.length + 1,
    name,
    backend,
    host: node.host,
    port: node.port,
    backup,
    node,
    initialWeight: 1,
    weight: 1,
    maint: false,
    drain: false,
    intervalMs: 2_000,
    rise,
    fall,
    health: rise + fall - 1,
    check: resultsOf(node).passed,
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

/** @param extraServers in backends of 20 beside those of the shape, on the first HAProxy */
export function addHaproxies(world: World, shape: ClusterShape, pid: number, extraServers: number): void {
  for (const [index, name] of shape.haproxies.entries()) {
    const haproxy: Haproxy = {
      name,
      version: "2.6.12-1+deb12u2",
      pid: pid + index,
      startedAtMs: world.nowMs - 3_600_000,
      running: true,
      maxConnections: 2_000,
      backends: [],
      cliConnections: 0,
      cliRequests: 0,
      bytesOut: 0,
    };
    world.haproxies.push(haproxy);
    for (const listen of shape.listens) {
      const backend = addBackend(world, haproxy, listen.name, listen.role, listen.sessions);
      for (const { server, node: nodeName, ...rest } of listen.servers) {
        const node = world.nodes.find((candidate) => candidate.name === nodeName);
        if (node !== undefined) addServer(world, backend, { name: server, node, ...rest });
      }
    }
    if (index === 0) addExtraServers(world, haproxy, extraServers);
  }
}

/** Further pools over the same nodes: every address in the simulator is one of its own, whatever a client makes of it. */
function addExtraServers(world: World, haproxy: Haproxy, count: number): void {
  const perBackend = 20;
  for (let first = 0; first < count; first += perBackend) {
    const number = String(first / perBackend + 1).padStart(3, "0");
    const backend = addBackend(world, haproxy, `pool_${number}`, "other", perBackend);
    for (let index = first; index < Math.min(first + perBackend, count); index += 1) {
      const node = world.nodes[index % world.nodes.length];
      if (node !== undefined) addServer(world, backend, { name: node.name, node });
    }
  }
}
