/**
 * What was measured over the last quarter of an hour, as plain data. One frame per tick holds the figures of all nodes and servers of a
 * cluster side by side, so that a tick adds one small block whatever the size of the cluster: a frame never changes once it was made.
 */
import type { EpochMs } from "../reading.ts";

/** In this order in a frame, for each node in turn. */
export const NODE_FIGURES = ["lagSeconds", "sessions", "behind", "queriesPerSecond"] as const;
export type NodeFigure = (typeof NODE_FIGURES)[number];

/** In this order in a frame, for each server of each HAProxy in turn. */
export const SERVER_FIGURES = ["checkMs", "sessions"] as const;
export type ServerFigure = (typeof SERVER_FIGURES)[number];

/**
 * Figures by place. NaN: there was none, which is never zero. A minus sign (also that of -0): some of what belongs to it was missing, and
 * this is the highest of what was known. A place beyond the end: nobody watched it yet.
 */
export interface HistoryFrame {
  /** Wall clock at its end. */
  readonly at: EpochMs;
  readonly nodes: Float32Array;
  readonly servers: Float32Array;
}

export interface HistoryTier {
  /** How many ticks a frame stands for; 1 in the first tier. */
  readonly ticksPerFrame: number;
  /** Oldest first, at most FRAMES_PER_TIER. The ticks since the last frame of a coarse tier are in the first tier only. */
  readonly frames: readonly HistoryFrame[];
}

export interface ClusterHistory {
  readonly tickMs: number;
  /** Ticks since the beginning, with those that were missed. */
  readonly ticks: number;
  /** Name of the node at each place. */
  readonly nodes: readonly string[];
  /** `haproxy/backend/server` at each place. */
  readonly servers: readonly string[];
  /** Finest first. */
  readonly tiers: readonly HistoryTier[];
}

export const FRAMES_PER_TIER = 60;

/** A frame of the coarser tiers covers this much time: with 60 frames, 5 and 15 minutes. */
const COARSE_FRAME_MS = [5_000, 15_000];

export function createHistory(tickMs: number): ClusterHistory {
  const wanted = [1, ...COARSE_FRAME_MS.map((ms) => Math.ceil(ms / tickMs))];
  // With slow ticks the first tier reaches as far back as the coarser ones would.
  const ticksPerFrame = wanted.filter((ticks, index) => index === 0 || ticks > (wanted[index - 1] ?? 1));
  return { tickMs, ticks: 0, nodes: [], servers: [], tiers: ticksPerFrame.map(createTier) };
}

function createTier(ticksPerFrame: number): HistoryTier {
  return { ticksPerFrame, frames: [] };
}
