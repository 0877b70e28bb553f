/** Client sessions through HAProxy: they come, are routed as HAProxy would, live for a while and go. */
import { chosenServers, countInRate, haproxiesOfClients } from "./proxy-state.ts";
import { isFull } from "./slots.ts";
import type { Backend, ClientSession, Haproxy, ProxyServer, World } from "./state.ts";

/** Next server by turns, in proportion to weight. */
function nextServer(backend: Backend, servers: readonly ProxyServer[]): ProxyServer | undefined {
  const total = servers.reduce((sum, server) => sum + server.weight, 0);
  if (total === 0) return undefined;
  // A stride of the golden ratio spreads the turns of heavy servers instead of bunching them.
  backend.nextTurn = (backend.nextTurn + 0.618_033_988_749_895) % 1;
  let point = backend.nextTurn * total;
  for (const server of servers) {
    point -= server.weight;
    if (point < 0) return server;
  }
  return servers.at(-1);
}

function answers({ node }: ProxyServer): boolean {
  return node === null || (node.process === "running" && !isFull(node));
}

/** The server HAProxy gives the next connection to; null when it has none, or the one it has does not answer. */
export function chooseServer(backend: Backend): ProxyServer | null {
  const server = nextServer(backend, chosenServers(backend));
  if (server !== undefined && answers(server)) return server;
  backend.refused += 1;
  if (server !== undefined) server.connectErrors += 1;
  return null;
}

/** One client connects; false when it was turned away. */
export function openSession(world: World, backend: Backend): boolean {
  const server = chooseServer(backend);
  if (server === null) return false;
  const { node } = server;
  const session = addSession(world, server, node === null ? 0 : node.nextConnectionId++, null);
  node?.sessions.add(session);
  return true;
}

/** @param close ends the connection of a client that is more than simulated; such a client has a connection of its own at the node */
export function addSession(
  world: World,
  server: ProxyServer,
  connectionId: number,
  close: (() => void) | null,
): ClientSession {
  const { backend, node } = server;
  const session: ClientSession = {
    id: world.nextSessionId++,
    server,
    node,
    connectionId,
    sourcePort: world.random.integer(32_768, 60_999),
    startedAtMs: world.nowMs,
    lastStatementAtMs: world.nowMs,
    close,
    lasting: close !== null,
  };
  server.sessions.add(session);
  server.totalSessions += 1;
  server.maxSessions = Math.max(server.maxSessions, server.sessions.size);
  server.lastSessionAtMs = world.nowMs;
  backend.totalSessions += 1;
  backend.maxSessions = Math.max(backend.maxSessions, countSessions(backend));
  countInRate(server.rate, world.nowMs);
  countInRate(backend.rate, world.nowMs);
  return session;
}

export function closeSession(session: ClientSession): void {
  if (!session.server.sessions.delete(session)) return;
  session.close?.();
  session.node?.sessions.delete(session);
}

export function countSessions(backend: Backend): number {
  return backend.servers.reduce((sum, server) => sum + server.sessions.size, 0);
}

/** Clients that live in the simulation only. */
export function simulatedSessions(backend: Backend): ClientSession[] {
  return backend.servers.flatMap((server) => [...server.sessions]).filter(({ close }) => close === null);
}

function closeSome(world: World, backend: Backend, elapsedMs: number): void {
  for (const server of backend.servers) {
    if (server.sessions.size === 0 || server.node?.process === "frozen") continue;
    let leaving = world.random.count((server.sessions.size * elapsedMs) / backend.meanSessionMs);
    for (const session of server.sessions) {
      if (leaving <= 0) break;
      leaving -= 1;
      if (session.lasting) continue;
      closeSession(session);
    }
  }
}

/** The address has gone elsewhere, and with it the connections that came to it. */
function cutOff({ backends }: Haproxy): void {
  for (const backend of backends) for (const session of simulatedSessions(backend)) closeSession(session);
}

/** Lets clients of every backend come and go; in a cluster without traffic they only fill their pools and stay. */
export function stepSessions(world: World, elapsedMs: number): void {
  const reached = haproxiesOfClients(world);
  for (const haproxy of world.haproxies) if (!reached.includes(haproxy)) cutOff(haproxy);
  for (const haproxy of reached) {
    for (const backend of haproxy.backends) {
      const still = world.transactionsPerSecond === 0;
      if (!still) closeSome(world, backend, elapsedMs);
      const missing = backend.wantedSessions - countSessions(backend);
      // Pools refill within about half a second and now and then grow a little past what they need.
      const arrivals = world.random.count(missing > 0 ? (missing * elapsedMs) / 500 : still ? 0 : elapsedMs / 20_000);
      for (let arrival = 0; arrival < arrivals && openSession(world, backend); arrival += 1);
    }
  }
}
