/**
 * What is going to be done, as data: a command becomes a plan of steps with facts before and after, guards give their verdicts, the executor runs
 * the steps and tells what it saw. Everything here crosses the worker boundary, is printed by --dry-run and stands in the journal.
 * Drain and promotion use the same shapes.
 */
import type { AddressChange, AdminState, Change, Fact, PositionSource } from "./planned-change.ts";
import type { Blocker, HandTask, HandTaskEnd, PromotionPlan, PromotionProgress, RoleTree } from "./promotion.ts";
import type { EpochMs, Failure } from "./reading.ts";
import type { PositionRole, SourcePosition } from "./source-position.ts";

export type {
  AddressChange,
  AdminState,
  Blocker,
  Change,
  Fact,
  HandTask,
  HandTaskEnd,
  PositionSource,
  PromotionPlan,
  PromotionProgress,
  RoleTree,
};

export type CommandId =
  | "drain"
  | "maint"
  | "ready"
  | "weight"
  | "shutdown-sessions"
  | "replica-start"
  | "replica-stop"
  | "read-only-on"
  | "read-only-off"
  | "kill-session"
  | "reapply"
  | "move-ip"
  | "promote"
  | "rejoin"
  | "undo"
  | "resume";

/** What an operator asks for. Which fields count is said by the command (src/operations/commands/). */
export interface CommandRequest {
  readonly command: CommandId;
  readonly cluster: string;
  /** As typed: a NODE (all its servers on all HAProxies) or BACKEND/SERVER. Several make one plan. */
  readonly targets: readonly string[];
  /** Only on this HAProxy; null = on all. */
  readonly haproxy: string | null;
  /** 0…256. */
  readonly weight: number | null;
  readonly thread: "io" | "sql" | null;
  readonly channel: string | null;
  /** Processlist id, for kill-session. */
  readonly sessionId: number | null;
  /** Journal id, for undo and resume; null = the last one. */
  readonly operationId: string | null;
  /** Follow a drain until no session is left, at most this long; null = do not wait. */
  readonly waitMs: number | null;
  readonly force: boolean;
  readonly reason: string | null;
  /** For promote. */
  readonly promotion?: {
    /** The primary is dead: prove it, and promote without it. */
    readonly failover: boolean;
    /** Known transactions that would be lost are given up. */
    readonly acceptLoss: boolean;
  };
}

export type PlanTarget =
  | { readonly kind: "haproxy"; readonly haproxy: string }
  | { readonly kind: "node"; readonly node: string }
  /** A machine, by the name that planFloatingHosts gives it. */
  | { readonly kind: "host"; readonly host: string };

/** Where a step stands to the write stop, which begins with the statement that makes the old primary read-only and ends when the new one is open and routed to. */
export type PlanSection = "before" | "write-stop" | "after";

export interface PlanStep {
  /** 1, 2, 3… in order of the plan. */
  readonly number: number;
  /** Steps of one group run in parallel; groups run in order. */
  readonly group: number;
  /** e.g. `drain read_nodes/db2`. */
  readonly title: string;
  readonly target: PlanTarget;
  readonly change: Change;
  /** Exactly what is sent. */
  readonly command: string;
  /** What must be true right before it is sent. */
  readonly before: readonly Fact[];
  /** What must be read back before it counts as done. */
  readonly after: readonly Fact[];
  /** Takes the step back to the state before it, not to a default; null where nothing can (sessions that were cut). */
  readonly undo: StepUndo | null;
  /** The state found when the plan was made, in words for people, e.g. `ready, weight 100, 12 sessions`. */
  readonly found: string;
  /** Absent: the plan stops no writes. */
  readonly section?: PlanSection;
  /** From this step on nothing is taken back: its node may accept writes. */
  readonly noReturn?: boolean;
  /** `go-on`: a failure is told as left to be done, and the run continues. Absent: everything is taken back. */
  readonly onFailure?: "undo" | "go-on";
  /** Numbers of steps without which this one makes no sense: when one of them is not done it is skipped. */
  readonly needs?: readonly number[];
  /** Bound of the step in milliseconds; absent: the executor's usual one. */
  readonly limitMs?: number;
  /** Sent when the step failed for good and the run goes on, e.g. a node that cannot follow leaves the readers. */
  readonly rescue?: readonly { readonly change: Change; readonly command: string; readonly after: readonly Fact[] }[];
}

export interface StepUndo {
  readonly change: Change;
  readonly command: string;
  readonly after: readonly Fact[];
  /** What must be read to be true right before it is taken back, e.g. that the candidate is not writable. */
  readonly before?: readonly Fact[];
  /** Taken back in ascending order; absent: after all that have one, last group first. */
  readonly rank?: number;
}

export interface GuardVerdict {
  /** Name of the guard, e.g. `last-usable-server`. */
  readonly guard: string;
  /** `block` refuses; `unknown` (could not be checked) refuses too; `warn` is shown. */
  readonly verdict: "pass" | "warn" | "block" | "unknown";
  /** What it is about, e.g. `lb1 read_nodes/db2`. */
  readonly subject: string;
  /** What is the matter, one sentence with figures. */
  readonly message: string;
  /** What to do instead. */
  readonly advice: string;
  /** True when --force may override it. */
  readonly forceable: boolean;
}

export interface Plan {
  /** Journal id, sortable by time, e.g. `20261120T153102-drain-db2-3f9a`. */
  readonly id: string;
  readonly at: EpochMs;
  readonly cluster: string;
  readonly request: CommandRequest;
  readonly title: string;
  /** Reversible ones run on `y`; disruptive ones after a name is typed. */
  readonly danger: "reversible" | "disruptive";
  /** What has to be typed for a disruptive one. */
  readonly confirmWord: string;
  readonly steps: readonly PlanStep[];
  readonly guards: readonly GuardVerdict[];
  /** What follows, in sentences: lost at a reload, what to put into the config, what stays to be done by hand. */
  readonly notes: readonly string[];
  /** Servers to be followed until they are empty, also those that need no step because they are drained already. */
  readonly watch: readonly WatchedServer[];
  /** Equal for plans that would do the same to servers that are as they were: commands, targets and facts before. */
  readonly fingerprint: string;
  /** The operation this plan takes back; null for all but undo. */
  readonly concerns: string | null;
  /** True when it carries on the operation of the same id (resume); `request` is then the one of that operation. */
  readonly carriesOn: boolean;
  /** Numbers of steps that an earlier run has done and that still hold: kept in the plan so that they can be taken back, not run again. */
  readonly doneBefore: readonly number[];
  /** Sessions that the count of a drain is known to leave out, as sentences without full stop (resume after a reload). */
  readonly uncounted?: readonly string[];
  /** For promote and rejoin. */
  readonly promotion?: PromotionPlan;
  /** Coordinates that an earlier run of the operation has read (resume). */
  readonly positions?: Readonly<Partial<Record<PositionRole, SourcePosition>>>;
}

/** One server of one HAProxy. */
export interface WatchedServer {
  readonly haproxy: string;
  readonly backend: string;
  readonly server: string;
}

export type StepOutcome = "pending" | "running" | "done" | "failed" | "unknown" | "undone" | "skipped";

export interface StepProgress {
  readonly number: number;
  readonly outcome: StepOutcome;
  readonly startedAt: EpochMs | null;
  readonly endedAt: EpochMs | null;
  /** What was read back, or the refusal as the server said it. */
  readonly message: string | null;
  readonly failure: Failure | null;
}

/** Sessions that remain on the drained servers. */
export interface DrainProgress {
  readonly sessions: number | null;
  readonly queued: number | null;
  /** Sessions per second leaving; null until two samples are there. */
  readonly leavingPerSecond: number | null;
  /** Seconds until empty at this rate; null when unknown or not falling. */
  readonly emptyInSeconds: number | null;
  readonly deadlineAt: EpochMs | null;
  /** Who is still there by processlist: `app@10.0.0.7 × 12`. */
  readonly clients: readonly { readonly user: string; readonly host: string; readonly count: number }[];
  /** `server` is `backend/server`; null figures: this HAProxy cannot be read now. */
  readonly perHaproxy: readonly {
    readonly haproxy: string;
    readonly server: string;
    readonly sessions: number | null;
    readonly queued: number | null;
  }[];
  /** True when new sessions still come to a drained server: a stick table sends known clients there. */
  readonly stillFed: boolean;
}

/** What to do with an operation that stands still: retry what failed, take everything back, leave it as it is; at a drain's deadline cut or wait on. */
export type OperationChoice = "retry" | "undo" | "keep" | "shutdown-sessions" | "wait-longer";

/** Asked where the operation stands still and somebody is there to answer; it waits for `choose`. */
export interface OperationQuestion {
  readonly kind: "partly-failed" | "sessions-remain";
  readonly text: string;
  readonly choices: readonly OperationChoice[];
}

export type OperationState =
  | "running"
  | "draining"
  /** Everything verified. */
  | "done"
  /** A guard said no right before a step; nothing had been changed. */
  | "refused"
  /** Failed, and every change was taken back and seen taken back. */
  | "rolled-back"
  /** Failed or stopped, and something is changed still: resume or undo. */
  | "unfinished";

/** An operation of the journal, for lists and detail views. */
export interface OperationEntry {
  readonly id: string;
  readonly cluster: string;
  readonly kind: CommandId;
  readonly title: string;
  readonly operator: string;
  readonly host: string;
  readonly reason: string | null;
  readonly startedAt: EpochMs;
  readonly endedAt: EpochMs | null;
  /** `interrupted`: cut short, and nobody runs it any more. */
  readonly state: OperationState | "interrupted";
  readonly summary: string;
  /** Id of the operation that took it back. */
  readonly undoneBy: string | null;
  readonly undoable: boolean;
  /** True when resume or undo is needed. */
  readonly open: boolean;
  readonly steps: readonly {
    readonly number: number;
    readonly title: string;
    readonly target: string;
    readonly command: string;
    /** Last phase in the journal; null: never sent. */
    readonly phase: "intent" | "done" | "failed" | "undone" | null;
    readonly message: string | null;
    readonly error: string | null;
  }[];
  /** Length of the write stop in milliseconds, as measured; null or absent: none, or not known. */
  readonly gapMs?: number | null;
  /** What was left to people when it ended; absent: the journal tells none. */
  readonly byHand?: readonly HandTask[];
  /** Coordinates that its steps have read. */
  readonly positions?: Readonly<Partial<Record<PositionRole, SourcePosition>>>;
}

/** What the journal of this machine adds to the picture of a cluster. */
export interface JournalFacts {
  readonly unfinished: readonly OperationEntry[];
  /** Servers that an operation took out of service, and that none has put back since: the last one for each. */
  readonly takenOut: readonly (WatchedServer & {
    readonly state: "drain" | "maint";
    readonly operation: string;
    readonly operator: string;
    readonly host: string;
    readonly at: EpochMs;
    readonly reason: string | null;
  })[];
  /** What the last promotion or rejoin that ended has left to people. */
  readonly byHand?: readonly { readonly operation: string; readonly at: EpochMs; readonly task: HandTask }[];
}

export interface OperationProgress {
  readonly id: string;
  readonly plan: Plan;
  readonly state: OperationState;
  readonly steps: readonly StepProgress[];
  readonly drain: DrainProgress | null;
  /** For plans that move writes. */
  readonly promotion?: PromotionProgress;
  /** Guards that said no right before a step; empty otherwise. */
  readonly refusals: readonly GuardVerdict[];
  readonly question: OperationQuestion | null;
  /** One sentence for people on how it stands or ended. */
  readonly summary: string;
  readonly operator: string;
  readonly host: string;
  readonly startedAt: EpochMs;
  readonly endedAt: EpochMs | null;
}
