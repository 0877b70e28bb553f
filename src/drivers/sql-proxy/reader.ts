/** Reader of an SQL proxy: one fresh connection per poll, since the admin of MySQL Proxy and Atlas answers no ping that would keep one. */
import type { HaproxyReport } from "../../model/haproxy.ts";
import type { HaproxySettings } from "../../model/settings.ts";
import type { HaproxyReader } from "../contract.ts";
import { buildBackendServer, readBackends } from "./backends.ts";
import { type AdminEndpoint, buildEndpoint, type SqlAdminLocation, type SqlProxyOptions } from "./endpoint.ts";
import { readProxysql } from "./proxysql-report.ts";
import { buildBackends } from "./server-row.ts";
import { type AdminSession, READS_ONLY, withSession } from "./session.ts";

/** Creates the reader without touching the network. */
export function createSqlProxyReader(
  settings: HaproxySettings & { readonly location: SqlAdminLocation },
  options: SqlProxyOptions = {},
): HaproxyReader {
  const endpoint = buildEndpoint(settings, options);
  const read = endpoint.product === "proxysql" ? readProxysql : readBackendList;
  return {
    target: endpoint.target,
    poll: (bounds) => withSession(endpoint, bounds, READS_ONLY, (session) => read(session, endpoint)),
    async close() {},
  };
}

async function readBackendList(session: AdminSession, endpoint: AdminEndpoint): Promise<HaproxyReport> {
  const rows = await readBackends(session, endpoint);
  const servers = rows.map((row) => buildBackendServer(endpoint, row));
  const { product } = endpoint;
  return {
    source: "sql-admin",
    level: product === "atlas" ? "admin" : "read-only",
    process: null,
    proxies: buildBackends(servers),
    servers,
    sqlAdmin: { product, pending: [] },
  };
}
