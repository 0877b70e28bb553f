/** Has this node applied everything up to a position? */
import type { MariadbGtidSet } from "../../../model/gtid/mariadb-set.ts";
import { formatMariadbSet, parseMariadbSet, selectPositions } from "../../../model/gtid/mariadb-set.ts";
import type { Coordinates } from "../commands/positions.ts";
import { textOf } from "../rows.ts";
import { readChannel } from "./status.ts";
import type { Work } from "./work.ts";

/** What is still missing, in words for people; null: everything is there. */
export type Missing = string | null;

/** @param gtid canonical, of this server's kind */
export async function findMissingGtid(work: Work, gtid: string): Promise<Missing> {
  const { connection, dialect } = work.login;
  if (dialect.writing.gtid?.kind === "mysql") {
    const [row] = await connection.query(`SELECT GTID_SUBTRACT('${gtid}', @@GLOBAL.gtid_executed) AS missing`);
    const missing = row?.get("missing");
    // No row and NULL are no proof.
    return missing === "" ? null : (missing?.replace(/\s+/g, "") ?? gtid);
  }
  const [row] = await connection.query(
    "SELECT @@GLOBAL.gtid_slave_pos AS replicated, @@GLOBAL.gtid_binlog_state AS logged",
  );
  if (row === undefined) return gtid;
  const replicated = parseMariadbSet(textOf(row, "replicated") ?? "");
  const logged = parseMariadbSet(textOf(row, "logged") ?? "");
  return selectMissing(parseMariadbSet(gtid), replicated, logged);
}

/**
 * MariaDB: an id is there when replication has come past it in its domain, or when the node's own log has that id of that server: what it
 * once wrote itself never passes through replication again.
 */
export function selectMissing(wanted: MariadbGtidSet, replicated: MariadbGtidSet, logged: MariadbGtidSet): Missing {
  const positions = selectPositions(replicated);
  const missing = [...wanted.pairs].filter(
    ([pair, { domain, sequence }]) =>
      (positions.get(domain)?.sequence ?? 0n) < sequence && (logged.pairs.get(pair)?.sequence ?? 0n) < sequence,
  );
  return missing.length === 0 ? null : formatMariadbSet({ kind: "mariadb", pairs: new Map(missing) });
}

/** By what the applier of the channel has executed. */
export async function findMissingFile(work: Work, channel: string, wanted: Coordinates): Promise<Missing> {
  const { executedFile, executedPos } = await readChannel(work, channel);
  const order =
    executedFile === null || executedPos === null
      ? null
      : compareCoordinates({ file: executedFile, pos: executedPos }, wanted);
  if (order !== null && order >= 0) return null;
  const now = executedFile === null ? "nothing yet" : `${executedFile}:${executedPos ?? "?"}`;
  return `${wanted.file}:${wanted.pos} (applied up to ${now})`;
}

/** Below 0: `a` is earlier; null: files of different names, which cannot be compared. */
export function compareCoordinates(a: Coordinates, b: Coordinates): number | null {
  if (a.file === b.file) return a.pos - b.pos;
  const [first, second] = [splitFile(a.file), splitFile(b.file)];
  if (first === null || second === null || first.base !== second.base) return null;
  return first.number < second.number ? -1 : 1;
}

/** `mysql-bin.999999` is followed by `mysql-bin.1000000`: the number counts, not the text. */
function splitFile(file: string): { readonly base: string; readonly number: bigint } | null {
  const parts = /^(.*)\.(\d{1,18})$/.exec(file);
  return parts === null ? null : { base: parts[1] ?? "", number: BigInt(parts[2] ?? "") };
}
