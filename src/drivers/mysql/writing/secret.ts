/** A server may repeat a statement in its errors and warnings: a password must not come back that way. */
import { DriverError } from "../../errors.ts";

export type Scrub = (text: string) => string;

/** Puts `***` for the password, as it is and as it was quoted. */
export function createScrub(password: string | null): Scrub {
  if (password === null || password === "") return (text) => text;
  const forms = [password, password.replaceAll("'", "''"), password.replaceAll("\\", "\\\\")];
  forms.push((forms[2] ?? "").replaceAll("'", "''"));
  const longestFirst = [...new Set(forms)].sort((a, b) => b.length - a.length);
  return (text) => longestFirst.reduce((rest, form) => rest.replaceAll(form, "***"), text);
}

/** Numbers of syntax errors: the server quotes from the middle of the statement, so that a part of the password may be in it. */
const QUOTING: ReadonlySet<unknown> = new Set([1064, 1149]);

/** The same error without the secret, and without the cause: the client library keeps the whole statement in it. */
export function scrubError(error: DriverError, scrub: Scrub, shown: string): DriverError {
  const { kind, target, operation, advice, serverCode } = error;
  const message = QUOTING.has(serverCode)
    ? `${target}: ${shown}: the server does not understand the statement (${serverCode})`
    : scrub(error.message);
  return new DriverError({
    kind,
    target,
    operation: scrub(operation),
    message,
    advice: advice === null ? null : scrub(advice),
    serverCode: typeof serverCode === "string" ? scrub(serverCode) : serverCode,
  });
}
