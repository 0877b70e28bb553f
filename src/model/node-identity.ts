/** When are two answers answers of one server? Cloned images share server_uuid and server_id, so neither alone proves anything. */
import type { MysqlReport } from "./mysql.ts";

/** Reports of one server are read within one tick of each other or so; more means another process or an old report. */
const UPTIME_TOLERANCE_SECONDS = 30;

/** True when host name, port, server_id, server_uuid and uptime are all told and all agree. */
export function isSameServer(a: MysqlReport, b: MysqlReport): boolean {
  if (a.hostname === null || a.port === null || a.serverId === null) return false;
  if (a.hostname !== b.hostname || a.port !== b.port || a.serverId !== b.serverId) return false;
  if (a.serverUuid !== b.serverUuid) return false;
  if (a.uptimeSeconds === null || b.uptimeSeconds === null) return false;
  return Math.abs(a.uptimeSeconds - b.uptimeSeconds) <= UPTIME_TOLERANCE_SECONDS;
}
