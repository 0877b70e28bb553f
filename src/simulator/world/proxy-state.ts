/** What HAProxy derives from a server's counters and switches: usable, status text, and the bookkeeping of changes. */
import { holdsAddress } from "./address.ts";
import type { Backend, Haproxy, ProxyServer, Rate, World } from "./state.ts";

export function isUp(server: ProxyServer): boolean {
  return server.health >= server.rise;
}

/** Takes new sessions. */
export function isUsable(server: ProxyServer): boolean {
  return isUp(server) && !server.maint && !server.drain && server.weight > 0;
}

export function usableServers(backend: Backend, kind: "active" | "backup"): ProxyServer[] {
  return backend.servers.filter((server) => server.backup === (kind === "backup") && isUsable(server));
}

/** Servers that get new sessions as HAProxy chooses now: all usable active ones, else the first usable backup. */
export function chosenServers(backend: Backend): ProxyServer[] {
  const active = usableServers(backend, "active");
  return active.length > 0 ? active : usableServers(backend, "backup").slice(0, 1);
}

/** HAProxies that clients connect to now. */
export function haproxiesOfClients(world: World): readonly Haproxy[] {
  return world.haproxies.filter(
    (haproxy) => haproxy.running && (world.address === null || holdsAddress(world, haproxy)),
  );
}

/** Status column of show stat. */
export function formatServerStatus(server: ProxyServer): string {
  if (server.maint) return "MAINT";
  const { health, rise, fall } = server;
  if (!isUp(server)) return health > 0 ? `DOWN ${health}/${rise}` : "DOWN";
  const word = server.drain ? "DRAIN" : "UP";
  return health < rise + fall - 1 ? `${word} ${health - rise + 1}/${fall}` : word;
}

/** `srv_admin_state`: 1 forced maintenance, 8 forced drain. */
export function adminBits(server: ProxyServer): number {
  return (server.maint ? 1 : 0) + (server.drain ? 8 : 0);
}

/**
 * Runs a change of one server and notes its consequences: time of change, downtime, and whether its backend went down or came back.
 */
export function changeServer(world: World, server: ProxyServer, change: () => void): void {
  const before = describe(server);
  const wasDown = server.maint || !isUp(server);
  change();
  const isDown = server.maint || !isUp(server);
  if (describe(server) !== before) server.lastChangeAtMs = world.nowMs;
  if (isDown && !wasDown) server.downSinceMs = world.nowMs;
  if (!isDown && wasDown && server.downSinceMs !== null) {
    server.downtimeMs += world.nowMs - server.downSinceMs;
    server.downSinceMs = null;
  }
  noteBackendChange(world, server.backend);
}

function describe(server: ProxyServer): string {
  return `${server.maint}${server.drain}${isUp(server)}`;
}

function noteBackendChange(world: World, backend: Backend): void {
  const isDown = chosenServers(backend).length === 0;
  const wasDown = backend.downSinceMs !== null;
  if (isDown === wasDown) return;
  backend.lastChangeAtMs = world.nowMs;
  if (isDown) {
    backend.downSinceMs = world.nowMs;
    backend.downTransitions += 1;
  } else if (backend.downSinceMs !== null) {
    backend.downtimeMs += world.nowMs - backend.downSinceMs;
    backend.downSinceMs = null;
  }
}

export function createRate(): Rate {
  return { second: 0, current: 0, previous: 0, max: 0 };
}

/** Moves a rate on to the second of `nowMs`. */
export function settleRate(rate: Rate, nowMs: number): Rate {
  const second = Math.floor(nowMs / 1000);
  if (second !== rate.second) {
    rate.previous = second === rate.second + 1 ? rate.current : 0;
    rate.current = 0;
    rate.second = second;
  }
  return rate;
}

export function countInRate(rate: Rate, nowMs: number): void {
  settleRate(rate, nowMs).current += 1;
  rate.max = Math.max(rate.max, rate.current);
}
