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

/** Errors that quote a piece of the statement or the beginning of a value, so that a part of the password may be in them. */
const QUOTING: ReadonlyMap<unknown, string> = new Map([
  [1064, "the server does not understand the statement"],
  [1149, "the server does not understand the statement"],
  [1470, "a value is too long for the server (MySQL takes passwords of at most 32 characters)"],
]);

/** The same error without the secret, and without the cause: the client library keeps the whole statement in it. */
export function scrubError(error: DriverError, scrub: Scrub): DriverError {
  const { kind, target, operation, advice, serverCode } = error;
  const told = QUOTING.get(serverCode);
  const message =
    told === undefined
      ? scrub(error.message)
      : `${target}: ${scrub(operation)}: ${told} (${serverCode}; its words are left out, they quote the statement)`;
  return new DriverError({
    kind,
    target,
    operation: scrub(operation),
    message,
    advice: advice === null ? null : scrub(advice),
    serverCode: typeof serverCode === "string" ? scrub(serverCode) : serverCode,
  });
}
