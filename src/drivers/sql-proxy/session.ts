/**
 * One connection to an admin interface for one call: opened, asked, closed. Statements go one by one as plain text, without a closing `;`:
 * MySQL Proxy and Atlas match the whole statement by pattern, refuse pings and prepared statements, and have neither TLS nor auth plugins.
 */
import type { Duplex } from "node:stream";
import type { RequestBounds } from "../contract.ts";
import { DriverError } from "../errors.ts";
import { type Progress, runBounded } from "../mysql/bounds.ts";
import { type MysqlConnection, openConnection } from "../mysql/connection.ts";
import { assertReadsOnly } from "../mysql/reading-only.ts";
import type { RowMap } from "../mysql/rows.ts";
import type { SessionKind } from "../mysql/session-kind.ts";
import { mapLoginError, mapStatementError } from "./admin-error.ts";
import type { AdminEndpoint } from "./endpoint.ts";

export interface AdminSession {
  /** Rows of one statement; none of one that has no result set. @throws DriverError kind `rejected` with the proxy's own words */
  query(sql: string): Promise<readonly RowMap[]>;
}

/** Statements that may be sent on such a session beside those that only read. */
export type MaySend = (sql: string) => boolean;

export const READS_ONLY: MaySend = () => false;

/** `pwds` of Atlas holds credentials: it is never read. */
const FORBIDDEN = /\bpwds\b|mysql_users|admin-admin_credentials/i;

function buildKind(maySend: MaySend): SessionKind {
  return {
    assertMaySend(sql) {
      if (FORBIDDEN.test(sql)) throw new Error(`not to be read: ${sql.slice(0, 80)}`);
      if (!maySend(sql)) assertReadsOnly(sql);
    },
    batches: false,
    settingsOf: () => [],
  };
}

/** @throws DriverError */
export function withSession<T>(
  endpoint: AdminEndpoint,
  bounds: RequestBounds,
  maySend: MaySend,
  work: (session: AdminSession) => Promise<T>,
): Promise<T> {
  return runBounded(endpoint.target, bounds, async (progress) => {
    const connection = await login(endpoint, buildKind(maySend), progress);
    try {
      return await work(createSession(connection, endpoint, progress));
    } finally {
      connection.destroy();
    }
  });
}

function createSession(connection: MysqlConnection, endpoint: AdminEndpoint, progress: Progress): AdminSession {
  return {
    async query(sql) {
      progress.operation = sql;
      try {
        return await connection.query(sql);
      } catch (error) {
        throw mapStatementError(error, endpoint, sql);
      }
    },
  };
}

async function login(endpoint: AdminEndpoint, kind: SessionKind, progress: Progress): Promise<MysqlConnection> {
  let connection: MysqlConnection | null = null;
  try {
    const stream = await openWay(endpoint, progress);
    const target = stream === null ? endpoint.mysql : { ...endpoint.mysql, openStream: () => stream };
    connection = await openConnection(target, null, kind);
    progress.cancel = (reason) => connection?.destroy(reason);
    if (progress.ended !== null) throw progress.ended;
    progress.hint = "Whatever listens there does not speak the MySQL protocol, or is stopped.";
    await connection.ready;
    progress.hint = null;
    return connection;
  } catch (error) {
    connection?.destroy();
    throw mapLoginError(error, endpoint);
  }
}

/** Null: a TCP connection of our own. */
async function openWay({ openStream }: AdminEndpoint, progress: Progress): Promise<Duplex | null> {
  if (openStream === undefined) return null;
  const controller = new AbortController();
  progress.cancel = (reason) => controller.abort(reason);
  const stream = await openStream(controller.signal);
  if (progress.ended === null) return stream;
  stream.destroy();
  throw progress.ended;
}

/** Rows, or null when the interface refuses the statement: what only adds to the picture must not cost the rest. */
export async function queryOptional(session: AdminSession, sql: string): Promise<readonly RowMap[] | null> {
  try {
    return await session.query(sql);
  } catch (error) {
    if (error instanceof DriverError && error.kind === "rejected") return null;
    throw error;
  }
}
