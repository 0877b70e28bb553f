/** Cells that show how a figure moved over the last ticks. */
import type { ClusterHistory } from "../../model/history/history.ts";
import { extendSeries, type HistorySubject, type Series, selectSeries } from "../../model/history/series.ts";
import { formatSparkline } from "../format/sparkline.ts";
import { type Line, segment } from "../paint.ts";
import type { CellContext } from "./column.ts";

export const TREND_WIDTH = 10;

export interface TrendSpec {
  readonly subject: HistorySubject;
  /** Cells, one for each tick. */
  readonly width: number;
  /** A full column stands for no less than this: noise below it stays flat. */
  readonly floor: number;
}

/** Blank where nothing was ever known: a node that follows nobody has no lag. */
export function trendCell(history: ClusterHistory | null, spec: TrendSpec, context: CellContext): Line {
  const series = history === null ? null : selectSeries(history, spec.subject);
  if (history === null || series === null || series.values.every((value) => value === null)) return [segment("")];
  const samples = wholeSamples(extendSeries(series, history.tickMs, context.now));
  const token = samples.at(-1) === null ? "stale" : "accent";
  return [segment(formatSparkline(samples, spec.width, spec.floor, context.glyphs), token)];
}

/** A sum of which a part is missing would look like a fall: there is no room here to say so, so it is a gap. */
function wholeSamples({ values, missing }: Series): readonly (number | null)[] {
  const watched = values.findIndex((value, index) => value !== null || missing[index] === true);
  return values.slice(watched).map((value, index) => (missing[watched + index] === true ? null : value));
}
