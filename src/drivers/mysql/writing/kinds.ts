import type { MysqlChange } from "../../contract.ts";

/** Kinds that change nothing: a lost answer is then no more than an answer that is missing. */
export function isOnlyReading({ kind }: MysqlChange): boolean {
  return kind === "read-position" || kind === "confirm-position" || kind === "wait-position" || kind === "drain-relay";
}
