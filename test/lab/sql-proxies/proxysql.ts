/**
 * Stand-in for ProxySQL's admin, as far as it is asked here: an editable table, one that runs, LOAD and SAVE between them, the statistics of
 * the pool. Errors come as 1045/28000 whatever the cause, as there.
 */
import { type AdminServer, SqlError, type StatementResult, startAdminServer } from "./admin-server.ts";

export interface ProxysqlServer {
  hostgroup_id: number;
  hostname: string;
  port: number;
  status: "ONLINE" | "SHUNNED" | "OFFLINE_SOFT" | "OFFLINE_HARD" | (string & {});
  weight: number;
  max_connections: number;
  comment: string;
}

export interface PoolRow {
  readonly hostgroup: number;
  readonly srv_host: string;
  readonly srv_port: number;
  status: string;
  ConnUsed: number;
  ConnFree: number;
  Bytes_data_sent: number;
  Bytes_data_recv: number;
}

export interface ProxysqlStandIn extends AdminServer {
  /** `mysql_servers`. */
  edited: ProxysqlServer[];
  /** `runtime_mysql_servers`. */
  runtime: ProxysqlServer[];
  pool: PoolRow[];
  readonly variables: Map<string, string>;
  uptimeSeconds: number;
  /** Statement that is refused with these words. */
  refuse: { readonly pattern: RegExp; readonly words: string } | null;
  /** As ProxySQL issue 2658 tells: LOAD leaves a shunned server shunned, whatever was set. */
  keepsShunned: boolean;
  /** An account of the statistics sees no tables of servers. */
  statsOnly: boolean;
}

export function buildProxysqlServer(
  hostgroup: number,
  hostname: string,
  port: number,
  more: Partial<ProxysqlServer> = {},
): ProxysqlServer {
  return {
    hostgroup_id: hostgroup,
    hostname,
    port,
    status: "ONLINE",
    weight: 1,
    max_connections: 1000,
    comment: "",
    ...more,
  };
}

const fail = (words: string) => new SqlError(1045, "28000", `ProxySQL Admin Error: ${words}`);

function buildTable(rows: readonly object[], names: readonly string[]): StatementResult {
  const columns = names.map((name) => ({ name, type: "text" as const }));
  const cells = rows.map((row) => names.map((name) => String((row as Record<string, unknown>)[name])));
  return { kind: "rows", columns, rows: cells };
}

const SERVER_COLUMNS = Object.keys(buildProxysqlServer(0, "", 0));
const POOL_COLUMNS = [
  "hostgroup",
  "srv_host",
  "srv_port",
  "status",
  "ConnUsed",
  "ConnFree",
  "Bytes_data_sent",
  "Bytes_data_recv",
];
const UPDATE =
  /^UPDATE mysql_servers SET (status|weight)='?([A-Z_0-9]+)'? WHERE hostgroup_id=(\d+) AND hostname='([^']*)' AND port=(\d+)$/;

export async function startProxysqlStandIn(
  servers: readonly ProxysqlServer[],
  options: { readonly localOnly?: boolean } = {},
): Promise<ProxysqlStandIn> {
  const copy = (rows: readonly ProxysqlServer[]) => rows.map((row) => ({ ...row }));
  const admin = await startAdminServer({
    greeting: "plugins",
    account: { user: "ops", password: "proxysql-secret" },
    refuseLogin: (user) =>
      options.localOnly === true ? new SqlError(1040, "42000", `User '${user}' can only connect locally`) : null,
    refuseCommand: () => fail("command not supported"),
    answer: (sql) => answer(proxy, sql),
  });
  const proxy: ProxysqlStandIn = Object.assign(admin, {
    edited: copy(servers),
    runtime: copy(servers),
    pool: servers.map(({ hostgroup_id, hostname, port, status }) => ({
      hostgroup: hostgroup_id,
      srv_host: hostname,
      srv_port: port,
      status,
      ConnUsed: 0,
      ConnFree: 0,
      Bytes_data_sent: 0,
      Bytes_data_recv: 0,
    })),
    variables: new Map([
      ["admin-version", "2.5.5-10-g195bd70"],
      ["admin-read_only", "false"],
      ["mysql-monitor_enabled", "true"],
    ]),
    uptimeSeconds: 4711,
    refuse: null,
    keepsShunned: false,
    statsOnly: false,
  });
  return proxy;
}

function answer(proxy: ProxysqlStandIn, sql: string): StatementResult {
  if (proxy.refuse?.pattern.test(sql) === true) throw fail(proxy.refuse.words);
  const table = /^SELECT \* FROM (\w+)(?: ORDER BY hostgroup_id, hostname, port)?$/.exec(sql)?.[1];
  if (table !== undefined) return readTable(proxy, table);
  const names =
    /^SELECT variable_name, variable_value FROM runtime_global_variables WHERE variable_name IN \((.*)\)$/.exec(
      sql,
    )?.[1];
  if (names !== undefined) {
    const rows = names.split(",").flatMap((quoted) => {
      const variable_name = quoted.replaceAll("'", "");
      const variable_value = proxy.variables.get(variable_name);
      return variable_value === undefined ? [] : [{ variable_name, variable_value }];
    });
    return buildTable(rows, ["variable_name", "variable_value"]);
  }
  if (/ AS value FROM stats_mysql_global WHERE Variable_Name='ProxySQL_Uptime'$/.test(sql)) {
    return buildTable([{ value: proxy.uptimeSeconds }], ["value"]);
  }
  return change(proxy, sql);
}

function readTable({ statsOnly, edited, runtime, pool }: ProxysqlStandIn, table: string): StatementResult {
  if (table === "stats_mysql_connection_pool") return buildTable(pool, POOL_COLUMNS);
  if (!statsOnly && table === "mysql_servers") return buildTable(edited, SERVER_COLUMNS);
  if (!statsOnly && table === "runtime_mysql_servers") return buildTable(runtime, SERVER_COLUMNS);
  throw fail(`no such table: ${table}`);
}

function change(proxy: ProxysqlStandIn, sql: string): StatementResult {
  const ok = (affectedRows: number): StatementResult => ({ kind: "ok", affectedRows, warnings: 0 });
  const [, column, value, hostgroup, hostname, port] = UPDATE.exec(sql) ?? [];
  if (column !== undefined && value !== undefined) {
    const rows = proxy.edited.filter(
      (row) => row.hostgroup_id === Number(hostgroup) && row.hostname === hostname && row.port === Number(port),
    );
    for (const row of rows) {
      if (column === "weight") row.weight = Number(value);
      else row.status = value;
    }
    return ok(rows.length);
  }
  switch (sql) {
    case "LOAD MYSQL SERVERS TO RUNTIME":
      load(proxy);
      return ok(0);
    case "SAVE MYSQL SERVERS TO MEMORY":
      proxy.edited = proxy.runtime.map((row) => ({ ...row, status: row.status === "SHUNNED" ? "ONLINE" : row.status }));
      return ok(0);
    default:
      throw fail(`near "${sql.split(" ")[0]}": syntax error`);
  }
}

/** The whole table; what was shunned stays shunned, what is gone lingers in the pool as OFFLINE_HARD. */
function load(proxy: ProxysqlStandIn): void {
  const key = (row: ProxysqlServer) => `${row.hostgroup_id} ${row.hostname} ${row.port}`;
  const before = new Map(proxy.runtime.map((row) => [key(row), row]));
  proxy.runtime = proxy.edited.map((row) => {
    const wasShunned = before.get(key(row))?.status === "SHUNNED";
    const isShunned = wasShunned && (row.status === "ONLINE" || proxy.keepsShunned);
    return { ...row, status: isShunned ? "SHUNNED" : row.status };
  });
  const now = new Map(proxy.runtime.map((row) => [key(row), row]));
  for (const row of proxy.pool) {
    row.status = now.get(`${row.hostgroup} ${row.srv_host} ${row.srv_port}`)?.status ?? "OFFLINE_HARD";
  }
}
