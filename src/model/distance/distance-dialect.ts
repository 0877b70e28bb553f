/** How far a replica is from its source, counted in transactions. One object per GTID dialect, all of this shape. */
import type { MysqlReport, ReplicaChannel } from "../mysql.ts";

/** Where a transaction was first committed, as its id tells: a server_uuid (MySQL) or a server_id (MariaDB). */
export interface TransactionOrigin {
  readonly uuid: string | null;
  readonly serverId: number | null;
}

export interface DistanceDialect {
  /** Transactions the source has executed and the replica has not; null when one of the sets is not known. */
  behind(source: MysqlReport, replica: MysqlReport, channel: ReplicaChannel): bigint | null;
  /** Transactions received and not executed; null when not known. */
  backlog(replica: MysqlReport, channel: ReplicaChannel): bigint | null;
  /**
   * Ids the replica has, its source lacks, and that cannot still be on their way (`mayArrive` is false for their origin): canonical text,
   * "" when there are none, null when not known.
   */
  errant(source: MysqlReport, replica: MysqlReport, mayArrive: (origin: TransactionOrigin) => boolean): string | null;
}
