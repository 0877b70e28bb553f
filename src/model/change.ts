/** One line of the timeline. */
import type { Severity } from "./alert.ts";
import type { EpochMs } from "./reading.ts";

export type ChangeKind = "server" | "node" | "replication" | "haproxy" | "alert" | "topology";

export interface ChangeEvent {
  readonly at: EpochMs;
  readonly cluster: string;
  readonly kind: ChangeKind;
  readonly severity: Severity;
  /** e.g. `lb1 read_nodes/db2`, `db3`, `db3 replication`. */
  readonly subject: string;
  readonly before: string;
  readonly after: string;
}
