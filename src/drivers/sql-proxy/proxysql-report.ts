/** ProxySQL as one report: what runs, what waits to be loaded, and what the connection pool says of each server. */
import { formatAddress } from "../../model/address.ts";
import type { HaproxyReport } from "../../model/haproxy.ts";
import { DriverError } from "../errors.ts";
import { numberOf, type RowMap, textOf } from "../mysql/rows.ts";
import type { AdminEndpoint } from "./endpoint.ts";
import { formatHostgroup } from "./names.ts";
import { UNTOLD_PROCESS } from "./process.ts";
import {
  comparePending,
  EDITED_SERVERS,
  nameOf,
  POOL,
  RUNTIME_SERVERS,
  readServerRows,
  type ServerRow,
  UPTIME,
  VARIABLES,
} from "./proxysql-tables.ts";
import { buildBackends, buildServer } from "./server-row.ts";
import { type AdminSession, queryOptional } from "./session.ts";

/** @throws DriverError */
export async function readProxysql(session: AdminSession, endpoint: AdminEndpoint): Promise<HaproxyReport> {
  const runtime = readServerRows(await readRuntime(session));
  const edited = await queryOptional(session, EDITED_SERVERS);
  const pool = indexPool((await queryOptional(session, POOL)) ?? []);
  const uptime = await queryOptional(session, UPTIME);
  const variables = readVariables((await queryOptional(session, VARIABLES)) ?? []);
  // `pool` is joined by what runs: servers that are no longer there linger in it as OFFLINE_HARD.
  const unchecked = variables.get("mysql-monitor_enabled") !== "true";
  const servers = runtime.map((row) => buildRow(row, pool.get(nameOf(row)) ?? null, unchecked));
  const canChange = edited !== null && variables.get("admin-read_only") !== "true";
  return {
    source: "sql-admin",
    level: canChange ? "admin" : "read-only",
    process: {
      ...UNTOLD_PROCESS,
      version: variables.get("admin-version") ?? null,
      uptimeSeconds: uptime?.[0] === undefined ? null : numberOf(uptime[0], "value"),
    },
    proxies: buildBackends(servers),
    servers,
    sqlAdmin: {
      product: endpoint.product,
      pending: edited === null ? null : comparePending(readServerRows(edited), runtime),
    },
  };
}

/** An account of the statistics cannot read what runs: that is said as what it is. */
async function readRuntime(session: AdminSession): Promise<readonly RowMap[]> {
  try {
    return await session.query(RUNTIME_SERVERS);
  } catch (error) {
    if (!(error instanceof DriverError) || error.kind !== "rejected") throw error;
    const { target, operation, message, serverCode } = error;
    const advice = "Use an account of admin-admin_credentials: those of admin-stats_credentials see statistics only.";
    throw new DriverError({ kind: "rejected", target, operation, message, advice, serverCode, cause: error });
  }
}

function indexPool(rows: readonly RowMap[]): ReadonlyMap<string, RowMap> {
  const found = new Map<string, RowMap>();
  for (const row of rows) {
    const [hostgroup, host, port] = [numberOf(row, "hostgroup"), textOf(row, "srv_host"), numberOf(row, "srv_port")];
    if (hostgroup === null || host === null || port === null) continue;
    found.set(nameOf({ hostgroup, hostname: host, port }), row);
  }
  return found;
}

function buildRow(row: ServerRow, pool: RowMap | null, unchecked: boolean) {
  const pooled = pool === null ? null : textOf(pool, "status");
  const count = (column: string) => (pool === null ? null : numberOf(pool, column));
  return buildServer({
    product: "proxysql",
    backend: formatHostgroup(row.hostgroup),
    server: formatAddress(row.hostname, row.port),
    backendId: row.hostgroup,
    index: null,
    // Only the statistics tell that a server is left out for its lag.
    status: row.status === "ONLINE" && pooled === "SHUNNED_REPLICATION_LAG" ? pooled : row.status,
    weight: row.weight,
    // In use right now: a client that holds no transaction may hold no connection either.
    sessions: count("ConnUsed"),
    bytesIn: count("Bytes_data_sent"),
    bytesOut: count("Bytes_data_recv"),
    unchecked,
  });
}

function readVariables(rows: readonly RowMap[]): ReadonlyMap<string, string> {
  return new Map(
    rows.flatMap((row): [string, string][] => {
      const [name, value] = [textOf(row, "variable_name"), textOf(row, "variable_value")];
      return name === null || value === null ? [] : [[name, value]];
    }),
  );
}
