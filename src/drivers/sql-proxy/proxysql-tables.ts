/**
 * Tables of ProxySQL's admin (SQLite). `runtime_mysql_servers` is what runs; `mysql_servers` is the copy that people edit, of which
 * LOAD MYSQL SERVERS TO RUNTIME pushes everything at once.
 */

import { formatAddress } from "../../model/address.ts";
import { numberOf, type RowMap, textOf } from "../mysql/rows.ts";
import { formatHostgroup } from "./names.ts";
import type { AdminSession } from "./session.ts";

const COLUMNS_ORDER = "ORDER BY hostgroup_id, hostname, port";
export const RUNTIME_SERVERS = `SELECT * FROM runtime_mysql_servers ${COLUMNS_ORDER}`;
export const EDITED_SERVERS = `SELECT * FROM mysql_servers ${COLUMNS_ORDER}`;
export const POOL = "SELECT * FROM stats_mysql_connection_pool";
export const UPTIME = "SELECT Variable_Value AS value FROM stats_mysql_global WHERE Variable_Name='ProxySQL_Uptime'";
export const VARIABLES =
  "SELECT variable_name, variable_value FROM runtime_global_variables WHERE variable_name IN ('admin-version','admin-read_only','mysql-monitor_enabled')";

export interface ServerRow {
  readonly hostgroup: number;
  readonly hostname: string;
  readonly port: number;
  readonly status: string;
  readonly weight: number | null;
  /** Every column as written. */
  readonly columns: RowMap;
}

/** Rows without host group, name or status are left out: they cannot be spoken about. */
export function readServerRows(rows: readonly RowMap[]): readonly ServerRow[] {
  return rows.flatMap((columns) => {
    const hostgroup = numberOf(columns, "hostgroup_id");
    const hostname = textOf(columns, "hostname");
    const port = numberOf(columns, "port");
    const status = textOf(columns, "status");
    if (hostgroup === null || hostname === null || port === null || status === null) return [];
    return [{ hostgroup, hostname, port, status, weight: numberOf(columns, "weight"), columns }];
  });
}

export async function readTable(session: AdminSession, sql: string): Promise<readonly ServerRow[]> {
  return readServerRows(await session.query(sql));
}

/** `hg10/10.0.0.11:3306`: backend and server as shown. */
export function nameOf(row: Pick<ServerRow, "hostgroup" | "hostname" | "port">): string {
  return `${formatHostgroup(row.hostgroup)}/${formatAddress(row.hostname, row.port)}`;
}

/** The monitor shuns in the runtime only: the edited copy says ONLINE for it, and is not another wish. */
function comparable(column: string, value: string | null, isRuntime: boolean): string | null {
  return isRuntime && column === "status" && value?.startsWith("SHUNNED") === true ? "ONLINE" : value;
}

/**
 * What the edited table has that does not run, in words, one per row; [] when LOAD would change nothing. These may be somebody's unsaved
 * edits, or rows of before the read_only monitor moved a server (ProxySQL issue 1859): a LOAD would bring them into effect.
 * @param ours cell that is about to be set anyway, and so not to be compared
 */
export function comparePending(
  edited: readonly ServerRow[],
  runtime: readonly ServerRow[],
  ours: { readonly name: string; readonly column: string } | null = null,
): readonly string[] {
  const running = new Map(runtime.map((row) => [nameOf(row), row]));
  const wanted = new Set(edited.map(nameOf));
  const found = edited.flatMap((row) => {
    const name = nameOf(row);
    const now = running.get(name);
    if (now === undefined) return [`${name} would be added`];
    const columns = [...row.columns].flatMap(([column, value]) => {
      const runs = comparable(column, now.columns.get(column) ?? null, true);
      const isOurs = ours !== null && ours.name === name && ours.column === column;
      return value === runs || isOurs ? [] : [`${column} ${runs ?? "NULL"} → ${value ?? "NULL"}`];
    });
    return columns.length === 0 ? [] : [`${name}: ${columns.join(", ")}`];
  });
  const gone = [...running.keys()].filter((name) => !wanted.has(name));
  return [...found, ...gone.map((name) => `${name} would be removed`)];
}

/** Rows that read otherwise than before, in words. */
export function describeChanged(before: readonly ServerRow[], after: readonly ServerRow[]): readonly string[] {
  const [first, second] = [before, after].map((rows) => new Map(rows.map((row) => [nameOf(row), row])));
  const names = new Set([...(first?.keys() ?? []), ...(second?.keys() ?? [])]);
  return [...names].flatMap((name) => {
    const [was, is] = [first?.get(name), second?.get(name)];
    if (was === undefined) return [`${name} appeared`];
    if (is === undefined) return [`${name} is gone`];
    const columns = [...is.columns].filter(([column, value]) => value !== (was.columns.get(column) ?? null));
    const words = columns.map(
      ([column, value]) => `${column} ${was.columns.get(column) ?? "NULL"} → ${value ?? "NULL"}`,
    );
    return words.length === 0 ? [] : [`${name}: ${words.join(", ")}`];
  });
}
