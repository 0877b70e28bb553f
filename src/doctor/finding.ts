/** What keeps an action from working, as data. */
import type { Severity } from "../model/alert.ts";

/** Commands of the interface that a finding can break. */
export type Command =
  | "status"
  | "console"
  | "drain"
  | "maint"
  | "ready"
  | "weight"
  | "shutdown-sessions"
  | "replica"
  | "read-only"
  | "kill-session"
  | "move-ip"
  | "promote"
  | "rejoin"
  | "undo"
  | "resume";

export interface DoctorFinding {
  readonly code: string;
  readonly severity: Severity;
  /** Cluster it is about; null: this machine. */
  readonly cluster: string | null;
  /** What it is about, e.g. `db1`, `lb1 write_nodes`, `this machine`. */
  readonly subject: string;
  /** What is true. May hold server text: escape before showing. */
  readonly message: string;
  /** What does not work because of it, or not as it should. */
  readonly breaks: readonly Command[];
  /** What to do: a statement, a command, a line of a file. */
  readonly fix: string;
}

/** What a rule finds; the code and, unless given, the rule's own severity and commands are added. */
export interface Found {
  readonly severity?: Severity;
  readonly subject: string;
  readonly message: string;
  readonly breaks?: readonly Command[];
  readonly fix: string;
}

/** One rule. `F` is what it is asked with: the facts of a cluster, or of this machine. */
export interface DoctorRule<F> {
  readonly code: string;
  readonly severity: Severity;
  readonly title: string;
  /** When it is found and what it means, for docs/doctor.md: one sentence or two. */
  readonly explains: string;
  readonly breaks: readonly Command[];
  readonly evaluate: (facts: F) => readonly Found[];
}

/** Every command that changes something at a HAProxy. */
export const HAPROXY_COMMANDS: readonly Command[] = [
  "drain",
  "maint",
  "ready",
  "weight",
  "shutdown-sessions",
  "promote",
  "rejoin",
];
