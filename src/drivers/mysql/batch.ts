/**
 * The statements of a poll in one message. A batch repeats what worked one by one in the last poll of the same connection, so that forms
 * are probed and refusals met alone; its answers are taken by `ask` as if it had just asked.
 */
import type { Asking } from "./asking.ts";
import { isUnknownForm } from "./failure.ts";
import type { Row } from "./rows.ts";

/** A statement that worked, and the part of the report it was for. */
export interface Asked {
  readonly sql: string;
  readonly part: string;
}

/** By statement: its rows, or the server's error. */
export type Answers = Map<string, readonly Row[] | Error>;

/**
 * Fills `asking.answers`.
 * @returns false when this server does not answer a batch as it answers single statements: then no more should be sent to it
 * @throws raw error when the connection was lost
 */
export async function askTogether(asking: Asking, asked: readonly Asked[]): Promise<boolean> {
  const [first] = asked;
  if (first === undefined || asked.length < 2) return true;
  asking.progress.operation = first.part;
  const statements = asked.map(({ sql }) => sql);
  const answers = await asking.login.connection.queryAll(statements, (index) => {
    // Servers send an answer when it is complete: from here on the next statement is what we wait for.
    asking.progress.operation = asked[index + 1]?.part ?? asking.progress.operation;
  });
  const error = answers.findLast((answer) => answer instanceof Error);
  // Fewer answers, and nobody can say to what; or a refusal of the first, which may mean the batch as a whole.
  if (error === undefined ? answers.length < statements.length : answers.length === 1) return false;
  for (const [index, answer] of answers.entries()) {
    const sql = statements[index];
    // It was known when it was alone: whether it still is will be asked alone.
    if (sql !== undefined && !(answer instanceof Error && isUnknownForm(answer))) asking.answers.set(sql, answer);
  }
  return error === undefined;
}

/** The rows of a statement: those that a batch has brought, once, or by asking now. Throws the raw error. */
export async function takeAnswer({ answers, login }: Asking, sql: string): Promise<readonly Row[]> {
  const answer = answers.get(sql);
  if (answer === undefined) return login.connection.query(sql);
  answers.delete(sql);
  if (answer instanceof Error) throw answer;
  return answer;
}
