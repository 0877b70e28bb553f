/** Messages across the worker boundary. Plain data only. */
import type { ClientSession } from "../model/mysql.ts";
import type { CommandRequest, OperationChoice, OperationEntry, OperationProgress, Plan } from "../model/operation.ts";
import type { EpochMs, Reading } from "../model/reading.ts";
import type { RecordAction, RecordingStatus, ReplayAction, ReplayMoment } from "../model/replay.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { SnapshotMessage } from "./wire/snapshot-wire.ts";

/** Screen to engine. */
export type EngineRequest =
  | { readonly type: "refresh" }
  /** Poll the sessions of one node with every tick; null stops it. */
  | { readonly type: "watch-sessions"; readonly cluster: string; readonly node: string | null }
  /** Answered by one `plan` event with the same id. */
  | { readonly type: "plan"; readonly requestId: string; readonly request: CommandRequest }
  /** Runs the plan that was shown. One that is too old, or no longer right, comes back as a new `plan` event instead. */
  | { readonly type: "run"; readonly planId: string }
  /** Asks a running operation to stop at the next safe point. */
  | { readonly type: "stop-operation"; readonly operationId: string }
  /** Answers the question of an operation that stands still. */
  | { readonly type: "choose"; readonly operationId: string; readonly choice: OperationChoice }
  /** Answered by an `operations` event; one comes by itself when an operation ends. */
  | { readonly type: "list-operations"; readonly cluster: string }
  /** For whoever keeps the recording, between engine and screen; the engine itself passes it over. */
  | { readonly type: "record"; readonly action: RecordAction }
  /** Only a replay obeys. */
  | { readonly type: "replay"; readonly action: ReplayAction }
  | { readonly type: "stop" };

/** Why there is no plan: texts for people. */
export interface PlanRefusal {
  /**
   * `target`: unknown or ambiguous; `request`: a value that cannot be; `refused`: cannot be done to this cluster; `read-only`: started so;
   * `failed`: a defect or a driver's refusal.
   */
  readonly kind: "target" | "request" | "refused" | "read-only" | "failed";
  readonly message: string;
  readonly candidates: readonly string[];
}

export interface PlanAnswer {
  readonly requestId: string;
  /** Null exactly when `refusal` is not. */
  readonly plan: Plan | null;
  readonly refusal: PlanRefusal | null;
  /** Set when this plan comes in place of one that was to be run: its id, and why it was not. */
  readonly replaces: { readonly planId: string; readonly why: string } | null;
}

export interface SessionsReport {
  readonly cluster: string;
  readonly node: string;
  readonly reading: Reading<readonly ClientSession[]>;
}

/** Engine to screen. */
export type EngineEvent =
  | { readonly type: "snapshot"; readonly snapshot: Snapshot }
  | { readonly type: "sessions"; readonly report: SessionsReport }
  | { readonly type: "plan"; readonly answer: PlanAnswer }
  | { readonly type: "operation"; readonly progress: OperationProgress }
  | { readonly type: "operations"; readonly cluster: string; readonly entries: readonly OperationEntry[] }
  | { readonly type: "log"; readonly at: EpochMs; readonly line: string }
  /** `told`: what came of a `record` request; null when there is nothing to say. */
  | {
      readonly type: "recording";
      readonly status: RecordingStatus;
      readonly told: { readonly text: string; readonly isProblem: boolean } | null;
    }
  /** Only a replay says this, and nothing else: each moment stands for itself. */
  | { readonly type: "replay"; readonly moment: ReplayMoment }
  | { readonly type: "stopped" };

/** The engine as the screen sees it, whether it runs in a worker or in the same thread. */
export interface Engine {
  send(request: EngineRequest): void;
  /** Returns the function that unsubscribes. */
  subscribe(listener: (event: EngineEvent) => void): () => void;
  /** Stops every loop, closes every connection; resolves when done, at the latest after two seconds; a running operation first reaches a safe point, for which it has ten. */
  stop(): Promise<void>;
}

/** Worker to main thread: events, but of a snapshot only what differs from the one before. */
export type WorkerMessage = Exclude<EngineEvent, { readonly type: "snapshot" }> | SnapshotMessage;

/** Main thread to worker. Every event is acknowledged by its type, so that the worker knows what a blocked screen has not taken yet. */
export type HostMessage =
  | { readonly type: "request"; readonly request: EngineRequest }
  /** A snapshot could not be put together: the next one is to be sent whole. */
  | { readonly type: "resync" }
  | { readonly type: "ack"; readonly of: EngineEvent["type"] };
