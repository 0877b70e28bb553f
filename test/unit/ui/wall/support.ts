/** Wall screens without a terminal. */
import type { ClusterSnapshot, Snapshot } from "../../../../src/model/snapshot.ts";
import { plainText } from "../../../../src/ui/paint.ts";
import { takeSnapshot, takeTime } from "../../../../src/ui/wall/reduce.ts";
import { selectWallScreen } from "../../../../src/ui/wall/screen.ts";
import { createWallState, type WallOptions, type WallState } from "../../../../src/ui/wall/state.ts";
import type { WallTime } from "../../../../src/ui/wall/time.ts";
import { buildSnapshot, START } from "../../../support/snapshots.ts";

/** Both clocks go on alike. */
export function at(seconds: number): WallTime {
  return { epochMs: START + seconds * 1_000, monotonicMs: 50_000 + seconds * 1_000 };
}

export function startWall(
  names: readonly string[],
  columns: number,
  rows: number,
  options: Partial<WallOptions> = {},
): WallState {
  const all = { clusterNames: names, lagLimits: {}, rotateMs: null, unicode: true, ...options };
  return createWallState(all, at(0), { columns, rows });
}

/** A picture taken and heard that many seconds after the start. */
export function see(
  state: WallState,
  clusters: readonly ClusterSnapshot[],
  seconds: number,
  change: Partial<Snapshot> = {},
): WallState {
  const now = at(seconds);
  return takeSnapshot(state, buildSnapshot({ at: now.epochMs, clusters, ...change }), [], now);
}

export function wait(state: WallState, seconds: number): WallState {
  return takeTime(state, at(seconds));
}

/** Rows as they stand on the terminal, blanks at their ends removed. */
export function show(state: WallState): string[] {
  return selectWallScreen(state).map((line) => plainText(line).trimEnd());
}
