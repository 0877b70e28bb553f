/** A chart of one figure: its name with the newest and highest value, the columns between two axes, and when they were. */

import type { Series } from "../../model/history/series.ts";
import type { EpochMs } from "../../model/reading.ts";
import { formatClock, formatCoarse } from "../format/duration.ts";
import { UNKNOWN } from "../format/number.ts";
import { textWidth } from "../format/text.ts";
import type { Glyphs } from "../glyphs.ts";
import { type Line, type Segment, segment } from "../paint.ts";
import type { Token } from "../theme.ts";
import { plotAscii, plotBraille } from "./plot.ts";
import { selectHighest } from "./scale.ts";

/** Cells of values on the left of the axis. */
const SCALE_WIDTH = 6;
const PLOT_WIDTH = 30;
const PLOT_HEIGHT = 4;
/** Two values to a cell. */
const POINTS = 2 * PLOT_WIDTH;

export const CHART_WIDTH = SCALE_WIDTH + 1 + PLOT_WIDTH;

export interface ChartSpec {
  readonly name: string;
  /** Already extended to the moment that is shown. */
  readonly series: Series;
  /** Null: not known now, or known in part only. */
  readonly newest: number | null;
  /** For how long there was none, ms; null: never one at all. */
  readonly silentMs: number | null;
  /** The scale is never finer than this. */
  readonly floor: number;
  readonly token: Token;
  readonly format: (value: number) => string;
  /** Moment at which the screen was frozen; null while it runs. */
  readonly frozenAt: EpochMs | null;
}

/** Lines of at most CHART_WIDTH cells. */
export function chartLines(spec: ChartSpec, glyphs: Glyphs): Line[] {
  const values = spec.series.values.slice(-POINTS);
  const missing = spec.series.missing.slice(-POINTS);
  const highest = selectHighest(values, spec.floor);
  const plot = (glyphs.unicode ? plotBraille : plotAscii)(values, PLOT_WIDTH, PLOT_HEIGHT, highest);
  const marks = [spec.format(highest), ...Array<string>(PLOT_HEIGHT - 2).fill(""), spec.format(0)];
  return [
    titleLine(spec, values),
    ...plot.map((line, row): Line => {
      const mark = marks[row] ?? "";
      const axis = mark === "" ? glyphs.bar : glyphs.chartMark;
      return [segment(`${mark.padStart(SCALE_WIDTH)}${axis}`, "dim"), segment(line, spec.token)];
    }),
    [segment(" ".repeat(SCALE_WIDTH) + glyphs.chartCorner, "dim"), ...timeAxis(values, missing, glyphs)],
    timeLabels(spec, glyphs),
  ];
}

function titleLine({ name, newest, silentMs, format }: ChartSpec, values: Series["values"]): Line {
  const known = values.filter((value) => value !== null);
  const highest = known.length === 0 ? UNKNOWN : format(Math.max(...known));
  const line: Segment[] = [
    segment(`${name} `, "strong"),
    newest === null ? segment(UNKNOWN, "unknown") : segment(format(newest)),
    segment(`  highest ${highest}`, "dim"),
  ];
  if (silentMs !== null && silentMs > 0) line.push(segment(`  none for ${formatCoarse(silentMs / 1_000)}`, "warning"));
  return line;
}

/** A rule below what was watched; where data was missing the gap's own mark, whatever is drawn above it. */
function timeAxis(values: Series["values"], missing: Series["missing"], glyphs: Glyphs): Line {
  const before = POINTS - values.length;
  const line: Segment[] = [];
  for (let cell = 0; cell < PLOT_WIDTH; cell += 1) {
    const points = [2 * cell - before, 2 * cell + 1 - before];
    const isGap = points.some((point) => missing[point] === true);
    const isWatched = isGap || points.some((point) => (values[point] ?? null) !== null);
    const text = isGap ? glyphs.chartGap : isWatched ? glyphs.rule : " ";
    const token = isGap ? "warning" : "dim";
    const last = line.at(-1);
    if (last?.token === token) line[line.length - 1] = segment(last.text + text, token);
    else line.push(segment(text, token));
  }
  return line;
}

function timeLabels({ series, frozenAt }: ChartSpec, glyphs: Glyphs): Line {
  const left = `${glyphs.minus}${formatSpan(series.stepMs * POINTS)}`;
  const right = frozenAt === null ? "now" : `frozen ${formatClock(frozenAt)}`;
  const room = PLOT_WIDTH - textWidth(left) - textWidth(right);
  return [
    segment(`${" ".repeat(SCALE_WIDTH + 1)}${left}${" ".repeat(Math.max(1, room))}`, "dim"),
    segment(right, frozenAt === null ? "dim" : "badge"),
  ];
}

/** `60 s`, `5 min`: how far back a chart reaches. */
export function formatSpan(ms: number): string {
  return ms < 120_000 ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / 60_000)} min`;
}
