/** Processes of HAProxy: they are stopped, started and reloaded. What was set at run time is gone each time. */
import { hostOf } from "./address.ts";
import { resultsOf } from "./health-check.ts";
import { createRate } from "./proxy-state.ts";
import { closeSession } from "./sessions.ts";
import type { Backend, Haproxy, ProxyServer, World } from "./state.ts";

function forgetServer(world: World, server: ProxyServer): void {
  Object.assign(server, {
    weight: server.initialWeight,
    maint: false,
    drain: false,
    // A new process takes servers for up until their checks have failed.
    health: server.rise,
    check: resultsOf(server.node).passed,
    nextCheckAtMs: world.nowMs + 100,
    lastChangeAtMs: world.nowMs,
    downSinceMs: null,
    downtimeMs: 0,
    failedChecks: 0,
    downTransitions: 0,
    maxSessions: 0,
    totalSessions: 0,
    bytesIn: 0,
    bytesOut: 0,
    connectErrors: 0,
    lastSessionAtMs: null,
  });
  Object.assign(server.rate, createRate());
}

function forgetBackend(world: World, backend: Backend): void {
  for (const server of backend.servers) {
    for (const session of [...server.sessions]) closeSession(session);
    forgetServer(world, server);
  }
  Object.assign(backend, {
    maxSessions: 0,
    totalSessions: 0,
    refused: 0,
    lastChangeAtMs: world.nowMs,
    downSinceMs: null,
    downtimeMs: 0,
    downTransitions: 0,
    bytesIn: 0,
    bytesOut: 0,
  });
  Object.assign(backend.rate, createRate());
}

/** The process dies, and all its sessions with it. */
export function stopHaproxy(haproxy: Haproxy): void {
  haproxy.running = false;
  for (const { servers } of haproxy.backends)
    for (const server of servers) for (const session of [...server.sessions]) closeSession(session);
}

/** A new process, with what its configuration says. */
export function startHaproxy(world: World, haproxy: Haproxy): void {
  // auto_failback: whoever comes back at home is given the address again.
  if (!haproxy.running && world.address?.home === hostOf(world, haproxy.name).name) world.address.isAway = false;
  haproxy.running = true;
  haproxy.pid += 1_000;
  haproxy.startedAtMs = world.nowMs;
  haproxy.cliRequests = 0;
  haproxy.bytesOut = 0;
  for (const backend of haproxy.backends) forgetBackend(world, backend);
}

/** As a reload without a state file; the old process is taken to end its sessions at once. */
export function reloadHaproxy(world: World, haproxy: Haproxy): void {
  startHaproxy(world, haproxy);
}
