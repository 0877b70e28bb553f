/** Work of clients that would hold up the statement that stops writes, or that it would break. */
import type { ClientSession, ReportProblem } from "../../../model/mysql.ts";
import type { LongWork } from "../../../model/preflight.ts";
import { type Asking, missingPrivilege } from "../asking.ts";
import { describeProcessList, readProcessList } from "../parts/process-list.ts";
import { maxQueryLength, parseSession } from "../parts/sessions.ts";
import { numberOf, type Row } from "../rows.ts";
import type { GlobalGrants } from "./grants.ts";
import { classifyStatement } from "./statement-kind.ts";
import { readTableLocks } from "./table-locks.ts";

/** A transaction that changed nothing yet counts from this age on: most are over by then. */
const oldTransactionSeconds = 1;
const maxRows = 1_000;
const ourChanges = /^(START|STOP|RESET|CHANGE|FLUSH|UNLOCK|XA RECOVER)\b/;
const lockWaits = /^Waiting for (.*metadata lock|.*\block$|table flush|table level lock|global read lock|backup lock)/i;

/**
 * Sessions that do something, have a transaction of InnoDB or hold table locks. `trx_started` is in the zone of the machine, whatever that of
 * the session. Servers fill innodb_trx anew only when nobody has read it for 0.1 s.
 * @param locked ids of sessions that hold table locks
 */
export function buildWorkStatement(table: string, locked: readonly number[]): string {
  return (
    "SELECT p.id AS id, p.user AS user, p.host AS host, p.db AS db, p.command AS command, p.time AS time," +
    ` p.state AS state, LEFT(p.info, ${maxQueryLength}) AS info, p.user = SUBSTRING_INDEX(USER(), '@', 1) AS own,` +
    " t.trx_rows_modified AS rows_modified, t.trx_rows_locked AS rows_locked," +
    " TIMESTAMPDIFF(SECOND, t.trx_started, CONVERT_TZ(NOW(), @@session.time_zone, 'SYSTEM')) AS age" +
    ` FROM ${table} p LEFT JOIN information_schema.innodb_trx t ON t.trx_mysql_thread_id = p.id` +
    " WHERE t.trx_id IS NOT NULL OR p.command <> 'Sleep'" +
    (locked.length === 0 ? "" : ` OR p.id IN (${locked.join(", ")})`) +
    ` ORDER BY p.time DESC LIMIT ${maxRows}`
  );
}

/** Null, with a problem, when other accounts' sessions may not be seen: then servers may leave them out without a word. */
export async function readWork(asking: Asking, grants: GlobalGrants | null): Promise<readonly LongWork[] | null> {
  const part = { ...describeProcessList(asking.login.dialect), name: "running work" };
  if (grants?.has("PROCESS") !== true) {
    const reason = missingPrivilege(asking.login, asking.target, part, "it is shown its own sessions only");
    const failure = { target: asking.target, operation: part.name, serverCode: null, ...reason };
    asking.problems.push({ part: part.name, failure });
    return null;
  }
  const locks = await readTableLocks(asking);
  const ids = [...locks];
  const problems: ReportProblem[] = [];
  const rows = await readProcessList({ ...asking, problems }, (table) => buildWorkStatement(table, ids));
  if (rows === null) {
    asking.problems.push(...problems.map(({ failure }) => ({ part: part.name, failure })));
    return null;
  }
  const work = rows.flatMap((row) => describeWork(row, locks) ?? []);
  return work.sort((a, b) => (b.seconds ?? 0) - (a.seconds ?? 0));
}

/** What a row of the process list says of one session. */
interface Doing {
  readonly session: ClientSession;
  /** It is logged in as we are. */
  readonly own: boolean;
  readonly does: "nothing" | "read" | "write" | "ddl";
  /** It has locked rows: it is going to write. A mere snapshot, as a backup has, locks none and holds nothing up. */
  readonly locksRows: boolean;
  readonly rowsModified: number | null;
  /** Seconds since the transaction began. */
  readonly age: number | null;
}

/** Null for what holds nothing up: replication, the event scheduler, our own questions, reads. */
export function describeWork(row: Row, locks: ReadonlySet<number>): LongWork | null {
  const doing = parseDoing(row);
  const { session, rowsModified, age } = doing;
  if (session.system || isOurs(doing)) return null;
  const kind = classify(doing, locks);
  if (kind === null) return null;
  const known = (kind === "transaction" ? [age] : [session.seconds]).filter((seconds) => seconds !== null);
  return { kind, session, seconds: known[0] ?? null, rowsModified };
}

function parseDoing(row: Row): Doing {
  const session = parseSession(row);
  const busy =
    session.command !== "Sleep" && (session.query !== null || /^(Query|Execute|Killed)$/.test(session.command));
  return {
    session,
    own: numberOf(row, "own") === 1,
    does: busy ? classifyStatement(session.query) : "nothing",
    locksRows: (numberOf(row, "rows_locked") ?? 0) > 0,
    rowsModified: numberOf(row, "rows_modified"),
    age: numberOf(row, "age"),
  };
}

function classify(doing: Doing, locks: ReadonlySet<number>): LongWork["kind"] | null {
  const { session, does, locksRows, rowsModified, age } = doing;
  if (does !== "nothing" && lockWaits.test(session.state ?? "")) return "metadata-lock";
  if (does === "ddl") return "ddl";
  // A transaction that is one statement lasts as long as that.
  const isStatement = does !== "nothing" && (age ?? 0) <= (session.seconds ?? 0) + 1;
  if ((rowsModified ?? 0) > 0) return isStatement && does === "write" ? "statement" : "transaction";
  if (does === "write") return "statement";
  if (locks.has(session.id)) return "table-lock";
  const isOld = age === null || age >= oldTransactionSeconds;
  return locksRows && isOld ? "transaction" : null;
}

/** Sessions of our account ask, or send statements of a plan; somebody may use the account by hand all the same, and that counts. */
function isOurs({ own, does, rowsModified, session }: Doing): boolean {
  if (!own || does === "ddl" || (rowsModified ?? 0) > 0) return false;
  return does !== "write" || session.query === null || ourChanges.test(session.query);
}
