/** Recording and replay as the screen sees them. Plain data. */
import type { Severity } from "./alert.ts";
import type { ChangeEvent } from "./change.ts";
import type { ClientSession } from "./mysql.ts";
import type { OperationEntry, OperationProgress } from "./operation.ts";
import type { EpochMs, Reading } from "./reading.ts";
import type { Snapshot } from "./snapshot.ts";

/** How fast a recording is played; `max`: every picture, as fast as they come. */
export const REPLAY_SPEEDS = [1, 2, 5, 10, 30, 60, "max"] as const;
export type ReplaySpeed = (typeof REPLAY_SPEEDS)[number];

export type ReplayAction =
  | { readonly kind: "toggle" }
  /** One picture, or one step of an operation. */
  | { readonly kind: "step"; readonly by: 1 | -1 }
  | { readonly kind: "skip"; readonly ms: number }
  | { readonly kind: "speed"; readonly by: 1 | -1 }
  /** To the next thing that changed. */
  | { readonly kind: "change"; readonly by: 1 | -1 }
  | { readonly kind: "start" }
  | { readonly kind: "end" }
  | { readonly kind: "seek"; readonly at: EpochMs };

/** Something that happened, for the bar. */
export interface ReplayMark {
  readonly at: EpochMs;
  readonly what: Severity | "operation";
}

/** What holds for the whole recording; the same object with every moment. */
export interface ReplayAbout {
  readonly path: string;
  readonly kind: "recording" | "memory" | "crash";
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly program: string;
  readonly operator: string;
  readonly host: string;
  readonly isCutOff: boolean;
  /** Parts that could not be read. */
  readonly damaged: number;
  /** In order of time. */
  readonly marks: readonly ReplayMark[];
  /** Spans in which nothing was recorded. */
  readonly gaps: readonly { readonly from: EpochMs; readonly to: EpochMs }[];
  /** Changes in all. */
  readonly changeCount: number;
}

/** The recording at one moment: everything there is to show, whatever was shown before. */
export interface ReplayMoment {
  readonly at: EpochMs;
  readonly isPlaying: boolean;
  readonly speed: ReplaySpeed;
  /** One sentence about where it stands; null when there is nothing to say. */
  readonly note: string | null;
  readonly snapshot: Snapshot | null;
  readonly sessions: ReplaySessions | null;
  /** Up to this moment, oldest first; the newest of them, where there are very many. */
  readonly changes: readonly ChangeEvent[];
  /** How many there were up to this moment. */
  readonly changesSoFar: number;
  /** As they stood, newest first. */
  readonly operations: readonly OperationProgress[];
  readonly journal: Readonly<Record<string, readonly OperationEntry[]>>;
  readonly about: ReplayAbout;
}

/** Sessions of a node, where somebody looked at them while it was recorded. */
interface ReplaySessions {
  readonly cluster: string;
  readonly node: string;
  readonly reading: Reading<readonly ClientSession[]>;
}

/** What the console is asked to do with what it remembers. `file`: starts or ends a recording. `save`: the last minutes. `report`: of the last minutes. */
export type RecordAction = "file" | "save" | "report";

export interface RecordingStatus {
  /** Being written; null while none is. */
  readonly path: string | null;
  readonly since: EpochMs | null;
}
