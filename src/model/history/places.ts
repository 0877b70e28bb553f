/** Places in the frames for names that come and go. A name keeps its place; only when most names are gone all move together. */
import { type ClusterHistory, type HistoryFrame, NODE_FIGURES, SERVER_FIGURES } from "./history.ts";

/** Names of nodes and servers that exist now. */
export interface LiveNames {
  readonly nodes: ReadonlySet<string>;
  readonly servers: ReadonlySet<string>;
}

/** The same history without the names that are gone and of which nothing is known any more. */
export function compactHistory(history: ClusterHistory, live: LiveNames): ClusterHistory {
  const frames = history.tiers.flatMap((tier) => tier.frames);
  const nodes = selectKept(history.nodes, live.nodes, frames, "nodes", NODE_FIGURES.length);
  const servers = selectKept(history.servers, live.servers, frames, "servers", SERVER_FIGURES.length);
  return {
    ...history,
    nodes: nodes.map((place) => history.nodes[place] ?? ""),
    servers: servers.map((place) => history.servers[place] ?? ""),
    tiers: history.tiers.map((tier) => ({
      ...tier,
      frames: tier.frames.map((frame) => ({
        at: frame.at,
        nodes: moveFigures(frame.nodes, nodes, NODE_FIGURES.length),
        servers: moveFigures(frame.servers, servers, SERVER_FIGURES.length),
      })),
    })),
  };
}

function selectKept(
  names: readonly string[],
  live: ReadonlySet<string>,
  frames: readonly HistoryFrame[],
  block: "nodes" | "servers",
  stride: number,
): number[] {
  const isKnown = (place: number) => frames.some((frame) => hasFigure(frame[block], place * stride, stride));
  return names.flatMap((name, place) => (live.has(name) || isKnown(place) ? [place] : []));
}

function hasFigure(figures: Float32Array, from: number, stride: number): boolean {
  for (let at = from; at < Math.min(figures.length, from + stride); at += 1) {
    if (!Number.isNaN(figures[at])) return true;
  }
  return false;
}

/** Places before which nobody watched stay so only at the end of a block: those that lie before others become gaps. */
function moveFigures(figures: Float32Array, kept: readonly number[], stride: number): Float32Array {
  const watched = kept.filter((place) => place * stride < figures.length).length;
  const moved = new Float32Array(watched * stride).fill(Number.NaN);
  kept.slice(0, watched).forEach((place, index) => {
    moved.set(figures.subarray(place * stride, (place + 1) * stride), index * stride);
  });
  return moved;
}
