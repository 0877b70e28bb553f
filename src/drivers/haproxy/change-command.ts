/** The text of a change on a stats socket. Nothing that is not built here is ever sent by the writer. */
import type { HaproxyChange } from "../contract.ts";
import { DriverError } from "../errors.ts";

/** Characters of a backend's or server's name; anything else could begin another command or mean an id. */
const NAME_CHARACTERS = /[^A-Za-z0-9_.:-]/u;
const MAX_WEIGHT = 256;
const STATES: readonly string[] = ["ready", "drain", "maint"];

/**
 * The command without its LF, e.g. `set server read_nodes/db2 state drain`.
 * @throws DriverError kind `rejected` for a name that cannot be sent (the character is named), a weight outside 0…256, or an unknown change
 */
export function buildHaproxyCommand(change: HaproxyChange): string {
  const address = buildAddress(change);
  switch (change.kind) {
    case "server-state":
      if (!STATES.includes(change.state)) throw refuse(change, `There is no state ${JSON.stringify(change.state)}.`);
      return `set server ${address} state ${change.state}`;
    case "server-weight":
      if (!Number.isInteger(change.weight) || change.weight < 0 || change.weight > MAX_WEIGHT) {
        throw refuse(change, `A weight is a whole number from 0 to ${MAX_WEIGHT}, not ${change.weight}.`);
      }
      return `set server ${address} weight ${change.weight}`;
    case "shutdown-sessions":
      return `shutdown sessions server ${address}`;
    default:
      throw refuse(change, "This is no change that can be made over HAProxy's socket.");
  }
}

function buildAddress(change: HaproxyChange): string {
  assertName(change, "backend", change.backend);
  assertName(change, "server", change.server);
  return `${change.backend}/${change.server}`;
}

function assertName(change: HaproxyChange, what: string, name: string): void {
  if (name === "") throw refuse(change, `The ${what} has no name.`);
  const wrong = NAME_CHARACTERS.exec(name)?.[0];
  if (wrong === undefined) return;
  throw refuse(
    change,
    `The ${what} name ${JSON.stringify(name)} holds ${JSON.stringify(wrong)}: names have only letters, digits and "_", ".", ":", "-".`,
  );
}

function refuse(change: HaproxyChange, message: string): DriverError {
  return new DriverError({ kind: "rejected", target: change.haproxy, operation: change.kind, message });
}
