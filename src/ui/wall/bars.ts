/** What stands above and below the clusters: how many are how, the age of the data, the clock, and what there is to say of signalbox itself. */
import type { Health } from "../../model/alert.ts";
import { printable } from "../../model/printable.ts";
import { formatAge, formatClock, formatCoarse } from "../format/duration.ts";
import type { Glyphs } from "../glyphs.ts";
import { fitLine, type Line, lineWidth, type Segment, segment } from "../paint.ts";
import { HEALTH_TOKENS } from "../selectors/header.ts";
import type { Token } from "../theme.ts";
import { listSizes } from "./big-type.ts";
import { besides, drawText, fitBlock, type Size, sizeHeight, textColumns } from "./block.ts";
import { isLate, selectPictureAge } from "./cluster-view.ts";
import { MARK_MS, type WallState } from "./state.ts";
import { elapsedMs } from "./time.ts";

interface Word {
  readonly text: string;
  readonly token: Token;
}

const WORST_FIRST: readonly Health[] = ["critical", "warning", "unknown", "ok"];
const BAR_GAP = 3;
/** How long it is said that a key does nothing. */
const KEY_MS = 5_000;

/** Type of the bars: the smallest large one where the screen has lines to spare, so that the clock is read from afar, too. */
export function chooseBarSize(columns: number, rows: number, unicode: boolean): Size {
  if (rows < 40 || columns < 100) return null;
  const sizes = listSizes(unicode);
  const isHuge = unicode && rows >= 80 && columns >= 200;
  return (isHuge ? sizes.find((size) => sizeHeight(size) <= 5) : sizes.at(-1)) ?? null;
}

/** `1 CRITICAL`, `11 OK`, worst first, of the given clusters. */
function countHealths(healths: readonly Health[]): readonly Word[] {
  return WORST_FIRST.flatMap((health) => {
    const number = healths.filter((each) => each === health).length;
    return number === 0 ? [] : [{ text: `${number} ${health.toUpperCase()}`, token: HEALTH_TOKENS[health] }];
  });
}

function ageWord(state: WallState): Word {
  const age = selectPictureAge(state);
  if (age === null || state.snapshot === null) return { text: "no data", token: "unknown" };
  if (isLate(state)) return { text: `data ${formatAge(age)} old`, token: "critical" };
  const { intervalMs } = state.snapshot;
  // Below one interval the figure says nothing new and would change all the time.
  if (age >= intervalMs + 500) return { text: `data ${formatAge(age)}`, token: "stale" };
  return { text: `data ${intervalMs <= 1_000 ? "<1s" : `<${formatCoarse(intervalMs / 1_000)}`}`, token: "dim" };
}

/** The unit of time stays small. */
function enlarge(text: string): string {
  return text.replace(/[a-z]{2,}/g, (word) => word.toUpperCase());
}

function writeWords(words: readonly Word[], size: Size): Drawn | null {
  const blocks: Line[][] = [];
  let columns = 0;
  for (const { text, token } of words) {
    const shown = size === null ? text : enlarge(text);
    const width = textColumns(shown, size);
    if (width === null) return null;
    blocks.push(fitBlock(drawText(shown, size, token), width, sizeHeight(size), ""));
    columns += width + (blocks.length === 1 ? 0 : BAR_GAP);
  }
  return { lines: besides(blocks, BAR_GAP), columns };
}

/** The same by signs: `✖1 ●11`. */
function countShort(healths: readonly Health[], glyphs: Glyphs): readonly Word[] {
  return WORST_FIRST.flatMap((health) => {
    const number = healths.filter((each) => each === health).length;
    return number === 0 ? [] : [{ text: `${glyphs.health[health]}${number}`, token: HEALTH_TOKENS[health] }];
  });
}

/** Words in the largest way that fits: large, in ordinary type, by signs. */
function fitCounts(
  lead: readonly Word[],
  healths: readonly Health[],
  room: number,
  size: Size,
  glyphs: Glyphs,
): Line[] {
  const long = [...lead, ...countHealths(healths)];
  const smaller = listSizes(glyphs.unicode).filter((each) => sizeHeight(each) < sizeHeight(size));
  const ways = [size, ...smaller, null].map((each) => writeWords(long, each));
  const fitting = ways.find((way) => way !== null && way.columns <= room);
  return (fitting ?? writeWords([...lead, ...countShort(healths, glyphs)], null))?.lines ?? [];
}

/** Counts at the left, age and clock at the right. What does not fit large is in ordinary type: first the age, then the counts. */
export function drawHeader(
  state: WallState,
  healths: readonly Health[],
  columns: number,
  size: Size,
  glyphs: Glyphs,
): Line[] {
  const rows = sizeHeight(size);
  const clock = { text: formatClock(state.now.epochMs), token: "text" } as const;
  const age = ageWord(state);
  const ends = [size, null].map((ageSize) => drawEnd(age, ageSize, clock, size, rows));
  const isTight = (end: Drawn) =>
    (writeWords(countHealths(healths), size)?.columns ?? columns) + BAR_GAP + end.columns > columns;
  const end = ends.find((each) => healths.length > 1 && !isTight(each)) ?? ends[0] ?? { lines: [], columns: 0 };
  const room = Math.max(0, columns - end.columns - BAR_GAP);
  const left =
    healths.length > 1 ? fitCounts([], healths, room, size, glyphs) : [[segment("signalbox watch", "dim" as const)]];
  return besides([fitBlock(left, room, rows, ""), fitBlock(end.lines, columns - room - BAR_GAP, rows, "")], BAR_GAP);
}

interface Drawn {
  readonly lines: Line[];
  readonly columns: number;
}

function drawEnd(age: Word, ageSize: Size, clock: Word, clockSize: Size, rows: number): Drawn {
  const parts = [writeWords([age], ageSize) ?? writeWords([age], null), writeWords([clock], clockSize)];
  const drawn = parts.flatMap((part) => (part === null ? [] : [part]));
  const blocks = drawn.map(({ lines, columns }) => fitBlock(lines, columns, rows, ""));
  const columns = drawn.reduce((sum, part) => sum + part.columns, 0) + BAR_GAP * (drawn.length - 1);
  return { lines: besides(blocks, BAR_GAP), columns };
}

/** Clusters that have no tile: by number, never left out in silence. */
export function drawHidden(healths: readonly Health[], columns: number, size: Size, glyphs: Glyphs): Line[] {
  if (healths.length === 0) return [];
  return fitCounts([{ text: `+${healths.length} more:`, token: "strong" }], healths, columns, size, glyphs);
}

/** One line about signalbox itself; blank when there is nothing to say. */
export function drawNotes(state: WallState, place: string, columns: number, glyphs: Glyphs): Line {
  const notes: Segment[] = [];
  const say = (text: string, token: Token) =>
    notes.push(...(notes.length > 0 ? [segment("  ")] : []), segment(text, token));
  const { engine, now, defects, keyTold } = state;
  if (keyTold !== null && elapsedMs(keyTold, now) < KEY_MS) say("This screen only shows. q or Ctrl-C ends it.", "key");
  if (engine.lost) say("signalbox's own engine is not heard; it is being started again", "critical");
  else if (engine.at !== null && elapsedMs(engine.at, now) < MARK_MS) {
    const often = engine.losses > 1 ? ` (${engine.losses} times since the start)` : "";
    say(`${glyphs.marked} signalbox's own engine was lost and runs again${often}`, "marked");
  }
  if (defects !== null && elapsedMs(defects.at, now) < MARK_MS)
    say(`signalbox: a defect of its own, survived: ${printable(defects.text)}`, "warning");
  const right = [segment(place, "dim")];
  const room = columns - lineWidth(right);
  if (room < 1) return fitLine(right, columns, "left", "");
  return [...fitLine(notes, room, "left", glyphs.ellipsis), ...right];
}

/** `03:12:45 <1s`: what is left of the bars on a very small terminal. */
export function drawShortBar(state: WallState, healths: readonly Health[], glyphs: Glyphs): Line[] {
  const age = ageWord(state);
  const counts =
    healths.length > 1 ? [countShort(healths, glyphs).flatMap(({ text, token }) => [segment(`${text} `, token)])] : [];
  return [[segment(`${formatClock(state.now.epochMs)} `), segment(age.text, age.token)], ...counts];
}
