/** Where a source stands in its own log, and what a promotion reads it for. */

/** Coordinates of a source. */
export interface SourcePosition {
  /** MySQL gtid_executed, MariaDB gtid_binlog_pos; null where GTIDs are not used. */
  readonly gtid: string | null;
  readonly file: string | null;
  readonly pos: number | null;
}

/**
 * `stop`: of the old source after its writes were stopped. `open`: of the candidate's own log, read before it was opened. `applied`: failover,
 * coordinates of the dead source up to which the candidate has applied. `ahead`: failover, executed set of the replica that had received most.
 * `flowing`: of the old source while its writes still flow, to bring the candidate near; worth nothing afterwards.
 */
export type PositionRole = "stop" | "open" | "applied" | "ahead" | "flowing";
