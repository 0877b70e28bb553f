/** Runtime changes an operator makes through the HAProxy socket. */
import { changeServer } from "./proxy-state.ts";
import { closeSession } from "./sessions.ts";
import type { ProxyServer, World } from "./state.ts";

/** `set server … state`; `ready` makes the server up at once, before any check, as 2.6 does. */
export function setServerState(world: World, server: ProxyServer, state: "ready" | "drain" | "maint"): void {
  changeServer(world, server, () => {
    if (server.maint && state !== "maint") {
      server.health = server.rise;
      server.nextCheckAtMs = world.nowMs + Math.min(250, server.intervalMs);
    }
    server.maint = state === "maint";
    server.drain = state === "drain";
  });
}

export function setServerWeight(world: World, server: ProxyServer, weight: number): void {
  changeServer(world, server, () => {
    server.weight = weight;
  });
}

/** `set server … health`: what the checks would have found; the next check may undo it. */
export function setServerHealth(world: World, server: ProxyServer, health: "up" | "down"): void {
  changeServer(world, server, () => {
    server.health = health === "up" ? server.rise + server.fall - 1 : 0;
  });
}

/** Ends all sessions of a server now; its state stays. */
export function shutdownSessions(server: ProxyServer): void {
  for (const session of [...server.sessions]) closeSession(session);
}
