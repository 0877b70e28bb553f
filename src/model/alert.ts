/** Alerts as data. The rules that raise them are in model/alerts/. */

export type Severity = "critical" | "warning" | "info";

/** Worst first: `unknown` outranks `ok` only; a cluster of which nothing can be told is unknown. */
export type Health = "ok" | "warning" | "critical" | "unknown";

export type AlertCode =
  | "haproxy-unreachable"
  | "haproxy-reloaded"
  | "haproxy-disagree"
  | "haproxy-not-admin"
  | "backend-no-server"
  | "server-down"
  | "forgotten-drain"
  | "node-unreachable"
  | "node-privileges"
  | "replica-io-stopped"
  | "replica-sql-stopped"
  | "replica-lag"
  | "replication-broken-loop"
  | "split-brain"
  | "backup-writable"
  | "writer-read-only"
  | "reader-stopped"
  | "no-writer"
  | "orphan-replica"
  | "errant-transactions"
  | "duplicate-server-id"
  | "duplicate-server-uuid"
  | "auto-increment-clash"
  | "route-mismatch"
  | "route-unanswered"
  | "floating-ip-none"
  | "floating-ip-double"
  | "floating-ip-unknown"
  | "check-cannot-work"
  | "operation-unfinished"
  | "left-by-hand"
  | "rival-automation"
  /** Only in the training simulator: what its scenario wants. No rule raises it. */
  | "scenario";

export interface Alert {
  readonly code: AlertCode;
  readonly severity: Severity;
  /** Node it is about; null when it is about the cluster or a proxy. */
  readonly node: string | null;
  /** What it is about in words that stay the same while it lasts, e.g. `lb1 read_nodes/db2`; (code, subject) is its identity. */
  readonly subject: string;
  /** What is true. May hold server text: escape before showing. */
  readonly message: string;
  /** What to do. */
  readonly advice: string;
}
