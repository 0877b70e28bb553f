/** The text of a change, per dialect: shown in the plan and sent as it stands, one statement each. Nothing that is not built here is ever sent. */
import type { Flavor } from "../../model/mysql.ts";
import type { MysqlChange } from "../contract.ts";
import { DriverError } from "../errors.ts";
import type { Dialect } from "./dialects/dialect.ts";
import { selectDialect } from "./dialects/select.ts";

/** Backslash: whether it escapes depends on the server's sql_mode. Line ends and other controls: no channel has them. */
const UNQUOTABLE = /[\\\u0000-\u001f\u007f]/;
const MAX_CHANNEL_LENGTH = 64;

/**
 * What `execute` sends to a server of this flavor and version, e.g. `STOP REPLICA SQL_THREAD FOR CHANNEL ''`.
 * @throws DriverError kind `rejected` for values that cannot be sent, `unsupported` where the version cannot do it
 */
export function commandTextFor(
  change: MysqlChange,
  server: { readonly flavor: Flavor; readonly version: string },
): string {
  return buildMysqlCommand(change, selectDialect(server.flavor, server.version));
}

/** @throws DriverError as `commandTextFor` */
export function buildMysqlCommand(change: MysqlChange, dialect: Dialect): string {
  switch (change.kind) {
    case "replication":
      return buildReplication(change, dialect);
    case "read-only":
      return buildReadOnly(change, dialect);
    case "kill-session":
      if (!Number.isSafeInteger(change.sessionId) || change.sessionId < 1) {
        throw refuse(change, "rejected", `A session id is a whole number above 0, not ${change.sessionId}.`);
      }
      return `KILL ${change.sessionId}`;
    default:
      throw refuse(change, "rejected", "This is no change that can be made over SQL.");
  }
}

type ReplicationChange = Extract<MysqlChange, { kind: "replication" }>;

const ACTIONS: Readonly<Record<ReplicationChange["action"], string>> = { start: "START", stop: "STOP" };
const THREADS: Readonly<Record<ReplicationChange["thread"], string>> = {
  both: "",
  io: " IO_THREAD",
  sql: " SQL_THREAD",
};

function buildReplication(change: ReplicationChange, { name, writing }: Dialect): string {
  const action = ACTIONS[change.action];
  const thread = THREADS[change.thread];
  if (action === undefined || thread === undefined) throw refuse(change, "rejected", "Start or stop io, sql or both.");
  const channel = quoteChannel(change);
  const statement = `${action} ${writing.replica}`;
  switch (writing.channel) {
    case "for-channel":
      return `${statement}${thread} FOR CHANNEL ${channel}`;
    case "after-word":
      return change.channel === "" ? `${statement}${thread}` : `${statement} ${channel}${thread}`;
    case "none":
      if (change.channel !== "") throw refuse(change, "unsupported", `A ${name} server has no named channels.`);
      return `${statement}${thread}`;
  }
}

function quoteChannel(change: ReplicationChange): string {
  const wrong = UNQUOTABLE.exec(change.channel)?.[0];
  if (wrong !== undefined) {
    throw refuse(
      change,
      "rejected",
      `The channel name ${JSON.stringify(change.channel)} holds ${JSON.stringify(wrong)}.`,
    );
  }
  if (change.channel.length > MAX_CHANNEL_LENGTH) {
    throw refuse(change, "rejected", `A channel name has at most ${MAX_CHANNEL_LENGTH} characters.`);
  }
  return `'${change.channel.replaceAll("'", "''")}'`;
}

/**
 * The state to reach, as a whole: where the server has super_read_only, `superToo: false` switches it off, so that an undo can restore
 * read_only without it. One statement, so that nothing can stop half-way.
 */
function buildReadOnly({ on, superToo }: Extract<MysqlChange, { kind: "read-only" }>, dialect: Dialect): string {
  if (dialect.fastVariables.superReadOnly === null) return `SET GLOBAL read_only=${on ? 1 : 0}`;
  if (!on) return "SET GLOBAL super_read_only=0, GLOBAL read_only=0";
  // super_read_only brings read_only with it.
  return superToo ? "SET GLOBAL super_read_only=1" : "SET GLOBAL super_read_only=0, GLOBAL read_only=1";
}

function refuse(change: MysqlChange, kind: "rejected" | "unsupported", message: string): DriverError {
  return new DriverError({ kind, target: change.node, operation: change.kind, message });
}
