/**
 * The statements of a poll in one message. A batch repeats what worked one by one in the last poll of the same connection, so that forms
 * are probed and refusals met alone; its answers are taken by `ask` as if it had just asked.
 */
import type { Progress } from "./bounds.ts";
import { isUnknownForm } from "./failure.ts";
import type { Login } from "./login.ts";
import type { Row } from "./rows.ts";

/** A statement that worked, and the part of the report it was for. */
export interface Asked {
  readonly sql: string;
  readonly part: string;
}

/** By statement: its rows, or the server's error. */
export type Answers = Map<string, readonly Row[] | Error>;

/** What a batch needs to know of the poll it is part of. */
interface BatchAsking {
  readonly login: Login;
  readonly progress: Progress;
  /** What a batch has brought and nobody has taken yet. */
  readonly answers: Answers;
}

/**
 * Fills `asking.answers`.
 * @returns false when this server does not answer a batch as it answers single statements: then no more should be sent to it
 * @throws raw error when the connection was lost
 */
export async function askTogether(asking: BatchAsking, asked: readonly Asked[]): Promise<boolean> {
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
export async function takeAnswer({ answers, login }: BatchAsking, sql: string): Promise<readonly Row[]> {
  const answer = answers.get(sql);
  if (answer === undefined) return login.connection.query(sql);
  answers.delete(sql);
  if (answer instanceof Error) throw answer;
  return answer;
}
