/** The text of a change on an SQL proxy. Nothing that is not built here is ever sent by the writer. */
import type { HaproxyServer } from "../../model/haproxy.ts";
import type { HaproxySettings } from "../../model/settings.ts";
import { describeUnsupported } from "../../model/sql-proxy.ts";
import type { HaproxyChange } from "../contract.ts";
import { parseHostgroup, parseServerName } from "./names.ts";
import { PROXYSQL_STATES } from "./products.ts";

export const LOAD = "LOAD MYSQL SERVERS TO RUNTIME";

const MAX_WEIGHT = 256;
const ROW = /^hostgroup_id=\d+ AND hostname='[A-Za-z0-9_.:-]+' AND port=\d+$/;
const UPDATE = /^UPDATE mysql_servers SET (?:status='(?:ONLINE|OFFLINE_SOFT|OFFLINE_HARD)'|weight=\d{1,8}) WHERE (.*)$/;

/** True for the statements of this file that change ProxySQL. */
export function isProxysqlChange(sql: string): boolean {
  return sql === LOAD || ROW.test(UPDATE.exec(sql)?.[1] ?? "");
}

/** True for those that change Atlas. */
export function isAtlasChange(sql: string): boolean {
  return /^SET (OFFLINE|ONLINE) \d+$/.test(sql);
}

/** Null when the names are those of no row, or the change is none for ProxySQL. */
export function buildProxysqlUpdate(change: HaproxyChange): string | null {
  if (change.kind === "shutdown-sessions") return null;
  const isWeight = change.kind === "server-weight";
  if (isWeight && (!Number.isInteger(change.weight) || change.weight < 0 || change.weight > MAX_WEIGHT)) return null;
  return buildUpdate(change, isWeight ? `weight=${change.weight}` : `status='${PROXYSQL_STATES[change.state]}'`);
}

/** @param assignment built by us, e.g. `weight=5` */
export function buildUpdate(
  { backend, server }: Pick<HaproxyChange, "backend" | "server">,
  assignment: string,
): string | null {
  const hostgroup = parseHostgroup(backend);
  const address = parseServerName(server);
  if (hostgroup === null || address === null) return null;
  const where = `hostgroup_id=${hostgroup} AND hostname='${address.host}' AND port=${address.port}`;
  return `UPDATE mysql_servers SET ${assignment} WHERE ${where}`;
}

/** Null for anything but drain and ready. */
export function buildAtlasCommand(change: HaproxyChange, index: number): string | null {
  if (change.kind !== "server-state" || change.state === "maint" || !Number.isInteger(index)) return null;
  return `SET ${change.state === "drain" ? "OFFLINE" : "ONLINE"} ${index}`;
}

/**
 * What the writer sends for a change, statements separated by `; ` (they go one by one); where it sends nothing, that, in words.
 * @param server as last read, for the index of Atlas; null: not known
 */
export function describeSqlProxyCommand(
  change: HaproxyChange,
  { location }: HaproxySettings,
  server: Pick<HaproxyServer, "serverId"> | null,
): string {
  if (location.kind !== "sql-admin") throw new Error("no SQL admin");
  const { product } = location;
  const reason = describeUnsupported(product, change);
  if (reason !== null) return `nothing: ${reason}`;
  if (product === "proxysql") {
    const update = buildProxysqlUpdate(change);
    return update === null ? "nothing: this is no row of mysql_servers" : `${update}; ${LOAD}`;
  }
  const index = server?.serverId ?? null;
  const command = index === null ? null : buildAtlasCommand(change, index);
  return command ?? "nothing: its place in the list of backends is not known";
}
