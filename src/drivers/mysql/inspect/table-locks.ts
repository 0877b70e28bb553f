/** Who holds LOCK TABLES … WRITE: such a session sleeps, no process list tells, and the statement that stops writes waits for it. */
import type { Failure } from "../../../model/reading.ts";
import { type Asking, ask } from "../asking.ts";
import { selectInspection } from "../dialects/inspecting.ts";
import { numberOf, type Row, textOf } from "../rows.ts";

const part = { name: "table locks", privilege: "SELECT ON performance_schema.*" };
/** Off by default on MariaDB: then the table is there and empty. */
const instrument =
  "SELECT COUNT(*) AS n FROM performance_schema.setup_instruments" +
  " WHERE NAME = 'wait/lock/metadata/sql/mdl' AND ENABLED = 'YES' AND @@global.performance_schema = 1";

/** Connections that hold one; with a problem where this server does not tell. */
export async function readTableLocks(asking: Asking): Promise<ReadonlySet<number>> {
  const before = asking.problems.length;
  const rows = await askWhereTold(asking);
  if (rows !== null) return new Set(rows.map((row) => numberOf(row, "id")).filter((id) => id !== null));
  if (asking.problems.length === before)
    asking.problems.push({ part: part.name, failure: notTold(asking.target, await readTablesInUse(asking)) });
  return new Set();
}

async function askWhereTold(asking: Asking): Promise<readonly Row[] | null> {
  const { flavor, version } = asking.login.identity;
  const { plugin, schema } = selectInspection(flavor, version).tableLocks;
  const quiet = { ...asking, problems: [] };
  if (plugin !== null) {
    const answer = await ask(quiet, { ...part, name: "table locks by plugin" }, [plugin]);
    if (answer !== null) return answer.rows;
  }
  if (schema === null) return null;
  const told = await ask(quiet, { ...part, name: "table locks by instrument" }, [{ sql: instrument, columns: null }]);
  const [row] = told?.rows ?? [];
  if (told !== null && (row === undefined || numberOf(row, "n") !== 1)) return null;
  return (await ask(asking, part, [schema]))?.rows ?? null;
}

/** Tables that a statement uses now, or that somebody has locked; which of both, and who, this does not tell. [] also when not told. */
async function readTablesInUse(asking: Asking): Promise<readonly string[]> {
  const quiet = { ...asking, problems: [] };
  const answer = await ask(quiet, { ...part, name: "tables in use" }, [
    { sql: "SHOW OPEN TABLES WHERE In_use > 0", columns: null },
  ]);
  return answer?.rows.map((row) => `${textOf(row, "Database")}.${textOf(row, "Table")}`) ?? [];
}

function notTold(target: string, inUse: readonly string[]): Failure {
  const shown = inUse.slice(0, 5).join(", ");
  const hint = inUse.length === 0 ? "" : `; in use or locked now: ${shown}${inUse.length > 5 ? ", …" : ""}`;
  return {
    kind: "unsupported",
    target,
    operation: part.name,
    message: `${target}: ${part.name}: this server does not tell who holds LOCK TABLES … WRITE${hint}`,
    advice:
      "Such a session only shows when the statement that stops writes waits for it; that wait is bounded. performance_schema with the instrument wait/lock/metadata/sql/mdl, or MariaDB's plugin metadata_lock_info, shows it before.",
    serverCode: null,
  };
}
