/** Growing a history by one tick. What falls out at the old end of the first tier has gone into the coarser ones before. */
import type { EpochMs } from "../reading.ts";
import { type ClusterHistory, FRAMES_PER_TIER, type HistoryFrame, type HistoryTier } from "./history.ts";

/**
 * Adds the frame of this tick.
 * @param missed ticks since the last frame that brought none: each of them is a gap
 */
export function appendFrame(history: ClusterHistory, frame: HistoryFrame, missed: number): ClusterHistory {
  return push(addGaps(history, missed, frame.at - history.tickMs), frame);
}

/** At most as many gaps as there is room for; the beats of the coarser tiers are kept all the same. */
function addGaps(history: ClusterHistory, missed: number, at: EpochMs): ClusterHistory {
  // One frame more than is kept: the first may still hold something from before the pause.
  const longest = (FRAMES_PER_TIER + 1) * Math.max(...history.tiers.map(({ ticksPerFrame }) => ticksPerFrame));
  const count = history.ticks === 0 ? 0 : Math.min(missed, longest);
  let next = { ...history, ticks: history.ticks === 0 ? 0 : history.ticks + missed - count };
  for (let index = 0; index < count; index += 1) next = push(next, createGap(next, at));
  return next;
}

function createGap({ nodes, servers, tiers }: ClusterHistory, at: EpochMs): HistoryFrame {
  const last = tiers[0]?.frames.at(-1);
  return {
    at,
    nodes: new Float32Array(last?.nodes.length ?? nodes.length).fill(Number.NaN),
    servers: new Float32Array(last?.servers.length ?? servers.length).fill(Number.NaN),
  };
}

function push(history: ClusterHistory, frame: HistoryFrame): ClusterHistory {
  const ticks = history.ticks + 1;
  const fine = pushFrame(history.tiers[0]?.frames ?? [], frame);
  const tiers = history.tiers.map((tier): HistoryTier => {
    const { ticksPerFrame, frames } = tier;
    if (ticksPerFrame === 1) return { ticksPerFrame, frames: fine };
    if (ticks % ticksPerFrame !== 0) return tier;
    return { ticksPerFrame, frames: pushFrame(frames, mergeFrames(fine.slice(-ticksPerFrame))) };
  });
  return { ...history, ticks, tiers };
}

function pushFrame(frames: readonly HistoryFrame[], frame: HistoryFrame): readonly HistoryFrame[] {
  return [...frames.slice(Math.max(0, frames.length + 1 - FRAMES_PER_TIER)), frame];
}

/** One frame for several, oldest first. */
function mergeFrames(frames: readonly HistoryFrame[]): HistoryFrame {
  return {
    at: frames.at(-1)?.at ?? 0,
    nodes: mergeFigures(frames.map(({ nodes }) => nodes)),
    servers: mergeFigures(frames.map(({ servers }) => servers)),
  };
}

/** The highest of each figure, marked where some of it was missing. */
export function mergeFigures(blocks: readonly Float32Array[]): Float32Array {
  const merged = new Float32Array(Math.max(0, ...blocks.map(({ length }) => length))).fill(Number.NaN);
  for (let place = 0; place < merged.length; place += 1) {
    let highest = Number.NaN;
    let isWhole = true;
    for (const block of blocks) {
      // Before it was watched nothing could be missing.
      if (place >= block.length) continue;
      const figure = block[place] ?? Number.NaN;
      if (Number.isNaN(figure) || isPartial(figure)) isWhole = false;
      const known = Math.abs(figure);
      if (!(known <= highest) && !Number.isNaN(known)) highest = known;
    }
    merged[place] = isWhole ? highest : -highest;
  }
  return merged;
}

/** True where some of what belongs to a figure was missing. */
export function isPartial(figure: number): boolean {
  return figure < 0 || Object.is(figure, -0);
}
