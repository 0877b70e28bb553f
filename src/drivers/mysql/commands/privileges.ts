/** What the account needs, per statement (PROMOTION.md §3.5; measured per version, see dialects/writing.ts). */
import type { MysqlChange } from "../../contract.ts";
import type { Dialect } from "../dialects/dialect.ts";

/** What the account needs for the change, as in `GRANT … ON *.*`. */
export function privilegeFor(change: MysqlChange, { grants, writing, fastVariables }: Dialect): string {
  const needed = writing.grants;
  switch (change.kind) {
    case "replication":
    case "change-source":
    case "gtid-position":
      return needed.replication;
    case "reset-replication":
      return needed.reset;
    case "read-only":
    case "persist-read-only":
      return needed.readOnly;
    case "kill-session":
      return needed.kill;
    case "clear-sessions":
      return fastVariables.superReadOnly === null
        ? `${grants.processList}, ${needed.kill}, ${needed.flush}`
        : `${grants.processList}, ${needed.kill}`;
    case "event-scheduler":
      return needed.eventScheduler;
    case "enable-event":
      return `${needed.event}, ${needed.definer}`;
    case "semi-sync-source":
      return needed.semiSync;
    case "applier-checkpoint":
      return needed.applierCheckpoint;
    case "read-position":
    case "confirm-position":
      return change.kind === "read-position" && change.role === "applied" ? grants.replicaStatus : grants.sourceStatus;
    case "wait-position":
    case "drain-relay":
      return grants.replicaStatus;
  }
}

/** A statement, the privilege it needs, and the kinds of changes that send it; [] = it is needed whatever is planned. */
export interface StatementGrant {
  readonly statement: string;
  readonly privilege: string;
  readonly kinds: readonly MysqlChange["kind"][];
}

/** Every statement that a promotion may send to a node, and the privilege it needs there, as in `GRANT … ON *.*`. */
export function promotionGrants(dialect: Dialect): readonly StatementGrant[] {
  const { grants, writing, fastVariables, slowVariables } = dialect;
  const needed = writing.grants;
  const pair = (statement: string, privilege: string, ...kinds: readonly MysqlChange["kind"][]) => ({
    statement,
    privilege,
    kinds,
  });
  const fenced = fastVariables.superReadOnly !== null;
  const semiSync = slowVariables.semiSyncSource[0] ?? "rpl_semi_sync_source_enabled";
  return [
    pair("replica status", grants.replicaStatus),
    pair("source status", grants.sourceStatus),
    pair("process list", grants.processList),
    pair(`SET GLOBAL ${fenced ? "super_read_only" : "read_only"}`, needed.readOnly, "read-only"),
    pair("KILL", needed.kill, "clear-sessions"),
    ...(fenced ? [] : [pair("FLUSH TABLES WITH READ LOCK", needed.flush, "clear-sessions")]),
    pair(`START and STOP ${writing.replica}`, needed.replication, "replication"),
    pair(`${writing.changeSource} TO`, needed.replication, "change-source"),
    pair(`RESET ${writing.replica} ALL`, needed.reset, "reset-replication"),
    ...(writing.gtid?.kind === "mariadb"
      ? [pair("SET GLOBAL gtid_slave_pos", needed.replication, "gtid-position")]
      : []),
    pair("SET GLOBAL event_scheduler", needed.eventScheduler, "event-scheduler"),
    pair("ALTER EVENT", needed.event, "enable-event"),
    pair("ALTER DEFINER=… EVENT", needed.definer, "enable-event"),
    pair(`SET GLOBAL ${semiSync}`, needed.semiSync, "semi-sync-source"),
    ...(fastVariables.applierCheckpoint === null
      ? []
      : [pair(`SET GLOBAL ${fastVariables.applierCheckpoint}`, needed.applierCheckpoint, "applier-checkpoint")]),
    ...(writing.persist ? [pair("SET PERSIST super_read_only", needed.readOnly, "persist-read-only")] : []),
  ];
}
