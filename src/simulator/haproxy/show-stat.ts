/** `show stat` of the simulated process. */
import { checkDescriptions } from "../world/health-check.ts";
import { chosenServers, formatServerStatus, isUp, settleRate, usableServers } from "../world/proxy-state.ts";
import { countSessions } from "../world/sessions.ts";
import type { Backend, Haproxy, ProxyServer, World } from "../world/state.ts";
import { buildStatRow, statHeader } from "./csv-row.ts";

function secondsSince(world: World, atMs: number): number {
  return Math.max(0, Math.floor((world.nowMs - atMs) / 1000));
}

function downtimeSeconds(world: World, item: { downtimeMs: number; downSinceMs: number | null }): number {
  const current = item.downSinceMs === null ? 0 : world.nowMs - item.downSinceMs;
  return Math.floor((item.downtimeMs + current) / 1000);
}

function frontendRow(world: World, haproxy: Haproxy, backend: Backend): string {
  const rate = settleRate(backend.rate, world.nowMs);
  return buildStatRow("frontend", {
    pxname: backend.name,
    svname: "FRONTEND",
    scur: countSessions(backend),
    smax: backend.maxSessions,
    slim: haproxy.maxConnections,
    stot: backend.totalSessions,
    bin: backend.bytesIn,
    bout: backend.bytesOut,
    status: "OPEN",
    iid: backend.id,
    rate: rate.previous,
    rate_max: rate.max,
    conn_rate: rate.previous,
    conn_rate_max: rate.max,
    conn_tot: backend.totalSessions + backend.refused,
  });
}

/** Check columns; HAProxy hides them during maintenance. */
function checkFields(server: ProxyServer): Record<string, string | number> {
  if (server.maint) return {};
  const { check, rise, fall, health } = server;
  return {
    check_status: check.status,
    check_code: check.code ?? "",
    check_duration: check.durationMs,
    last_chk: check.info,
    check_desc: checkDescriptions[check.status] ?? "",
    check_rise: rise,
    check_fall: fall,
    check_health: health,
  };
}

function serverRow(world: World, server: ProxyServer): string {
  const { backend } = server;
  const rate = settleRate(server.rate, world.nowMs);
  return buildStatRow("server", {
    pxname: backend.name,
    svname: server.name,
    scur: server.sessions.size,
    smax: server.maxSessions,
    stot: server.totalSessions,
    bin: server.bytesIn,
    bout: server.bytesOut,
    econ: server.connectErrors,
    status: formatServerStatus(server),
    weight: server.weight,
    act: server.backup ? 0 : 1,
    bck: server.backup ? 1 : 0,
    chkfail: server.failedChecks,
    chkdown: server.downTransitions,
    lastchg: secondsSince(world, server.lastChangeAtMs),
    downtime: downtimeSeconds(world, server),
    iid: backend.id,
    sid: server.id,
    lbtot: server.totalSessions,
    type: 2,
    rate: rate.previous,
    rate_max: rate.max,
    lastsess: server.lastSessionAtMs === null ? -1 : secondsSince(world, server.lastSessionAtMs),
    ...checkFields(server),
    addr: `${server.host}:${server.port}`,
    connect: server.totalSessions,
    need_conn_est: 1,
    uweight: server.weight,
  });
}

function backendRow(world: World, haproxy: Haproxy, backend: Backend): string {
  const chosen = chosenServers(backend);
  const rate = settleRate(backend.rate, world.nowMs);
  const weight = chosen.reduce((sum, server) => sum + server.weight, 0);
  const lastSession = Math.max(...backend.servers.map((server) => server.lastSessionAtMs ?? 0));
  return buildStatRow("backend", {
    pxname: backend.name,
    svname: "BACKEND",
    scur: countSessions(backend),
    smax: backend.maxSessions,
    slim: Math.max(1, Math.floor(haproxy.maxConnections / 10)),
    stot: backend.totalSessions,
    bin: backend.bytesIn,
    bout: backend.bytesOut,
    econ: backend.refused,
    status: weight > 0 || backend.servers.length === 0 ? "UP" : "DOWN",
    weight,
    act: usableServers(backend, "active").length,
    bck: usableServers(backend, "backup").length,
    chkdown: backend.downTransitions,
    lastchg: secondsSince(world, backend.lastChangeAtMs),
    downtime: downtimeSeconds(world, backend),
    iid: backend.id,
    lbtot: backend.totalSessions,
    type: 1,
    rate: rate.previous,
    rate_max: rate.max,
    lastsess: lastSession === 0 ? -1 : secondsSince(world, lastSession),
    algo: "roundrobin",
    connect: backend.totalSessions,
    uweight: backend.servers.filter((server) => isUp(server)).reduce((sum, server) => sum + server.weight, 0),
  });
}

export interface StatFilter {
  /** Null: all proxies. */
  readonly backend: Backend | null;
  /** 1 frontends, 2 backends, 4 servers. */
  readonly typeMask: number;
  /** Null: all servers. */
  readonly serverId: number | null;
}

export const everything: StatFilter = { backend: null, typeMask: 7, serverId: null };

/** The CSV without the empty line that ends the answer. */
export function buildShowStat(world: World, haproxy: Haproxy, filter: StatFilter = everything): string {
  let text = statHeader;
  for (const backend of haproxy.backends) {
    if (filter.backend !== null && filter.backend !== backend) continue;
    const anyServer = filter.serverId === null;
    if ((filter.typeMask & 1) !== 0 && anyServer) text += frontendRow(world, haproxy, backend);
    if ((filter.typeMask & 4) !== 0) {
      for (const server of backend.servers) {
        if (anyServer || server.id === filter.serverId) text += serverRow(world, server);
      }
    }
    if ((filter.typeMask & 2) !== 0 && anyServer) text += backendRow(world, haproxy, backend);
  }
  return text;
}
