/** One cluster as a rectangle of lines: a tile among others, or the whole screen. */

import { SEVERITY_TOKENS } from "../columns/timeline.ts";
import { safeText } from "../format/text.ts";
import type { Glyphs } from "../glyphs.ts";
import { type Line, type Segment, segment } from "../paint.ts";
import { HEALTH_TOKENS } from "../selectors/header.ts";
import type { Token } from "../theme.ts";
import { listSizes, toLargeText } from "./big-type.ts";
import { besides, blankLines, drawText, fitBlock, type Size, sizeHeight, textColumns } from "./block.ts";
import type { ClusterView } from "./cluster-view.ts";
import { FACT_GAP, findCommonPlan, isLarge, NAME_GAP, planTile, type TilePlan, type TileWish } from "./plan-tile.ts";

export interface TileRoom {
  readonly columns: number;
  readonly rows: number;
  readonly mostAcross: number;
}

/** Tiles of one screen, each exactly as large as there is room. */
export function drawTiles(views: readonly ClusterView[], room: TileRoom, glyphs: Glyphs): Line[][] {
  const wishes = views.map((view) => describeWish(view, room, views.length === 1, glyphs));
  const plans = wishes.map(planTile);
  const common = findCommonPlan(wishes, plans);
  return views.map((view, index) => {
    const own = plans[index];
    return drawTile(view, room, isLarge(own) ? (common ?? own) : own, glyphs);
  });
}

function describeWish(view: ClusterView, room: TileRoom, alone: boolean, glyphs: Glyphs): TileWish {
  return {
    ...room,
    alone,
    unicode: glyphs.unicode,
    name: toLargeText(view.name),
    writer: toLargeText(view.writer.text),
    // Units are small letters.
    lag: view.lag.text,
  };
}

function drawTile(view: ClusterView, room: TileRoom, plan: TilePlan | undefined, glyphs: Glyphs): Line[] {
  const { columns, rows } = room;
  if (rows < 4 || plan === undefined) return fitBlock(shortLines(view, glyphs), columns, rows, glyphs.ellipsis);
  const between = blankLines(plan.gap);
  const lines = [
    ...drawName(view, plan.name, glyphs),
    ...between,
    ...drawHealth(view, plan.health, glyphs),
    ...between,
    ...drawFacts(view, plan, columns, glyphs),
    ...between,
    ...drawTexts(view, plan.textRows, columns, glyphs),
  ];
  return fitBlock(lines, columns, rows, glyphs.ellipsis);
}

function changedText(view: ClusterView, glyphs: Glyphs): string {
  return view.changedAge === null ? "" : `${glyphs.marked} ${view.changedAge}`;
}

function changedMark(view: ClusterView, glyphs: Glyphs): Segment[] {
  return view.changedAge === null ? [] : [segment(` ${changedText(view, glyphs)}`, "marked")];
}

function drawName(view: ClusterView, size: Size, glyphs: Glyphs): Line[] {
  const token: Token = view.isPast ? "stale" : "title";
  if (size === null) return [[segment(view.name, token), ...changedMark(view, glyphs)]];
  const name = toLargeText(view.name) ?? view.name;
  const mark = changedText(view, glyphs);
  const rows = sizeHeight(size);
  const blocks = [fitBlock(drawText(name, size, token), textColumns(name, size) ?? 0, rows, "")];
  if (mark !== "") blocks.push(drawText(mark, size, "marked"));
  return besides(blocks, NAME_GAP);
}

function healthToken(view: ClusterView): Token {
  return HEALTH_TOKENS[view.health];
}

function drawHealth(view: ClusterView, size: Size, glyphs: Glyphs): Line[] {
  const word = view.health.toUpperCase();
  if (size !== null) return drawText(word, size, healthToken(view));
  return [
    [segment(`${glyphs.health[view.health]} ${word}`, healthToken(view)), ...wasSegments(view.marks.health, glyphs)],
  ];
}

function wasSegments(mark: string | null, glyphs: Glyphs): Segment[] {
  return mark === null ? [] : [segment(` ${glyphs.marked} ${safeText(mark)}`, "marked")];
}

/** Writer and lag: labels above, large; or in one line. */
function drawFacts(view: ClusterView, plan: TilePlan, columns: number, glyphs: Glyphs): Line[] {
  const { writer, lag } = view;
  if (plan.fact === null) {
    return [
      [
        segment("writer ", "dim"),
        segment(writer.text, writer.token),
        ...wasSegments(view.marks.writer, glyphs),
        segment("  lag ", "dim"),
        segment(lag.text, lag.token),
        ...wasSegments(view.marks.lag, glyphs),
      ],
    ];
  }
  const lagColumns = Math.max(textColumns(lag.text, plan.fact) ?? 0, textColumns("59s", plan.fact) ?? 0);
  // The lag stands at the same place whatever the writer is called.
  const left = Math.min(
    columns - lagColumns - FACT_GAP,
    Math.max(Math.floor(columns * 0.6), largeColumns(writer.text, plan.fact)),
  );
  const writerLines = drawFact("writer", writer.text, writer.token, view.marks.writer, plan, glyphs);
  const lagLines = drawFact("lag", lag.text, lag.token, view.marks.lag, plan, glyphs);
  const rows = Math.max(writerLines.length, lagLines.length);
  const right = columns - left - FACT_GAP;
  return besides([fitBlock(writerLines, left, rows, ""), fitBlock(lagLines, right, rows, "")], FACT_GAP);
}

function largeColumns(text: string, size: Size): number {
  return textColumns(toLargeText(text) ?? text, size) ?? 0;
}

function drawFact(
  label: string,
  text: string,
  token: Token,
  mark: string | null,
  plan: TilePlan,
  glyphs: Glyphs,
): Line[] {
  const [first = [], ...rest] = drawText(plan.label === null ? label : label.toUpperCase(), plan.label, "dim");
  const large = label === "lag" ? text : (toLargeText(text) ?? text);
  return [[...first, ...wasSegments(mark, glyphs)], ...rest, ...drawText(large, plan.fact, token)];
}

/** Below, who answers. Above it, in turns, what is wrong and what changed, as far as there is room; with much room the worst is large. */
function drawTexts(view: ClusterView, rows: number, columns: number, glyphs: Glyphs): Line[] {
  if (rows <= 0) return [];
  const sight = sightLine(view, glyphs);
  const headline = drawHeadline(view, rows, columns, glyphs);
  const notes = [
    ...(view.healthNote === "" ? [] : [[segment(view.healthNote, "unknown")]]),
    ...factNotes(view),
    ...takeTurns(alertLines(view, glyphs), changeLines(view, glyphs)),
  ];
  if (rows === 1) return [notes[0] ?? sight];
  const last = sight.length === 0 ? [] : [sight];
  return [...headline, ...notes.slice(0, rows - last.length - headline.length), ...last];
}

/** The worst alert in large type, e.g. `REPLICA-SQL-STOPPED DB4`; nothing where it would take the room of the text. */
function drawHeadline({ alerts }: ClusterView, rows: number, columns: number, glyphs: Glyphs): Line[] {
  const [worst] = alerts;
  if (worst === undefined || worst.severity === "info") return [];
  const code = toLargeText(worst.code);
  const whole = toLargeText(`${worst.code} ${safeText(worst.node ?? "")}`.trim()) ?? code;
  for (const size of listSizes(glyphs.unicode)) {
    if (sizeHeight(size) * 2 + 2 > rows) continue;
    const text = [whole, code].find((each) => each !== null && (textColumns(each, size) ?? columns + 1) <= columns);
    if (text != null) return [...drawText(text, size, SEVERITY_TOKENS[worst.severity]), []];
  }
  return [];
}

function factNotes({ writer, lag, marks, healthNote }: ClusterView): Line[] {
  const parts: Segment[] = [];
  if (marks.health !== null && healthNote === "")
    parts.push(
      segment(`${marks.health.replace(/was (\w+)/, (_, word: string) => `was ${word.toUpperCase()}`)}  `, "marked"),
    );
  if (writer.note !== "") parts.push(segment(`writer: ${writer.note}  `, writer.token));
  if (lag.note !== "") parts.push(segment(`lag: ${lag.note}`, lag.token === "dim" ? "dim" : lag.token));
  return parts.length === 0 ? [] : [parts];
}

function takeTurns(a: readonly Line[], b: readonly Line[]): Line[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, index) =>
    [a[index], b[index]].filter((line) => line !== undefined),
  ).flat();
}

function alertLines({ alerts }: ClusterView, glyphs: Glyphs): Line[] {
  return alerts.map(({ severity, code, message }) => [
    segment(`${glyphs.severity[severity]} ${code}`, SEVERITY_TOKENS[severity]),
    segment(` ${safeText(message)}`),
  ]);
}

function changeLines({ recent }: ClusterView, glyphs: Glyphs): Line[] {
  return recent.map(({ age, subject, before, after }) => [
    segment(`${glyphs.marked} ${age} `, "marked"),
    segment(`${subject}: ${before} ${glyphs.arrow} ${after}`),
  ]);
}

function sightLine({ sight }: ClusterView, glyphs: Glyphs): Line {
  if (sight === null) return [];
  const { nodes, haproxies, silent } = sight;
  const token = (all: boolean): Token => (all ? "dim" : "warning");
  const line: Segment[] = [
    segment(`${nodes.answering}/${nodes.all} nodes`, token(nodes.answering === nodes.all)),
    segment(` ${glyphs.separator} `, "dim"),
    segment(`${haproxies.answering}/${haproxies.all} HAProxy`, token(haproxies.answering === haproxies.all)),
  ];
  if (silent.length > 0) line.push(segment(`  silent: ${silent.join(" ")}`, "warning"));
  return line;
}

/** Three lines or less: what matters most first. */
function shortLines(view: ClusterView, glyphs: Glyphs): Line[] {
  const word = `${glyphs.health[view.health]} ${view.health.toUpperCase()}`;
  const { writer, lag } = view;
  return [
    [segment(word, healthToken(view)), segment(` ${view.name}`, "title"), ...changedMark(view, glyphs)],
    [
      segment("writer ", "dim"),
      segment(writer.text, writer.token),
      segment(" lag ", "dim"),
      segment(lag.text, lag.token),
    ],
    drawTexts(view, 1, 0, glyphs)[0] ?? [],
  ];
}
