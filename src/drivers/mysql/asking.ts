/** Asks one logged-in node for one part at a time and keeps what did not work as problems of the report. */

import type { ReportProblem } from "../../model/mysql.ts";
import type { Failure } from "../../model/reading.ts";
import { describeFailure } from "../errors.ts";
import { type Answers, type Asked, takeAnswer } from "./batch.ts";
import type { Progress } from "./bounds.ts";
import type { StatementForm } from "./dialects/dialect.ts";
import { isPrivilegeError, isStatementError, isUnknownForm, mapError, parseRawError } from "./failure.ts";
import type { Login } from "./login.ts";
import type { Row } from "./rows.ts";

/** A part of the report and what the account needs for it. */
export interface Part {
  readonly name: string;
  /** As in `GRANT <privilege> TO …`, e.g. `REPLICA MONITOR ON *.*`; null when any account may ask. */
  readonly privilege: string | null;
}

export interface Answer<C> {
  readonly rows: readonly Row[];
  readonly columns: C;
}

export interface Asking {
  readonly login: Login;
  readonly problems: ReportProblem[];
  /** The form that worked, per part, for as long as the connection lives. */
  readonly working: Map<string, number>;
  /** Statements that got an answer, in the order they were asked. */
  readonly asked: Asked[];
  /** What a batch has brought and nobody has taken yet. */
  readonly answers: Answers;
  readonly progress: Progress;
  readonly target: string;
}

/**
 * The answer to the first form the server knows. Null, with a problem noted, when the server refuses; the connection stays usable.
 * @throws raw error when the connection was lost
 */
export async function ask<C>(
  asking: Asking,
  part: Part,
  forms: readonly StatementForm<C>[],
): Promise<Answer<C> | null> {
  asking.progress.operation = part.name;
  const start = asking.working.get(part.name) ?? 0;
  let refusal: unknown = null;
  for (let tried = 0; tried < forms.length; tried++) {
    const index = (start + tried) % forms.length;
    const form = forms[index];
    if (form === undefined) break;
    try {
      const rows = await takeAnswer(asking, form.sql);
      asking.working.set(part.name, index);
      asking.asked.push({ sql: form.sql, part: part.name });
      return { rows, columns: form.columns };
    } catch (error) {
      if (!isStatementError(error)) throw error;
      // The first refusal tells most: the later forms are only there because the first was not known.
      refusal ??= error;
      if (!isUnknownForm(error)) {
        refusal = error;
        break;
      }
    }
  }
  asking.problems.push({ part: part.name, failure: explainRefusal(asking, part, refusal) });
  return null;
}

/** What the server refused, with the exact GRANT when a privilege is missing. */
export function explainRefusal({ login, target }: Asking, part: Part, refusal: unknown): Failure {
  const failure = describeFailure(mapError(refusal, target, part.name), target, part.name);
  if (isPrivilegeError(refusal))
    return { ...failure, ...missingPrivilege(login, target, part, parseRawError(refusal).message) };
  if (!isUnknownForm(refusal)) return failure;
  const message = `${target}: ${part.name}: this server (${login.identity.version}) does not know the statement`;
  return { ...failure, kind: "unsupported", message };
}

/** Failure fields for a part that the account may not see. */
export function missingPrivilege(
  login: Login,
  target: string,
  part: Part,
  detail: string,
): Pick<Failure, "kind" | "message" | "advice"> {
  const advice = part.privilege === null ? null : `GRANT ${part.privilege} TO ${login.identity.account};`;
  return { kind: "auth", message: `${target}: ${part.name}: the account may not see this (${detail})`, advice };
}
