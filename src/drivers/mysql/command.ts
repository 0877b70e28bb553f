/** The text of a change, per dialect: shown in the plan and sent as it stands. Nothing that is not built here is ever sent. */
import type { Flavor } from "../../model/mysql.ts";
import type { MysqlChange, ReplicationLogin } from "../contract.ts";
import { buildChangeSource } from "./commands/change-source.ts";
import { buildDrain, buildGtidPosition, buildReadPosition, buildWait } from "./commands/positions.ts";
import { refuse } from "./commands/quote.ts";
import { buildReplication, buildReset } from "./commands/replication.ts";
import { buildClear, buildKill } from "./commands/sessions.ts";
import {
  buildApplierCheckpoint,
  buildEnableEvent,
  buildEventScheduler,
  buildPersist,
  buildReadOnly,
  buildSemiSync,
} from "./commands/settings.ts";
import type { Dialect } from "./dialects/dialect.ts";
import { selectDialect } from "./dialects/select.ts";

/**
 * What `execute` sends to a server of this flavor and version, e.g. `STOP REPLICA SQL_THREAD FOR CHANNEL ''`. Values that are only known when
 * the step runs stand in it as `<what they are>`; a password never does.
 * @param login of a change-source that brings one, where it is known already
 * @throws DriverError kind `rejected` for values that cannot be sent, `unsupported` where the version cannot do it
 */
export function commandTextFor(
  change: MysqlChange,
  server: { readonly flavor: Flavor; readonly version: string },
  login: ReplicationLogin | null = null,
): string {
  return buildMysqlCommand(change, selectDialect(server.flavor, server.version), login);
}

/** @throws DriverError as `commandTextFor` */
export function buildMysqlCommand(
  change: MysqlChange,
  dialect: Dialect,
  login: ReplicationLogin | null = null,
): string {
  switch (change.kind) {
    case "replication":
      return buildReplication(change, dialect);
    case "reset-replication":
      return buildReset(change, dialect);
    case "change-source":
      return buildChangeSource(change, login, dialect);
    case "gtid-position":
      return buildGtidPosition(change, null, dialect);
    case "read-only":
      return buildReadOnly(change, dialect);
    case "persist-read-only":
      return buildPersist(change, dialect);
    case "event-scheduler":
      return buildEventScheduler(change);
    case "enable-event":
      return buildEnableEvent(change);
    case "semi-sync-source":
      return buildSemiSync(change, dialect)[0] ?? "";
    case "applier-checkpoint":
      return buildApplierCheckpoint(change, dialect);
    case "kill-session":
      return buildKill(change, change.sessionId);
    case "clear-sessions":
      return buildClear(dialect);
    case "read-position":
    case "confirm-position":
      return buildReadPosition(change, dialect);
    case "wait-position":
      return buildWait(change, dialect);
    case "drain-relay":
      return buildDrain(change, dialect);
    default:
      throw refuse(change, "rejected", "This is no change that can be made over SQL.");
  }
}
