/** HAProxy's health checks (`option mysql-check`): the counters and texts are those of 2.6.12, recorded from a real process. */
import { changeServer, isUp } from "./proxy-state.ts";
import { isFull } from "./slots.ts";
import type { CheckResult, ProxyServer, World } from "./state.ts";

const passed: CheckResult = { status: "L7OK", code: 0, durationMs: 0, info: "" };
const full: CheckResult = { status: "L7STS", code: 1040, durationMs: 0, info: "#08004Too many connections" };
const refused: CheckResult = { status: "L4CON", code: null, durationMs: 0, info: "Connection refused" };

/** Layer 7 results in words, as in the column check_desc. */
export const checkDescriptions: Readonly<Record<string, string>> = {
  L7OK: "Layer7 check passed",
  L7TOUT: "Layer7 timeout",
  L7STS: "Layer7 wrong status",
  L4CON: "Layer4 connection problem",
};

function probe(server: ProxyServer): CheckResult {
  if (server.node?.process === "running" && isFull(server.node)) return full;
  switch (server.node?.process) {
    case "stopped":
      return refused;
    case "frozen":
      return { status: "L7TOUT", code: null, durationMs: server.intervalMs + 1, info: "" };
    default:
      return passed;
  }
}

function countPass(server: ProxyServer): void {
  const full = server.rise + server.fall - 1;
  if (server.health >= full) return;
  server.health += 1;
  if (isUp(server)) server.health = full;
}

function countFailure(server: ProxyServer): void {
  server.failedChecks += isUp(server) ? 1 : 0;
  if (server.health > server.rise) server.health -= 1;
  else {
    if (isUp(server)) server.downTransitions += 1;
    server.health = 0;
  }
}

/** Runs every check that is due. Servers in maintenance are not checked. */
export function stepHealthChecks(world: World): void {
  for (const haproxy of world.haproxies) {
    if (!haproxy.running) continue;
    for (const backend of haproxy.backends) {
      for (const server of backend.servers) {
        if (world.nowMs < server.nextCheckAtMs) continue;
        server.nextCheckAtMs = world.nowMs + server.intervalMs;
        if (server.maint) continue;
        const result = probe(server);
        server.check = result;
        if (result === passed && server.health === server.rise + server.fall - 1) continue;
        changeServer(world, server, () => (result === passed ? countPass(server) : countFailure(server)));
      }
    }
  }
}
