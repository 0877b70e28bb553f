/** What is run on a host to move the floating address: pure, a list of arguments, and the same as text. */
import type { AddressChange } from "../../model/operation.ts";
import { DriverError } from "../errors.ts";
import { STANDBY_PATHS } from "./tools.ts";

/**
 * The script is always this one; number and file are its arguments and never text of it. It writes over what is there, in one write, with blanks
 * behind it up to the longest number: a file that is emptied first stays empty on a full disk, and keepalived takes that for 0.
 */
const WRITE_NUMBER = `printf '%-12s\\n' "$1" 1<>"$2"`;

const WORDS: ReadonlySet<string> = new Set(["local", "foreign"]);

/** Control characters are in no path that anybody means. */
const PATH = /^\/[^\p{Cc}]+$/u;

/** @throws DriverError kind `rejected` for what cannot be meant */
export function buildMoveArgv({ host, means }: Pick<AddressChange, "host" | "means">): readonly string[] {
  const refuse = (why: string) =>
    new DriverError({ kind: "rejected", target: host, operation: "move-address", message: `${host}: ${why}` });
  if (means.by === "heartbeat") {
    // The plan may come from a journal: nothing else is run, whatever stands there.
    if (!STANDBY_PATHS.includes(means.program) || !WORDS.has(means.what)) throw refuse("that is no hb_standby");
    return [...(means.sudo ? ["sudo", "-n", "--"] : []), means.program, means.what];
  }
  if (!PATH.test(means.file)) throw refuse("the track_file is not told by its whole path");
  if (!Number.isInteger(means.value)) throw refuse(`${means.value} is no whole number`);
  return ["sh", "-c", WRITE_NUMBER, "sh", String(means.value), means.file];
}

/** For people, and to be typed into a shell as it is. */
export function formatArgv(argv: readonly string[]): string {
  return argv
    .map((word) => (/^[A-Za-z0-9_./:=@-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(" ");
}
