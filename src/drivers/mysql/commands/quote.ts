/** Values inside a statement. What cannot be written so that every sql_mode reads the same is refused, never guessed. */
import type { MysqlChange } from "../../contract.ts";
import { DriverError } from "../../errors.ts";

/** Backslash: whether it escapes depends on the server's sql_mode. Line ends and other controls: no name has them. */
const UNQUOTABLE = /[\\\u0000-\u001f\u007f]/;
const CONTROL = /[\u0000-\u001f\u007f]/;

export function refuse(change: MysqlChange, kind: "rejected" | "unsupported", message: string): DriverError {
  return new DriverError({ kind, target: change.node, operation: change.kind, message });
}

/** `'it''s'`. @throws DriverError kind `rejected` for what cannot be quoted */
export function quoteText(change: MysqlChange, what: string, value: string, maxLength: number): string {
  const wrong = UNQUOTABLE.exec(value)?.[0];
  if (wrong !== undefined) {
    throw refuse(change, "rejected", `The ${what} ${JSON.stringify(value)} holds ${JSON.stringify(wrong)}.`);
  }
  assertLength(change, what, value, maxLength);
  return `'${value.replaceAll("'", "''")}'`;
}

/** Between backticks a backslash is an ordinary character. @throws DriverError kind `rejected` */
export function quoteName(change: MysqlChange, what: string, value: string, maxLength: number): string {
  const wrong = CONTROL.exec(value)?.[0];
  if (wrong !== undefined) {
    throw refuse(change, "rejected", `The ${what} ${JSON.stringify(value)} holds ${JSON.stringify(wrong)}.`);
  }
  assertLength(change, what, value, maxLength);
  return `\`${value.replaceAll("`", "``")}\``;
}

function assertLength(change: MysqlChange, what: string, value: string, maxLength: number): void {
  if (value.length > maxLength) throw refuse(change, "rejected", `A ${what} has at most ${maxLength} characters.`);
}
