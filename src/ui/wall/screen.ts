/** State to the lines of the wall screen: as many as the terminal has, none wider. */
import { ASCII_GLYPHS, type Glyphs, UNICODE_GLYPHS } from "../glyphs.ts";
import { fitLine, type Line, segment } from "../paint.ts";
import { chooseBarSize, drawHeader, drawHidden, drawNotes, drawShortBar } from "./bars.ts";
import { besides, blankLines, sizeHeight } from "./block.ts";
import { type ClusterView, selectClusterView } from "./cluster-view.ts";
import { chooseField, countSteps, selectOffset } from "./drift.ts";
import { type Grid, planGrid, TILE_GAP } from "./grid.ts";
import { selectOrder } from "./reduce.ts";
import type { WallState } from "./state.ts";
import { drawTiles } from "./tile.ts";
import { elapsedMs } from "./time.ts";

export function selectWallScreen(state: WallState): Line[] {
  const { size } = state;
  const field = chooseField(size);
  const { left, top } = selectOffset(countSteps(elapsedMs(state.started, state.now)), field);
  const room = { columns: size.columns - field.columns, rows: size.rows - field.rows };
  const mostAcross = field.columns === 0 ? 2 : field.columns;
  const picture = drawPicture(state, room.columns, room.rows, mostAcross);
  const moved = picture.map((line) => (left === 0 ? line : [segment(" ".repeat(left)), ...line]));
  const lines = [...blankLines(top), ...moved];
  return Array.from({ length: size.rows }, (_, row) => lines[row] ?? []);
}

function drawPicture(state: WallState, columns: number, rows: number, mostAcross: number): Line[] {
  const glyphs = state.options.unicode ? UNICODE_GLYPHS : ASCII_GLYPHS;
  const views = selectOrder(state).map((name) => selectClusterView(state, name));
  const healths = views.map(({ health }) => health);
  const bar = chooseBarSize(columns, rows, state.options.unicode);
  const headerRows = sizeHeight(bar);
  const gap = rows >= 20 ? 1 : 0;
  const shown = state.rotation === null ? views : views.filter(({ name }) => name === state.rotation?.shown);
  const area = (hiddenRows: number) => ({ columns, rows: rows - headerRows - gap - hiddenRows - 1 });
  const whole = planGrid(shown.length, area(0), glyphs.unicode);
  if (whole === null) return drawTiny(state, shown[0] ?? null, healths, columns, rows, glyphs);
  const isWhole = whole.across * whole.down >= shown.length;
  const hiddenRows = isWhole ? 0 : headerRows + (headerRows > 1 ? 1 : 0);
  const grid = isWhole ? whole : (planGrid(shown.length, area(hiddenRows), glyphs.unicode) ?? whole);
  const fit = grid.across * grid.down;
  const hidden = shown.slice(fit).map(({ health }) => health);
  const body = drawGrid(shown.slice(0, fit), grid, mostAcross, glyphs);
  const bodyRows = area(hiddenRows).rows;
  return [
    ...drawHeader(state, healths, columns, bar, glyphs),
    ...blankLines(gap),
    ...Array.from({ length: bodyRows }, (_, row) => body[row] ?? []),
    ...padTop(drawHidden(hidden, columns, bar, glyphs), hiddenRows),
    drawNotes(state, describePlace(state, views), columns, glyphs),
  ].map((line) => fitLine(line, columns, "left", glyphs.ellipsis));
}

function padTop(lines: readonly Line[], rows: number): Line[] {
  return [...blankLines(rows - lines.length), ...lines];
}

function drawGrid(views: readonly ClusterView[], grid: Grid, mostAcross: number, glyphs: Glyphs): Line[] {
  const rooms = { columns: grid.columns, rows: grid.rows, mostAcross };
  const drawn = drawTiles(views, rooms, glyphs);
  return Array.from({ length: grid.down }, (_, row) => {
    const tiles = drawn.slice(row * grid.across, (row + 1) * grid.across);
    return [...(row === 0 ? [] : blankLines(1)), ...besides(tiles, TILE_GAP)];
  }).flat();
}

/** Where the rotation is. */
function describePlace({ rotation, options }: WallState, views: readonly ClusterView[]): string {
  if (rotation === null || views.length < 2) return "";
  const place = views.findIndex(({ name }) => name === rotation.shown) + 1;
  return `cluster ${place} of ${views.length}, worst first, every ${(options.rotateMs ?? 0) / 1_000} s`;
}

/** Too small for any tile: the worst cluster, the clock, and how many are how. */
function drawTiny(
  state: WallState,
  view: ClusterView | null,
  healths: ClusterView["health"][],
  columns: number,
  rows: number,
  glyphs: Glyphs,
): Line[] {
  const cluster = (view === null ? [] : drawTiles([view], { columns, rows: 3, mostAcross: 1 }, glyphs)).flat();
  const lines = [...cluster.slice(0, 1), ...drawShortBar(state, healths, glyphs), ...cluster.slice(1)];
  return lines.slice(0, rows).map((line) => fitLine(line, columns, "left", glyphs.ellipsis));
}
