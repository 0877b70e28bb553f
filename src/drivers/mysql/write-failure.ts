/** What an error means once a changing statement was sent: refused for certain, or not known. */
import type { MysqlChange } from "../contract.ts";
import { DriverError } from "../errors.ts";
import { privilegeFor } from "./commands/privileges.ts";
import { isPrivilegeError, isStatementError, mapError, parseRawError } from "./failure.ts";
import type { Login } from "./login.ts";

/** The server answers, but with how it was interrupted and not with what it did. */
const INTERRUPTED: ReadonlySet<number> = new Set([1053, 1317, 1927, 1969, 3024, 3169, 4053]);
const KILLED = 1317;
/** STOP gave up waiting (rpl_stop_slave_timeout) and goes on in the background. */
const STILL_STOPPING: ReadonlySet<number> = new Set([1875, 1876]);

/** After the login MySQL 5.x says with the number of a refused login that SUPER is missing. */
const ACCESS_DENIED = 1045;

const ADVICE: ReadonlyMap<number, string> = new Map([
  [1094, "The session has ended already, or its id belongs to another node."],
  [1198, "Stop replication on this node first."],
  [1199, "Replication does not run on this node."],
  [1200, "This node has no such replication channel: look at its replica status."],
  [1617, "This node has no such replication channel: look at its replica status."],
  [1794, "This node has no such replication channel: look at its replica status."],
  [3074, "This node has no such replication channel: look at its replica status."],
  [1192, "The writer's session holds locks or an open transaction; try again."],
  [
    1205,
    "A long transaction, LOCK TABLES or a backup holds the lock: look at the sessions of this node, then try again.",
  ],
]);

export interface Sent {
  readonly target: string;
  readonly login: Login;
  readonly change: MysqlChange;
  readonly command: string;
}

/** The error to throw for a statement that was sent and did not end well. */
export function explainSent(error: unknown, sent: Sent): DriverError {
  const { target, command } = sent;
  const { errno } = parseRawError(error);
  // What has read the state itself knows; the bounds of the call know nothing.
  if (error instanceof DriverError && (error.kind === "rejected" || error.cause !== undefined)) return error;
  if (error instanceof DriverError || !isStatementError(error)) return buildUnknown(error, sent);
  if (errno !== null && (INTERRUPTED.has(errno) || STILL_STOPPING.has(errno))) return buildUnknown(error, sent);
  const failure = mapError(error, target, command);
  const { serverCode } = failure;
  if (isPrivilegeError(error) || errno === ACCESS_DENIED) return explainDenied(error, sent);
  const advice = (errno === null ? null : ADVICE.get(errno)) ?? failure.advice;
  // The server has answered: whatever the reason, it is a refusal.
  const { message } = failure;
  return new DriverError({ kind: "rejected", target, operation: command, message, serverCode, cause: error, advice });
}

/** The error to throw before anything was changed: while positions are read and waited for, and before the first statement that changes something. */
export function explainRead(error: unknown, sent: Sent, interrupted: boolean): DriverError {
  if (error instanceof DriverError) return error;
  if (isStatementError(error) && isPrivilegeError(error)) return explainDenied(error, sent);
  const failure = mapError(error, sent.target, sent.command);
  if (!interrupted || parseRawError(error).errno !== KILLED) return failure;
  const { target, operation, message, serverCode } = failure;
  return new DriverError({ kind: "cancelled", target, operation, message, serverCode, cause: error });
}

function explainDenied(error: unknown, { target, command, change, login }: Sent): DriverError {
  const { errno, message: words } = parseRawError(error);
  return new DriverError({
    kind: "auth",
    target,
    operation: command,
    message: `${target}: ${command}: the account may not do this (${errno}: ${words})`,
    advice: `GRANT ${privilegeFor(change, login.dialect)} ON *.* TO ${login.identity.account};`,
    serverCode: errno,
    cause: error,
  });
}

function buildUnknown(error: unknown, { target, command, login }: Sent): DriverError {
  const { message, serverCode, kind } = mapError(error, target, command);
  const stopping = command.startsWith("STOP");
  const hint =
    kind === "timeout" && stopping
      ? " A stop waits for the transaction that is being applied, and for a semi-sync answer; it may still come."
      : "";
  return new DriverError({
    kind: "unknown-outcome",
    target,
    operation: command,
    message: `It is not known whether the server did it: ${message}`,
    advice: `Read the state of the node before doing anything else.${hint}`,
    serverCode: serverCode ?? (login.connection.usable ? null : "PROTOCOL_CONNECTION_LOST"),
    cause: error,
  });
}
