import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise";
import type { LabAccount } from "./accounts.ts";

export type Row = Record<string, unknown>;

/** The superuser of a data directory that has no accounts yet. */
export function connectAsFreshRoot(socketPath: string): Promise<Connection> {
  return createConnection({ socketPath, user: "root", connectTimeout: 5_000 });
}

export function connectBySocket(socketPath: string, account: LabAccount): Promise<Connection> {
  return createConnection({ socketPath, ...account, connectTimeout: 5_000, supportBigNumbers: true });
}

/** Through TCP, as the application or the console would. */
export function connectByPort(port: number, account: LabAccount, database?: string): Promise<Connection> {
  return createConnection({
    host: "127.0.0.1",
    port,
    ...account,
    connectTimeout: 5_000,
    ...(database ? { database } : {}),
  });
}

/** Rows of one statement; an empty list for statements without a result. */
export async function queryRows(connection: Connection, sql: string): Promise<Row[]> {
  const [rows] = await connection.query<RowDataPacket[]>(sql);
  return Array.isArray(rows) ? rows : [];
}

/** Statements in order on one session. */
export async function runAll(connection: Connection, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await connection.query(statement);
}
