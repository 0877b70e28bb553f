/** The process list, from whichever table of the server really has it. */
import { type Asking, ask, type Part } from "../asking.ts";
import type { Dialect } from "../dialects/dialect.ts";
import type { Row } from "../rows.ts";

/** The privilege that shows other accounts' threads. */
export function describeProcessList({ grants }: Dialect): Part {
  return { name: "process list", privilege: `${grants.processList} ON *.*` };
}

/**
 * Rows of the first table that has any: with performance_schema=OFF its table exists and is empty, although the thread that asks must be
 * in it. Null, with a problem noted, when the server refuses.
 */
export async function readProcessList(
  asking: Asking,
  buildStatement: (table: string) => string,
): Promise<readonly Row[] | null> {
  const { dialect } = asking.login;
  const forms = dialect.processListTables.map((table) => ({ sql: buildStatement(table), columns: null }));
  const answer = await ask(asking, describeProcessList(dialect), forms);
  if (answer === null || answer.rows.length > 0 || forms.length < 2) return answer?.rows ?? null;
  const rest = await ask(asking, describeProcessList(dialect), forms.slice(1));
  return rest?.rows ?? null;
}
