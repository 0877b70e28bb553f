/** Variables that say who may write, and what a source does. */
import type { MysqlChange } from "../../contract.ts";
import type { Dialect } from "../dialects/dialect.ts";
import { quoteName, refuse } from "./quote.ts";

/**
 * The state to reach, as a whole: where the server has super_read_only, `superToo: false` switches it off, so that an undo can restore
 * read_only without it. One statement, so that nothing can stop half-way.
 */
export function buildReadOnly(
  { on, superToo }: Extract<MysqlChange, { kind: "read-only" }>,
  { fastVariables }: Dialect,
): string {
  if (fastVariables.superReadOnly === null) return `SET GLOBAL read_only=${on ? 1 : 0}`;
  if (!on) return "SET GLOBAL super_read_only=0, GLOBAL read_only=0";
  // super_read_only brings read_only with it.
  return superToo ? "SET GLOBAL super_read_only=1" : "SET GLOBAL super_read_only=0, GLOBAL read_only=1";
}

/** Both, or a restart would come up with the one that was forgotten. */
export function buildPersist(change: Extract<MysqlChange, { kind: "persist-read-only" }>, dialect: Dialect): string {
  if (!dialect.writing.persist) {
    throw refuse(
      change,
      "unsupported",
      `A ${dialect.name} server cannot keep a setting: change its configuration file.`,
    );
  }
  return change.on
    ? "SET PERSIST read_only=1, PERSIST super_read_only=1"
    : "SET PERSIST super_read_only=0, PERSIST read_only=0";
}

export function buildEventScheduler({ on }: Extract<MysqlChange, { kind: "event-scheduler" }>): string {
  return `SET GLOBAL event_scheduler=${on ? "ON" : "OFF"}`;
}

/** Names of the switch, the most likely first: which one a server has depends on the plugin that was installed. */
export function buildSemiSync(
  { on }: Extract<MysqlChange, { kind: "semi-sync-source" }>,
  { slowVariables }: Dialect,
): readonly string[] {
  return slowVariables.semiSyncSource.map((name) => `SET GLOBAL ${name}=${on ? 1 : 0}`);
}

/** @throws DriverError where coordinates move with every transaction */
export function buildApplierCheckpoint(
  change: Extract<MysqlChange, { kind: "applier-checkpoint" }>,
  { name, fastVariables }: Dialect,
): string {
  const { milliseconds } = change;
  if (fastVariables.applierCheckpoint === null) {
    throw refuse(change, "unsupported", `A ${name} server has no checkpoints of its applier.`);
  }
  if (!Number.isSafeInteger(milliseconds) || milliseconds < 1) {
    throw refuse(change, "rejected", `${milliseconds} ms is no time between two checkpoints.`);
  }
  return `SET GLOBAL ${fastVariables.applierCheckpoint}=${milliseconds}`;
}

const MAX_NAME = 64;
const MAX_USER = 128;
const MAX_HOST = 255;

/** The definer is said, or the event would become ours. */
export function buildEnableEvent(change: Extract<MysqlChange, { kind: "enable-event" }>): string {
  const at = change.definer.lastIndexOf("@");
  if (at < 0) throw refuse(change, "rejected", `${JSON.stringify(change.definer)} is no account (user@host).`);
  const user = quoteName(change, "user name", change.definer.slice(0, at), MAX_USER);
  const host = quoteName(change, "host name", change.definer.slice(at + 1), MAX_HOST);
  const schema = quoteName(change, "schema name", change.schema, MAX_NAME);
  const name = quoteName(change, "event name", change.name, MAX_NAME);
  return `ALTER DEFINER=${user}@${host} EVENT ${schema}.${name} ENABLE`;
}
