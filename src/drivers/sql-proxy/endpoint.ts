/** Where an SQL admin interface is, and how a stream to it is opened. */
import type { Duplex } from "node:stream";
import type { HaproxyLocation, HaproxySettings, SqlProxyProduct } from "../../model/settings.ts";
import { formatHaproxyTarget } from "../haproxy/location.ts";
import type { MysqlTarget } from "../mysql/target.ts";

export type SqlAdminLocation = Extract<HaproxyLocation, { readonly kind: "sql-admin" }>;

export interface SqlProxyOptions {
  /** Opens the way to the admin port instead of a TCP connection of our own, e.g. through SSH. */
  readonly openStream?: (signal: AbortSignal) => Promise<Duplex>;
}

export interface AdminEndpoint extends SqlProxyOptions {
  /** Name of the balancer, for what is said about it. */
  readonly name: string;
  /** Name and URL without secrets. */
  readonly target: string;
  readonly product: SqlProxyProduct;
  readonly mysql: MysqlTarget;
}

const CONNECT_TIMEOUT_MS = 3000;

export function buildEndpoint(
  { name, location }: HaproxySettings & { readonly location: SqlAdminLocation },
  options: SqlProxyOptions,
): AdminEndpoint {
  const { product, host, port, user, password } = location;
  // None of the admin interfaces is asked for TLS: Atlas and MySQL Proxy have none.
  const tls = { mode: "off", caFile: null, certFile: null, keyFile: null } as const;
  const access = { user, password, tls, connectTimeoutMs: CONNECT_TIMEOUT_MS };
  const mysql = { name, host, port, access, heartbeatTable: null };
  return { ...options, name, target: formatHaproxyTarget({ name, location }), product, mysql };
}
