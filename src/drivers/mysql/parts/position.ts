/** Where the node's own binary log ends. */
import type { BinlogPosition } from "../../../model/mysql.ts";
import { type Asking, ask } from "../asking.ts";
import { normalizeGtid, numberOf, textOf } from "../rows.ts";

/**
 * Null when the account may not see it. Without a binary log file and position are null; the GTID part is always known.
 * @param executedGtid the executed set as the variables say; used where the statement has no GTID column
 */
export async function readPosition(asking: Asking, executedGtid: string | null): Promise<BinlogPosition | null> {
  const { dialect } = asking.login;
  const part = { name: "source status", privilege: `${dialect.grants.sourceStatus} ON *.*` };
  const answer = await ask(asking, part, dialect.sourceStatus);
  if (answer === null) return null;
  const [row] = answer.rows;
  if (row === undefined) return { file: null, pos: null, gtid: executedGtid };
  const { file, pos, gtid } = answer.columns;
  const own = gtid === null ? null : normalizeGtid(row.get(gtid) ?? null);
  return { file: textOf(row, file), pos: numberOf(row, pos), gtid: own ?? executedGtid };
}
