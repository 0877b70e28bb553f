/** Everything the wall screen is made from. Immutable: reducers make a new one, selectors read it. */
import type { Health } from "../../model/alert.ts";
import type { ChangeEvent } from "../../model/change.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import type { ScreenSize } from "../layout.ts";
import type { LagLimits } from "../state/state.ts";
import type { Rotation } from "./rotation.ts";
import type { WallTime } from "./time.ts";

/** What is told of a cluster in large type. */
export interface Told {
  readonly health: Health;
  readonly writer: string;
  /** Words, not the figure: it changes every second. */
  readonly lag: "ok" | "warning" | "critical" | "unknown";
}

export interface Mark {
  readonly since: WallTime;
  /** What was told before. */
  readonly before: string;
}

/** What is remembered of a cluster between two pictures. */
export interface ClusterMemory {
  /** Null until every endpoint has answered or failed once: what comes in at the start is no change. */
  readonly told: Told | null;
  readonly marks: Readonly<Partial<Record<keyof Told, Mark>>>;
  /** The last health that was one, and when it was heard. */
  readonly lastKnown: { readonly health: Health; readonly at: WallTime } | null;
  /** Newest first, at most RECENT_LIMIT. */
  readonly recent: readonly { readonly change: ChangeEvent; readonly heard: WallTime }[];
  /** For the order on screen: rises at once, falls when it has been lower for a while, so that tiles do not jump to and fro. */
  readonly heldRank: { readonly rank: number; readonly at: WallTime };
}

export interface WallOptions {
  /** In the order of the configuration. */
  readonly clusterNames: readonly string[];
  readonly lagLimits: Readonly<Record<string, LagLimits>>;
  /** Null: tiles. */
  readonly rotateMs: number | null;
  readonly unicode: boolean;
}

export interface WallState {
  readonly options: WallOptions;
  readonly now: WallTime;
  readonly started: WallTime;
  readonly size: ScreenSize;
  readonly snapshot: Snapshot | null;
  /** When the picture came. */
  readonly heard: WallTime | null;
  readonly memories: Readonly<Record<string, ClusterMemory>>;
  readonly rotation: Rotation | null;
  /** Losses of signalbox's own engine since the start. */
  readonly engine: { readonly lost: boolean; readonly losses: number; readonly at: WallTime | null };
  /** Defects of our own that were survived. */
  readonly defects: { readonly count: number; readonly at: WallTime; readonly text: string } | null;
  /** A key was pressed that does nothing. */
  readonly keyTold: WallTime | null;
}

export const RECENT_LIMIT = 20;
/** What changed is marked for this long. */
export const MARK_MS = 60_000;

export function createWallState(options: WallOptions, now: WallTime, size: ScreenSize): WallState {
  return {
    options,
    now,
    started: now,
    size,
    snapshot: null,
    heard: null,
    memories: {},
    rotation: null,
    engine: { lost: false, losses: 0, at: null },
    defects: null,
    keyTold: null,
  };
}
