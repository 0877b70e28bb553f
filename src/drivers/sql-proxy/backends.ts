/** `SELECT * FROM backends` of MySQL Proxy and Atlas: the whole statement is matched by pattern, so there is no other form of it. */
import type { HaproxyServer } from "../../model/haproxy.ts";
import { SQL_PROXY_NAMES } from "../../model/sql-proxy.ts";
import { DriverError } from "../errors.ts";
import { numberOf, type RowMap, textOf } from "../mysql/rows.ts";
import type { AdminEndpoint } from "./endpoint.ts";
import { buildServer } from "./server-row.ts";
import type { AdminSession } from "./session.ts";

export const BACKENDS = "SELECT * FROM backends";

export interface BackendRow {
  /** A position in the list: it shifts when a backend is removed. */
  readonly index: number;
  readonly address: string;
  readonly state: string;
  /** `rw`, `ro` or `unknown`. */
  readonly type: string;
  /** Null where it is not told (Atlas). */
  readonly clients: number | null;
}

/** @throws DriverError kind `protocol` when this is not the product that was named */
export async function readBackends(session: AdminSession, endpoint: AdminEndpoint): Promise<readonly BackendRow[]> {
  const rows = await session.query(BACKENDS);
  return rows.map((row) => readBackend(row, endpoint));
}

function readBackend(row: RowMap, { target, product }: AdminEndpoint): BackendRow {
  const fail = (message: string, advice: string | null = null) =>
    new DriverError({ kind: "protocol", target, operation: BACKENDS, message, advice });
  // Only MySQL Proxy has this column, and Atlas alone can change anything: taken for each other, a plan would promise what cannot be.
  const isMysqlProxy = row.has("connected_clients");
  if (isMysqlProxy !== (product === "mysql-proxy")) {
    const [found, scheme] = isMysqlProxy
      ? (["mysql-proxy", "mysql-proxy://"] as const)
      : (["atlas", "atlas://"] as const);
    throw fail(
      `This is the admin of ${SQL_PROXY_NAMES[found]}, not of ${SQL_PROXY_NAMES[product]}.`,
      `Write ${scheme}.`,
    );
  }
  const [index, address, state, type] = [
    numberOf(row, "backend_ndx"),
    textOf(row, "address"),
    textOf(row, "state"),
    textOf(row, "type"),
  ];
  if (index === null || address === null || state === null || type === null) {
    throw fail("Its list of backends has not the columns of one.");
  }
  return { index, address, state, type, clients: numberOf(row, "connected_clients") };
}

export function buildBackendServer({ product }: AdminEndpoint, row: BackendRow): HaproxyServer {
  return buildServer({
    product,
    backend: row.type,
    server: row.address,
    backendId: null,
    index: row.index,
    status: row.state,
    weight: null,
    sessions: row.clients,
  });
}
