import { readFileSync } from "node:fs";
import { type LabAccount, labAccounts } from "./accounts.ts";
import { connectByPort, queryRows, type Row } from "./connection.ts";

/** Whether a process exists and is more than a zombie. */
export function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

/** Rows of one statement on a fresh connection to a port, as the application unless another account is named. */
export async function queryPort(port: number, sql: string, account: LabAccount = labAccounts.app): Promise<Row[]> {
  const connection = await connectByPort(port, account);
  try {
    return await queryRows(connection, sql);
  } finally {
    connection.destroy();
  }
}

/** Server error number that a login of `account` gets, or undefined when it is let in. */
export async function loginError(port: number, account: LabAccount): Promise<number | undefined> {
  try {
    await queryPort(port, "SELECT 1", account);
    return undefined;
  } catch (error) {
    if (error instanceof Error && "errno" in error && typeof error.errno === "number") return error.errno;
    throw error;
  }
}
