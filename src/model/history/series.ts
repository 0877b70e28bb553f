/** One figure of one node or server over time, picked out of the frames. */
import type { EpochMs } from "../reading.ts";
import { isPartial, mergeFigures } from "./append.ts";
import {
  type ClusterHistory,
  FRAMES_PER_TIER,
  type HistoryFrame,
  NODE_FIGURES,
  type NodeFigure,
  SERVER_FIGURES,
  type ServerFigure,
} from "./history.ts";

export interface Series {
  /** Oldest first, one per step. Null: no data, or before it was watched. */
  readonly values: readonly (number | null)[];
  /** True where data was missing, in whole (value null) or in part; false before it was watched, too. */
  readonly missing: readonly boolean[];
  /** Time a value stands for; the newest may be shorter. */
  readonly stepMs: number;
  /** Wall clock of the newest value. */
  readonly endAt: EpochMs;
}

/** What a series is about. */
export type HistorySubject =
  | { readonly node: string; readonly figure: NodeFigure }
  | { readonly server: string; readonly figure: ServerFigure };

/** The place of each name; lists of names stay the same object while they hold the same. */
const places = new WeakMap<readonly string[], ReadonlyMap<string, number>>();

function placeOf(names: readonly string[], name: string): number | null {
  let known = places.get(names);
  if (known === undefined) {
    known = new Map(names.map((each, index) => [each, index]));
    places.set(names, known);
  }
  return known.get(name) ?? null;
}

/** @param tier 0 is the finest; null when the history has no such tier, or nothing of the subject */
export function selectSeries(history: ClusterHistory, subject: HistorySubject, tier = 0): Series | null {
  const chosen = history.tiers[tier];
  const pick = createPick(history, subject);
  if (chosen === undefined || pick === null) return null;
  const newest = history.tiers[0]?.frames.at(-1);
  if (newest === undefined) return null;
  const rest = tier === 0 ? [] : selectRest(history, chosen.ticksPerFrame, pick);
  const figures = [...chosen.frames.map(pick), ...rest];
  return {
    values: figures.map((figure) => (figure === null || Number.isNaN(figure) ? null : Math.abs(figure))),
    missing: figures.map((figure) => figure !== null && (Number.isNaN(figure) || isPartial(figure))),
    stepMs: chosen.ticksPerFrame * history.tickMs,
    endAt: newest.at,
  };
}

/** A tick that has not come this long after it was due is missing, ms: as with readings. */
const LATE_MS = 500;

/** The same series up to now: with gaps for the ticks that should have come since its newest value. */
export function extendSeries(series: Series, tickMs: number, now: EpochMs): Series {
  const lateTicks = Math.floor((now - series.endAt - LATE_MS) / tickMs);
  if (lateTicks <= 0) return series;
  const steps = Math.min(FRAMES_PER_TIER, Math.ceil((lateTicks * tickMs) / series.stepMs));
  return {
    ...series,
    values: [...series.values, ...Array<null>(steps).fill(null)],
    missing: [...series.missing, ...Array<boolean>(steps).fill(true)],
  };
}

/** The newest value alone; null when there is none. */
export function selectNewest(history: ClusterHistory, subject: HistorySubject): number | null {
  const newest = history.tiers[0]?.frames.at(-1);
  const figure = newest === undefined ? null : (createPick(history, subject)?.(newest) ?? null);
  return figure === null || Number.isNaN(figure) ? null : Math.abs(figure);
}

/** For how long no value is known at all, ms; 0 while one is, null when there never was one. */
export function selectSilenceMs(history: ClusterHistory, subject: HistorySubject, now: EpochMs): number | null {
  for (const tier of history.tiers.keys()) {
    const series = selectSeries(history, subject, tier);
    if (series === null) return null;
    const { values, stepMs } = extendSeries(series, history.tickMs, now);
    const last = values.findLastIndex((value) => value !== null);
    if (last >= 0) return (values.length - 1 - last) * stepMs;
  }
  return null;
}

/** Reads the figure of the subject from a frame; null from one that was made before it was watched. */
type Pick = (frame: HistoryFrame) => number | null;

function createPick(history: ClusterHistory, subject: HistorySubject): Pick | null {
  const isNode = "node" in subject;
  const place = isNode ? placeOf(history.nodes, subject.node) : placeOf(history.servers, subject.server);
  if (place === null) return null;
  const figures: readonly string[] = isNode ? NODE_FIGURES : SERVER_FIGURES;
  const at = place * figures.length + figures.indexOf(subject.figure);
  return isNode ? ({ nodes }) => nodes[at] ?? null : ({ servers }) => servers[at] ?? null;
}

/** What came after the last frame of a coarse tier, as one figure more. */
function selectRest({ ticks, tiers }: ClusterHistory, ticksPerFrame: number, pick: Pick): readonly (number | null)[] {
  const rest = ticks % ticksPerFrame;
  const fine = tiers[0]?.frames ?? [];
  if (rest === 0 || fine.length === 0) return [];
  const figures = fine.slice(-rest).map(pick);
  return [mergeFigures(figures.map((figure) => Float32Array.of(...(figure === null ? [] : [figure]))))[0] ?? null];
}
