/** Enables an event as it is: its definer and the character sets of its body stay. */
import type { MysqlChange } from "../../contract.ts";
import { buildMysqlCommand } from "../command.ts";
import { quoteText, refuse } from "../commands/quote.ts";
import { isStatementError } from "../failure.ts";
import { numberOf, textOf } from "../rows.ts";
import { setLockWait } from "./lock-wait.ts";
import type { Perform, Work } from "./work.ts";

const MAX_NAME = 64;

/** It has to be in the log: replicas see an event enabled on their source and disable their own. */
export const enableEvent: Perform<"enable-event"> = async (work, change) => {
  const { connection, dialect } = work.login;
  const command = buildMysqlCommand(change, dialect);
  await setLockWait(work.login);
  await trySet(work, "sql_log_bin=1");
  const [row] = await connection.query("SELECT @@SESSION.sql_log_bin AS logged");
  if (row === undefined || numberOf(row, "logged") !== 1) {
    throw refuse(change, "rejected", "The session does not write to the binary log, so replicas would not hear of it.");
  }
  const before = await takeCharacterSets(work, change, command);
  try {
    await work.send(command);
  } finally {
    if (connection.usable) {
      await trySet(work, "sql_log_bin=0");
      if (before !== null) await trySet(work, before);
    }
  }
  return { command };
};

/** `status` is that of the event too. */
export function buildEventReading(change: Extract<MysqlChange, { kind: "enable-event" }>): string {
  const schema = quoteText(change, "schema name", change.schema, MAX_NAME);
  const name = quoteText(change, "event name", change.name, MAX_NAME);
  return (
    "SELECT STATUS AS status, CHARACTER_SET_CLIENT AS charset, COLLATION_CONNECTION AS collation" +
    ` FROM information_schema.EVENTS WHERE EVENT_SCHEMA=${schema} AND EVENT_NAME=${name}`
  );
}

/**
 * ALTER EVENT stores the character sets of the session that sends it, and with others the body would mean another text.
 * @returns assignments that take the session back; null when it was left as it is
 */
async function takeCharacterSets(
  work: Work,
  change: Extract<MysqlChange, { kind: "enable-event" }>,
  command: string,
): Promise<string | null> {
  // Names that are not ASCII would be read wrongly then.
  if (!/^[\x20-\x7e]*$/.test(command) || command.includes("\\")) return null;
  const { connection } = work.login;
  const [own] = await connection.query(
    "SELECT @@SESSION.character_set_client AS charset, @@SESSION.collation_connection AS collation",
  );
  const [event] = await connection.query(buildEventReading(change));
  const [back, wanted] = [own, event].map((row) => {
    const [charset, collation] = [row && textOf(row, "charset"), row && textOf(row, "collation")];
    const known = /^\w+$/.test(charset ?? "") && /^\w+$/.test(collation ?? "");
    return known ? `character_set_client=${charset}, collation_connection=${collation}` : null;
  });
  if (back == null || wanted == null || back === wanted) return null;
  await trySet(work, wanted);
  return back;
}

/** Where the account may not set it, it is as the server has it. */
async function trySet({ login }: Work, assignments: string): Promise<void> {
  try {
    await login.connection.query(`SET SESSION ${assignments}`);
  } catch (error) {
    if (!isStatementError(error)) throw error;
  }
}
