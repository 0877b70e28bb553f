/** The node's own binary log: what it leaves out, which files are kept, where the oldest begins. */
import type { NodePreflight } from "../../../model/preflight.ts";
import { type Asking, ask } from "../asking.ts";
import { selectInspection } from "../dialects/inspecting.ts";
import { normalizeGtid, numberOf, type Row, textOf } from "../rows.ts";
import { buildBinlogEvents } from "./inspecting-session.ts";

type BinlogFiles = NonNullable<NodePreflight["binlogFiles"]>;

/** ER_NO_BINARY_LOGGING. */
const noBinlog = 1381;

/** `[]` also where no binary log is written. */
export async function readBinlogFilters(asking: Asking): Promise<readonly string[] | null> {
  const { dialect } = asking.login;
  const part = { name: "binary log filters", privilege: `${dialect.grants.sourceStatus} ON *.*` };
  const answer = await ask(asking, part, dialect.sourceStatus);
  return answer === null ? null : answer.rows.flatMap(parseFilters);
}

export function parseFilters(row: Row): readonly string[] {
  const list = (column: string, option: string) =>
    (textOf(row, column) ?? "")
      .split(",")
      .filter((name) => name !== "")
      .map((name) => `${option}=${name}`);
  return [...list("Binlog_Do_DB", "binlog_do_db"), ...list("Binlog_Ignore_DB", "binlog_ignore_db")];
}

export async function readBinlogFiles(asking: Asking): Promise<BinlogFiles | null> {
  const part = { name: "binary logs", privilege: `${asking.login.dialect.grants.sourceStatus} ON *.*` };
  const before = asking.problems.length;
  const answer = await ask(asking, part, [{ sql: "SHOW BINARY LOGS", columns: null }]);
  if (answer !== null) {
    return answer.rows.map((row) => ({ name: textOf(row, "Log_name") ?? "", bytes: numberOf(row, "File_size") }));
  }
  if (asking.problems[before]?.failure.serverCode !== noBinlog) return null;
  asking.problems.length = before;
  return [];
}

/** Null where the server has no such list, without a problem; with one when it could not be read. */
export async function readOldestGtid(asking: Asking, files: BinlogFiles | null): Promise<string | null> {
  const { flavor, version } = asking.login.identity;
  const { gtidList, binlogEventsPrivilege } = selectInspection(flavor, version);
  const sql = files?.[0] === undefined ? null : buildBinlogEvents(files[0].name, null, 3);
  if (!gtidList || sql === null) return null;
  const part = { name: "oldest binary log", privilege: `${binlogEventsPrivilege} ON *.*` };
  const answer = await ask(asking, part, [{ sql, columns: null }]);
  return answer === null ? null : parseGtidList(answer.rows);
}

/** `[0-1-7,\n0-2-8]` of the Gtid_list event; "" for an empty list, null when there is no such event. */
export function parseGtidList(rows: readonly Row[]): string | null {
  const event = rows.find((row) => textOf(row, "Event_type") === "Gtid_list");
  const list = /^\[([^\]]*)\]/.exec(normalizeGtid(event === undefined ? null : (event.get("Info") ?? null)) ?? "");
  return list?.[1] ?? null;
}
