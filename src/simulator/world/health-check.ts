/** HAProxy's health checks: the counters and texts are those of 2.6.12, recorded from a real process. */
import { changeServer, isUp } from "./proxy-state.ts";
import { isFull } from "./slots.ts";
import type { CheckResult, Node, ProductName, ProxyServer, World } from "./state.ts";

const refused: CheckResult = { status: "L4CON", code: null, durationMs: 0, info: "Connection refused" };

interface CheckResults {
  readonly passed: CheckResult;
  readonly full: CheckResult;
  readonly frozen: (intervalMs: number) => CheckResult;
}

/** `option mysql-check`. */
const layer7: CheckResults = {
  passed: { status: "L7OK", code: 0, durationMs: 0, info: "" },
  full: { status: "L7STS", code: 1040, durationMs: 0, info: "#08004Too many connections" },
  frozen: (intervalMs) => ({ status: "L7TOUT", code: null, durationMs: intervalMs + 1, info: "" }),
};

/** A plain `check`: the kernel answers for whoever listens. */
const open: CheckResult = { status: "L4OK", code: null, durationMs: 0, info: "" };
const layer4: CheckResults = { passed: open, full: open, frozen: () => open };

/** mysql-check logs in by mysql_native_password, which MySQL 9 does not have. */
const results: Readonly<Record<ProductName, CheckResults>> = { mariadb: layer7, mysql: layer4 };

export function resultsOf(node: Pick<Node, "product"> | null): CheckResults {
  return results[node?.product ?? "mariadb"];
}

/** Results in words, as in the column check_desc. */
export const checkDescriptions: Readonly<Record<string, string>> = {
  L7OK: "Layer7 check passed",
  L7TOUT: "Layer7 timeout",
  L7STS: "Layer7 wrong status",
  L4OK: "Layer4 check passed",
  L4CON: "Layer4 connection problem",
};

function probe({ node, intervalMs }: ProxyServer): CheckResult {
  const { passed, full, frozen } = resultsOf(node);
  if (node?.process === "running" && isFull(node)) return full;
  if (node?.process === "stopped") return refused;
  return node?.process === "frozen" ? frozen(intervalMs) : passed;
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
        const { passed } = resultsOf(server.node);
        server.check = result;
        if (result === passed && server.health === server.rise + server.fall - 1) continue;
        changeServer(world, server, () => (result === passed ? countPass(server) : countFailure(server)));
      }
    }
  }
}
