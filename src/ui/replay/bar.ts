/** The line that says that this is a replay, and where in it: nobody may take it for live. */
import type { ReplayAbout, ReplayMark, ReplayMoment } from "../../model/replay.ts";
import { formatClock } from "../format/duration.ts";
import type { Glyphs } from "../glyphs.ts";
import { fitLine, type Line, lineWidth, type Segment, segment } from "../paint.ts";
import type { ConsoleState } from "../state/state.ts";
import type { Token } from "../theme.ts";

const TOKENS: Readonly<Record<ReplayMark["what"], Token>> = {
  critical: "critical",
  warning: "warning",
  info: "info",
  operation: "accent",
};
/** The worst of what falls into one cell is shown. */
const RANKS: readonly ReplayMark["what"][] = ["info", "warning", "operation", "critical"];

interface Signs {
  readonly playing: string;
  readonly paused: string;
  readonly line: string;
  readonly here: string;
  readonly gap: string;
  readonly marks: Readonly<Record<ReplayMark["what"], string>>;
}

/** Shapes differ, so that colour is not needed. */
const UNICODE: Signs = {
  playing: "▶",
  paused: "‖",
  line: "─",
  here: "█",
  gap: " ",
  marks: { info: "·", warning: "▲", critical: "✖", operation: "◆" },
};
const ASCII: Signs = {
  playing: ">",
  paused: "||",
  line: "-",
  here: "#",
  gap: " ",
  marks: { info: ".", warning: "!", critical: "x", operation: "o" },
};

export function selectReplayBar(state: ConsoleState, glyphs: Glyphs, width: number): Line | null {
  const moment = state.replay;
  if (moment === null) return null;
  const signs = glyphs.unicode ? UNICODE : ASCII;
  const { about, at } = moment;
  const left = [...stateSegments(moment, signs), segment(` ${formatClock(about.from)} `, "dim")];
  const right = [segment(` ${formatClock(about.to)}`, "dim"), ...countSegments(moment)];
  const room = width - lineWidth(left) - lineWidth(right);
  const track = room < 8 ? [] : trackSegments(about, at, room, signs);
  return fitLine([...left, ...track, ...right], width, "left", glyphs.ellipsis);
}

/** Like `2026-11-20`, local as the clock beside it. */
export function formatDay(at: number): string {
  const time = new Date(at);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
}

function stateSegments({ isPlaying, speed }: ReplayMoment, signs: Signs): Segment[] {
  const factor = speed === "max" ? "max" : `x${speed}`;
  return [
    segment("REPLAY", "badge"),
    segment(` ${isPlaying ? signs.playing : signs.paused} `, isPlaying ? "ok" : "warning"),
    segment(isPlaying ? factor : `paused ${factor}`, "text"),
  ];
}

function countSegments({ changesSoFar, about }: ReplayMoment): Segment[] {
  return [segment("  change ", "dim"), segment(`${changesSoFar}/${about.changeCount}`, "text")];
}

type Cell = "line" | "gap" | ReplayMark["what"];

/** Marks stay where they are: only the place on the track moves. */
let lastTrack: { readonly about: ReplayAbout; readonly width: number; readonly cells: readonly Cell[] } | null = null;

function selectTrack(about: ReplayAbout, width: number): readonly Cell[] {
  if (lastTrack?.about === about && lastTrack.width === width) return lastTrack.cells;
  const cells: Cell[] = new Array<Cell>(width).fill("line");
  for (const { from, to } of about.gaps) {
    for (let cell = placeOf(from, about, width) + 1; cell < placeOf(to, about, width); cell += 1) cells[cell] = "gap";
  }
  for (const { at, what } of about.marks) {
    const cell = placeOf(at, about, width);
    const known = cells[cell];
    if (known === "line" || known === "gap" || known === undefined || RANKS.indexOf(what) > RANKS.indexOf(known))
      cells[cell] = what;
  }
  lastTrack = { about, width, cells };
  return cells;
}

function placeOf(at: number, { from, to }: ReplayAbout, width: number): number {
  const share = to === from ? 0 : (at - from) / (to - from);
  return Math.max(0, Math.min(width - 1, Math.floor(share * width)));
}

function trackSegments(about: ReplayAbout, at: number, width: number, signs: Signs): Segment[] {
  const here = placeOf(at, about, width);
  return selectTrack(about, width).map((cell, index) => {
    if (index === here) return segment(signs.here, "key");
    if (cell === "line" || cell === "gap") return segment(signs[cell], "dim");
    return segment(signs.marks[cell], TOKENS[cell]);
  });
}
