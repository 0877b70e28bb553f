/** Servers of a disabled backend: `show servers state` lists them, `show stat` does not. */
import type { HaproxyServer } from "../../model/haproxy.ts";
import { selectAdminReasons } from "./admin-state.ts";
import { selectServerState } from "./server-status.ts";
import type { ServerStateRow } from "./show-servers-state.ts";

/** Its status is null and its figures are not known; the role is not told, so neither `active` nor `backup` is set. */
export function buildHiddenServer(row: ServerStateRow): HaproxyServer {
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
    assignedWeight: row.weight,
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
