/** Joins what the commands tell of the same servers, by backend and server name: ids move at a reload. */
import type { HaproxyServer } from "../../model/haproxy.ts";
import { selectAdminReasons } from "./admin-state.ts";
import { selectServerState } from "./server-status.ts";
import type { ServerStateRow } from "./show-servers-state.ts";
import type { StatServer } from "./show-stat.ts";

/**
 * One entry per server of either source, those of `show stat` first and in its order. Servers of a disabled backend stand only in
 * `show servers state`: their status is null, and their role is not told, so neither `active` nor `backup` is set.
 */
export function joinServers(
  stats: readonly StatServer[],
  states: readonly ServerStateRow[] | null,
): readonly HaproxyServer[] {
  const unmatched = new Map((states ?? []).map((row) => [keyOf(row), row]));
  const joined = stats.map((stat) => {
    const key = keyOf(stat);
    const row = unmatched.get(key) ?? null;
    unmatched.delete(key);
    return joinServer(stat, row);
  });
  return [...joined, ...[...unmatched.values()].map(buildHiddenServer)];
}

function keyOf({ backend, server }: { readonly backend: string; readonly server: string }): string {
  return `${backend}/${server}`;
}

function joinServer(stat: StatServer, row: ServerStateRow | null): HaproxyServer {
  const adminState = row?.adminState ?? null;
  const address = stat.host === null && row !== null ? row : stat;
  return {
    ...stat,
    host: address.host,
    port: address.port,
    state: selectServerState(stat.status, adminState),
    initialWeight: row?.initialWeight ?? null,
    adminReasons: selectAdminReasons(adminState),
    lastChangeSeconds: stat.lastChangeSeconds ?? row?.lastChangeSeconds ?? null,
    agentEnabled: row?.agentEnabled ?? stat.agentEnabled,
  };
}

function buildHiddenServer(row: ServerStateRow): HaproxyServer {
  return {
    backend: row.backend,
    server: row.server,
    backendId: row.backendId,
    serverId: row.serverId,
    host: row.host,
    port: row.port,
    status: null,
    state: selectServerState(null, row.adminState),
    active: false,
    backup: false,
    weight: row.weight,
    initialWeight: row.initialWeight,
    sessions: null,
    queued: null,
    sessionsTotal: null,
    bytesIn: null,
    bytesOut: null,
    sessionRate: null,
    adminReasons: selectAdminReasons(row.adminState),
    check: null,
    checkCode: null,
    checkInfo: "",
    checkDurationMs: null,
    inTransition: false,
    checkFailures: null,
    downTransitions: null,
    lastChangeSeconds: row.lastChangeSeconds,
    downtimeSeconds: null,
    lastSessionSeconds: null,
    tracks: null,
    agentEnabled: row.agentEnabled,
    rise: null,
    fall: null,
  };
}
