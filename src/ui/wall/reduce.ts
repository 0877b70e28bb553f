/** Pictures and time to the state of the wall screen. */
import type { Health } from "../../model/alert.ts";
import { isEngineLost } from "../../model/reading.ts";
import type { ClusterSnapshot, Snapshot } from "../../model/snapshot.ts";
import type { LagLimits } from "../state/state.ts";
import { selectLagFact, selectWriterFact } from "./facts.ts";
import { stepRotation } from "./rotation.ts";
import { type ClusterMemory, MARK_MS, RECENT_LIMIT, type Told, type WallState } from "./state.ts";
import { elapsedMs, type WallTime } from "./time.ts";
import { isComplete, rankHealth } from "./worsening.ts";

const NO_MEMORY: Omit<ClusterMemory, "heldRank"> = { told: null, marks: {}, lastKnown: null, recent: [] };
/** A cluster that got better keeps its place for this long. */
const HOLD_RANK_MS = 10_000;

/** @param worsened names of clusters that got worse with this picture, worst first */
export function takeSnapshot(
  state: WallState,
  snapshot: Snapshot,
  worsened: readonly string[],
  now: WallTime,
): WallState {
  if (state.snapshot !== null && snapshot.seq <= state.snapshot.seq) return state;
  const memories = Object.fromEntries(
    snapshot.clusters.map((cluster) => {
      const limits = state.options.lagLimits[cluster.name] ?? DEFAULT_LIMITS;
      return [cluster.name, remember(state.memories[cluster.name], cluster, limits, snapshot, now)];
    }),
  );
  const next = { ...state, now, snapshot, heard: now, memories, engine: watchEngine(state, snapshot, now) };
  return rotate(next, worsened);
}

/** Time passes. */
export function takeTime(state: WallState, now: WallTime): WallState {
  const memories = Object.fromEntries(
    Object.entries(state.memories).map(([name, memory]) => [name, forget(memory, now)]),
  );
  return rotate({ ...state, now, memories }, []);
}

/** Names of all clusters, worst first, then as configured. */
export function selectOrder(state: WallState): readonly string[] {
  const names = state.snapshot?.clusters.map(({ name }) => name) ?? state.options.clusterNames;
  const rank = (name: string) => state.memories[name]?.heldRank.rank ?? rankHealth("unknown");
  return [...names].sort((a, b) => rank(b) - rank(a));
}

export const DEFAULT_LIMITS: LagLimits = { warningSeconds: 5, criticalSeconds: 30 };

function rotate(state: WallState, worsened: readonly string[]): WallState {
  const { rotateMs } = state.options;
  if (rotateMs === null) return state;
  const rotation = stepRotation(state.rotation, {
    order: selectOrder(state),
    worsened,
    nowMs: state.now.monotonicMs,
    rotateMs,
  });
  return rotation === state.rotation ? state : { ...state, rotation };
}

function remember(
  memory: ClusterMemory | undefined,
  cluster: ClusterSnapshot,
  limits: LagLimits,
  snapshot: Snapshot,
  now: WallTime,
): ClusterMemory {
  const known = forget(memory ?? { ...NO_MEMORY, heldRank: { rank: 0, at: now } }, now);
  const { health } = cluster;
  const told: Told = {
    health,
    writer: selectWriterFact(cluster).text,
    lag: selectLagFact(cluster, limits).level,
  };
  const isSettled = known.told !== null || isComplete(cluster);
  const news = snapshot.changes
    .filter((change) => change.cluster === cluster.name)
    .map((change) => ({ change, heard: now }));
  return {
    told: isSettled ? told : null,
    marks: known.told === null ? {} : { ...known.marks, ...markChanges(known.told, told, now) },
    lastKnown: health === "unknown" ? known.lastKnown : { health, at: now },
    recent: news.length === 0 ? known.recent : [...news.reverse(), ...known.recent].slice(0, RECENT_LIMIT),
    heldRank: holdRank(known.heldRank, health, now),
  };
}

function markChanges(before: Told, after: Told, now: WallTime): ClusterMemory["marks"] {
  const changed = (["health", "writer", "lag"] as const).filter((key) => before[key] !== after[key]);
  return Object.fromEntries(changed.map((key) => [key, { since: now, before: before[key] }]));
}

function holdRank(held: ClusterMemory["heldRank"], health: Health, now: WallTime): ClusterMemory["heldRank"] {
  const rank = rankHealth(health);
  if (rank >= held.rank) return { rank, at: now };
  return elapsedMs(held.at, now) >= HOLD_RANK_MS ? { rank, at: now } : held;
}

/** Marks end after a minute. */
function forget(memory: ClusterMemory, now: WallTime): ClusterMemory {
  const recent = memory.recent.filter(({ heard }) => elapsedMs(heard, now) < MARK_MS);
  const marks = Object.entries(memory.marks).filter(([, { since }]) => elapsedMs(since, now) < MARK_MS);
  const isSame = recent.length === memory.recent.length && marks.length === Object.keys(memory.marks).length;
  return isSame ? memory : { ...memory, recent, marks: Object.fromEntries(marks) };
}

function watchEngine({ engine }: WallState, snapshot: Snapshot, now: WallTime): WallState["engine"] {
  const readings = snapshot.clusters.flatMap(({ haproxies, nodes }) => [...haproxies, ...nodes]);
  const lost = readings.length > 0 && readings.every(({ reading }) => isEngineLost(reading));
  if (lost === engine.lost) return engine;
  return { lost, losses: engine.losses + (lost ? 1 : 0), at: now };
}
