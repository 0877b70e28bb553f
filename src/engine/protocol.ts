/** Messages across the worker boundary. Plain data only. */
import type { ClientSession } from "../model/mysql.ts";
import type { EpochMs, Reading } from "../model/reading.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { SnapshotMessage } from "./wire/snapshot-wire.ts";

/** Screen to engine. */
export type EngineRequest =
  | { readonly type: "refresh" }
  /** Poll the sessions of one node with every tick; null stops it. */
  | { readonly type: "watch-sessions"; readonly cluster: string; readonly node: string | null }
  | { readonly type: "stop" };

export interface SessionsReport {
  readonly cluster: string;
  readonly node: string;
  readonly reading: Reading<readonly ClientSession[]>;
}

/** Engine to screen. */
export type EngineEvent =
  | { readonly type: "snapshot"; readonly snapshot: Snapshot }
  | { readonly type: "sessions"; readonly report: SessionsReport }
  | { readonly type: "log"; readonly at: EpochMs; readonly line: string }
  | { readonly type: "stopped" };

/** The engine as the screen sees it, whether it runs in a worker or in the same thread. */
export interface Engine {
  send(request: EngineRequest): void;
  /** Returns the function that unsubscribes. */
  subscribe(listener: (event: EngineEvent) => void): () => void;
  /** Stops every loop, closes every connection; resolves when done, at the latest after two seconds. */
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
