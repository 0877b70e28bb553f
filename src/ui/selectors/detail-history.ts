/** Charts of a detail view, side by side as far as there is room. */
import type { ClusterHistory } from "../../model/history/history.ts";
import {
  extendSeries,
  type HistorySubject,
  type Series,
  selectSeries,
  selectSilenceMs,
} from "../../model/history/series.ts";
import type { ClusterSnapshot } from "../../model/snapshot.ts";
import { CHART_WIDTH, chartLines, formatSpan } from "../chart/chart.ts";
import { formatCount } from "../format/number.ts";
import { fitLine, type Line, segment } from "../paint.ts";
import { type ConsoleState, selectShownAt } from "../state/state.ts";
import { selectGlyphs } from "./tables.ts";

/** A figure as a chart shows it. */
export interface Chart {
  readonly name: string;
  readonly subject: HistorySubject;
  readonly floor: number;
  readonly format: (value: number) => string;
}

const GAP = 2;
const MOST_IN_A_ROW = 4;

/** Seconds as a scale has them: `0.4s`, `12s`, `1200s`. */
export const formatSeconds = (value: number): string => `${value < 10 ? roundTenth(value) : formatCount(value)}s`;
export const formatMs = (value: number): string => `${formatCount(value)}ms`;
export const formatRate = (value: number): string => (value < 10 ? String(roundTenth(value)) : formatCount(value));

function roundTenth(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Charts of which nothing was ever known are left out; no lines at all without any. */
export function selectHistoryLines(
  state: ConsoleState,
  cluster: ClusterSnapshot,
  charts: readonly Chart[],
  width: number,
): Line[] {
  const { history } = cluster;
  if (history === undefined) return [];
  const drawn = charts.map((chart) => drawChart(state, history, chart)).filter((lines) => lines !== null);
  if (drawn.length === 0) return [];
  const most = Math.max(1, Math.min(MOST_IN_A_ROW, Math.floor((width + GAP) / (CHART_WIDTH + GAP))));
  const inARow = Math.ceil(drawn.length / Math.ceil(drawn.length / most));
  const rows: Line[] = [];
  for (let first = 0; first < drawn.length; first += inARow) rows.push(...besides(drawn.slice(first, first + inARow)));
  return [headingOf(state, history), ...rows, []];
}

function headingOf(state: ConsoleState, history: ClusterHistory): Line {
  const { minus, chartGap } = selectGlyphs(state);
  const spans = history.tiers.map(({ ticksPerFrame }) => formatSpan(60 * ticksPerFrame * history.tickMs));
  const line = [segment("History", "heading"), segment(`  ${minus}${spans[selectTier(state, history)]}`, "dim")];
  if (spans.length > 1) line.push(segment("  z", "key"), segment(` of ${spans.join(", ")}`, "dim"));
  return [...line, segment(`  ${chartGap}`, "warning"), segment(" data missing", "dim")];
}

function drawChart(state: ConsoleState, history: ClusterHistory, chart: Chart): readonly Line[] | null {
  const tier = selectTier(state, history);
  const now = selectShownAt(state);
  const extend = (series: Series) => extendSeries(series, history.tickMs, now);
  const newest = selectSeries(history, chart.subject);
  const series = selectSeries(history, chart.subject, tier);
  const silentMs = selectSilenceMs(history, chart.subject, now);
  if (series === null || newest === null || silentMs === null) return null;
  const fine = extend(newest);
  const isWhole = fine.missing.at(-1) === false;
  return chartLines(
    {
      ...chart,
      series: extend(series),
      newest: isWhole ? (fine.values.at(-1) ?? null) : null,
      silentMs,
      token: isWhole ? "accent" : "stale",
      frozenAt: state.frozen?.at ?? null,
    },
    selectGlyphs(state),
  );
}

/** A cluster with slow ticks has fewer spans to choose from. */
function selectTier(state: ConsoleState, history: ClusterHistory): number {
  return state.historySpan % history.tiers.length;
}

function besides(charts: readonly (readonly Line[])[]): Line[] {
  const rows = Math.max(...charts.map((lines) => lines.length));
  return Array.from({ length: rows }, (_, row) =>
    charts.flatMap((lines, index) => [
      ...(index === 0 ? [] : [segment(" ".repeat(GAP))]),
      ...fitLine(lines[row] ?? [], CHART_WIDTH, "left", ""),
    ]),
  );
}
