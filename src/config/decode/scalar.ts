import { isScalar } from "yaml";
import { findNearMatch } from "../../model/near-match.ts";
import { printable } from "../../model/printable.ts";
import { type DurationBounds, parseDuration } from "../parse-duration.ts";
import { TextError } from "../text-error.ts";
import { type Decoder, describeKind, reject, type Value } from "./value.ts";

const LONGEST_ECHO = 60;

/** A password in what was meant to be a URL, or looks like one, wherever it was written. */
const PASSWORD_IN_URL = /^([a-z][a-z0-9+.-]*:\/\/)?([^:@/]*):.*@/is;

/** A rejected value, fit for an error line. Never call it with a secret; of the user and password of a URL it shows the user. */
export function quoteValue(text: string): string {
  const shown = printable(text.replace(PASSWORD_IN_URL, "$1$2:...@"));
  return `"${shown.length > LONGEST_ECHO ? `${shown.slice(0, LONGEST_ECHO)}...` : shown}"`;
}

/** The text of a scalar as written: `1`, `0x10` and `true` are texts too where a text is wanted. */
function readText(value: Value): string | undefined {
  const { node } = value;
  if (!isScalar(node) || node.value === null) return reject(value, `must be a text, not ${describeKind(value)}`);
  const text = typeof node.value === "string" ? node.value : (node.source ?? String(node.value));
  return text === "" ? reject(value, "must not be empty") : text;
}

/** Any text that is not empty. Errors never repeat it, so it serves for secrets. */
export const text: Decoder<string> = readText;

/** A text that a parser turns into something better. `echo: false` where the text may hold a secret. */
export function parsed<T>(
  parse: (text: string) => T,
  options: { readonly echo: boolean } = { echo: true },
): Decoder<T> {
  return (value) => {
    const written = readText(value);
    if (written === undefined) return undefined;
    try {
      return parse(written);
    } catch (error) {
      if (!(error instanceof TextError)) throw error;
      return reject(value, options.echo ? `${quoteValue(written)} ${error.message}` : error.message, error.hint);
    }
  };
}

export function duration(bounds: DurationBounds): Decoder<number> {
  return parsed((written) => parseDuration(written, bounds));
}

export function choice<const T extends string>(allowed: readonly T[]): Decoder<T> {
  return parsed((written) => {
    const found = allowed.find((word) => word === written);
    if (found !== undefined) return found;
    const near = findNearMatch(written, allowed);
    const meant = near === null ? "" : ` (did you mean ${near}?)`;
    throw new TextError("is not one of the allowed words", `${allowed.join(", ")}${meant}`);
  });
}

export const flag: Decoder<boolean> = (value) => {
  const { node } = value;
  if (isScalar(node) && typeof node.value === "boolean") return node.value;
  return reject(value, `must be true or false, not ${describeKind(value)}`, "YAML 1.2 knows no yes, no, on or off");
};

/** A name that is drawn in tables and typed on the command line. @throws TextError */
export function parseName(written: string): string {
  if (printable(written) !== written) throw new TextError("has characters that cannot be printed");
  if (written.trim() !== written) throw new TextError("begins or ends with a space");
  if (written.length > 64) throw new TextError("is longer than 64 characters");
  return written;
}

export const name: Decoder<string> = parsed(parseName);
