/** Transactions between a replica and its source, and ids that should not be there. */
import { type GtidKind, gtidKind } from "../gtid/gtid-set.ts";
import type { MysqlReport, ReplicaChannel } from "../mysql.ts";
import type { Ancestry } from "../topology.ts";
import type { DistanceDialect, TransactionOrigin } from "./distance-dialect.ts";
import { MARIADB_DISTANCE } from "./mariadb-distance.ts";
import { MYSQL_DISTANCE } from "./mysql-distance.ts";

const DIALECTS: Readonly<Record<GtidKind, DistanceDialect>> = { mysql: MYSQL_DISTANCE, mariadb: MARIADB_DISTANCE };

export interface Distance {
  readonly behind: number | null;
  readonly applierBacklog: number | null;
  /** Canonical ids; null when there are none or they cannot be told. */
  readonly errant: string | null;
}

const UNKNOWN: Distance = { behind: null, applierBacklog: null, errant: null };

/** Every uuid and server_id of our nodes, to tell a stranger's transaction from one of a node that is no ancestor. */
export interface KnownOrigins {
  readonly uuids: ReadonlySet<string>;
  readonly serverIds: ReadonlySet<number>;
}

/**
 * Whether a transaction of this origin may still come down the chain to the source, so that the replica having it first only means that
 * it was read later. Sources in the chain: yes. Where the chain leaves what we know, so may everything that is not of a node of ours.
 */
export function mayStillArrive(origin: TransactionOrigin, ancestry: Ancestry, known: KnownOrigins): boolean {
  if (origin.uuid !== null && ancestry.uuids.has(origin.uuid)) return true;
  if (origin.serverId !== null && ancestry.serverIds.has(origin.serverId)) return true;
  if (!ancestry.open) return false;
  const ours =
    (origin.uuid !== null && known.uuids.has(origin.uuid)) ||
    (origin.serverId !== null && known.serverIds.has(origin.serverId));
  return !ours;
}

/**
 * Distance of a replica from its source, both as fresh readings (null otherwise). Figures are null unless the channel uses GTIDs: a replica
 * seeded by file and position may carry any GTID history.
 */
export function measureDistance(
  source: MysqlReport | null,
  replica: MysqlReport,
  channel: ReplicaChannel,
  ancestry: Ancestry,
  known: KnownOrigins,
): Distance {
  if (!channel.usesGtid) return UNKNOWN;
  const dialect = DIALECTS[gtidKind(replica.flavor)];
  const applierBacklog = toNumber(dialect.backlog(replica, channel));
  if (source === null || gtidKind(source.flavor) !== gtidKind(replica.flavor)) return { ...UNKNOWN, applierBacklog };
  const errant = dialect.errant(source, replica, (origin) => mayStillArrive(origin, ancestry, known));
  return {
    behind: toNumber(dialect.behind(source, replica, channel)),
    applierBacklog,
    errant: errant === "" ? null : errant,
  };
}

/** Counts above 2^53 are rounded: nobody acts on their last digit. */
function toNumber(count: bigint | null): number | null {
  return count === null ? null : Number(count);
}
