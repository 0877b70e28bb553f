/** Statements that end sessions. */
import type { MysqlChange } from "../../contract.ts";
import type { Dialect } from "../dialects/dialect.ts";
import { refuse } from "./quote.ts";

export const lockTables = "FLUSH LOCAL TABLES WITH READ LOCK";
export const unlockTables = "UNLOCK TABLES";

export function buildKill(change: MysqlChange, sessionId: number): string {
  if (!Number.isSafeInteger(sessionId) || sessionId < 1) {
    throw refuse(change, "rejected", `A session id is a whole number above 0, not ${sessionId}.`);
  }
  return `KILL ${sessionId}`;
}

/** Which sessions is only known when they are looked for. */
export function buildClear({ fastVariables }: Dialect): string {
  const kill = "KILL <each session with changes that are not committed>";
  if (fastVariables.superReadOnly !== null) return kill;
  return `${lockTables}; ${kill}; KILL <each session of an account that read_only does not stop>; ${unlockTables}`;
}
