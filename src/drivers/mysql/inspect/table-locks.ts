/** Who holds LOCK TABLES or FLUSH TABLES WITH READ LOCK: such a session sleeps and no process list tells. */
import type { Failure } from "../../../model/reading.ts";
import { type Asking, ask } from "../asking.ts";
import { selectInspection } from "../dialects/inspecting.ts";
import { numberOf, textOf } from "../rows.ts";

export interface TableLock {
  /** `schema.table`, one of those it holds; null when it holds everything (FLUSH TABLES WITH READ LOCK). */
  readonly table: string | null;
}

const part = { name: "table locks", privilege: "SELECT ON performance_schema.*" };

/** By connection; with a problem where this server cannot tell. */
export async function readTableLocks(asking: Asking): Promise<ReadonlyMap<number, TableLock>> {
  const { flavor, version } = asking.login.identity;
  const { tableLocks } = selectInspection(flavor, version);
  const answer = tableLocks.length === 0 ? null : await askWhereTold(asking, tableLocks);
  if (answer === null) {
    if (!asking.problems.some((problem) => problem.part === part.name))
      asking.problems.push({ part: part.name, failure: notTold(asking.target, await readTablesInUse(asking)) });
    return new Map();
  }
  return new Map(
    answer.flatMap((row) => {
      const id = numberOf(row, "id");
      const table = numberOf(row, "everything") === 1 ? null : textOf(row, "locked");
      return id === null ? [] : [[id, { table }] as const];
    }),
  );
}

/** performance_schema answers with no rows where it, or its instrument for these locks, is switched off: then it does not tell. */
async function askWhereTold(
  asking: Asking,
  forms: Parameters<typeof ask<null>>[2],
): Promise<NonNullable<Awaited<ReturnType<typeof ask<null>>>>["rows"] | null> {
  const [plugin] = forms;
  const quiet = { ...asking, problems: [] };
  if (plugin?.sql.includes("metadata_lock_info") === true) {
    const answer = await ask(quiet, { ...part, name: "table locks by plugin" }, [plugin]);
    if (answer !== null) return answer.rows;
  }
  const [schema] = forms.filter(({ sql }) => sql.includes("performance_schema"));
  if (schema === undefined) return null;
  const told = await ask(quiet, { ...part, name: "table locks instrument" }, [
    {
      sql:
        "SELECT COUNT(*) AS n FROM performance_schema.setup_instruments" +
        " WHERE NAME = 'wait/lock/metadata/sql/mdl' AND ENABLED = 'YES' AND @@global.performance_schema = 1",
      columns: null,
    },
  ]);
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
    message: `${target}: ${part.name}: this server does not tell who holds LOCK TABLES or FLUSH TABLES WITH READ LOCK${hint}`,
    advice:
      "Such a session only shows when the statement that stops writes waits for it; that wait is bounded. performance_schema with the instrument wait/lock/metadata/sql/mdl, or the plugin metadata_lock_info, shows it before.",
    serverCode: null,
  };
}
