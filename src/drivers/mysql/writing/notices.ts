/** Warnings of the statement that was just sent, and of no other. */
import type { MysqlConnection } from "../connection.ts";
import { isStatementError } from "../failure.ts";
import { textOf } from "../rows.ts";

/** Sessions whose list of messages is not empty: MariaDB and older MySQL go on showing it after statements that have none and use no table. */
const full = new WeakSet<MysqlConnection>();

/** To be called after an error: it stands in the list, too. */
export function markNotices(connection: MysqlConnection): void {
  full.add(connection);
}

/** Empties the list by a statement that uses a table, where there is something in it. */
export async function forgetNotices(connection: MysqlConnection): Promise<void> {
  if (!full.has(connection)) return;
  await connection.query("SELECT 1 FROM information_schema.CHARACTER_SETS LIMIT 1");
  full.delete(connection);
}

/** e.g. `Note 1255: Slave already has been stopped`; [] also when they cannot be read. */
export async function readNotices(connection: MysqlConnection): Promise<readonly string[]> {
  try {
    const rows = await connection.query("SHOW WARNINGS");
    if (rows.length > 0) markNotices(connection);
    return rows.map((row) => `${textOf(row, "Level")} ${textOf(row, "Code")}: ${textOf(row, "Message")}`);
  } catch (error) {
    if (isStatementError(error)) return [];
    throw error;
  }
}
