/** What a plan and a run that move writes tell beside their steps. */
import type { EpochMs } from "./reading.ts";

/** A replication tree for people: a node with what it is, and who follows it. */
export interface RoleTree {
  readonly node: string;
  /** `primary, writable`, `replica, read-only`, `dead`… */
  readonly label: string;
  readonly children: readonly RoleTree[];
}

/** What a promotion leaves to people. It stays as an alert until it is seen done, where that can be seen. */
export interface HandTask {
  readonly code:
    | "config-names-old-primary"
    | "read-only-not-persisted"
    | "rebuild-node"
    | "node-not-following"
    | "haproxy-not-changed"
    | "not-fenced"
    | "reader-out"
    | "other";
  /** Node or HAProxy. */
  readonly subject: string;
  readonly message: string;
  /** What to do, as lines to type or to put into a file. */
  readonly lines: readonly string[];
  /** What shows that it has been done; absent: nothing does, and the alert ends after a day. */
  readonly until?: HandTaskEnd;
}

export type HandTaskEnd =
  /** The configuration that HAProxy runs has the server as a backup, as disabled, or no more. */
  | {
      readonly kind: "configured-out";
      readonly haproxy: string;
      readonly backend: string;
      readonly servers: readonly string[];
    }
  /** The node was restarted and came up with that read_only. */
  | { readonly kind: "restarted"; readonly node: string; readonly readOnly: boolean }
  | { readonly kind: "follows"; readonly node: string; readonly source: string }
  /** HAProxy has these servers of the backend in maintenance, or no more. */
  | {
      readonly kind: "in-maintenance";
      readonly haproxy: string;
      readonly backend: string;
      readonly servers: readonly string[];
    };

/** What a plan that moves writes says beside its steps. */
export interface PromotionPlan {
  readonly mode: "switchover" | "failover" | "rejoin";
  readonly variant: "mysql-gtid" | "mariadb-gtid" | "file" | "pair" | "multi-writer";
  /** The primary of now; null when there is none. For rejoin: the node itself. */
  readonly from: string | null;
  /** The primary to be; for rejoin: the one to follow. */
  readonly to: string;
  readonly writerBackend: string | null;
  readonly rolesBefore: readonly RoleTree[];
  readonly rolesAfter: readonly RoleTree[];
  /** Bound of the whole write stop, milliseconds. */
  readonly budgetMs: number;
  /** Transactions known to be lost, in words; null = none known. */
  readonly knownLoss: string | null;
  /** Left to do by hand after it, as far as is known now. */
  readonly byHand: readonly HandTask[];
}

/** A client that holds up what the operation waits for. */
export interface Blocker {
  readonly node: string;
  readonly sessionId: number;
  readonly account: string;
  readonly seconds: number | null;
  /** Server text: escape before showing. */
  readonly query: string | null;
}

/** How the part of a run that concerns the writes stands. */
export interface PromotionProgress {
  /** When the statement that stops writes was sent; null before. */
  readonly stoppedAt: EpochMs | null;
  /** When the new primary was open and routed to, or writes were given back to the old one; null before. */
  readonly openedAt: EpochMs | null;
  /** Length of the write stop by the monotonic clock, to the tenth of a millisecond; null until it has ended. */
  readonly gapMs: number | null;
  readonly budgetMs: number;
  readonly pastNoReturn: boolean;
  /** e.g. `db2 to apply 0-1-4711`; null when nothing is waited for. */
  readonly waitingFor: string | null;
  readonly blockers: readonly Blocker[];
  /** What is left by hand, as it stands now: at the end that of the plan that is still to do and what failed. */
  readonly byHand: readonly HandTask[];
}
