/** Commands of the timeline as requests, and times as people write them. */
import type { EpochMs } from "../../model/reading.ts";
import type { RecordAction, ReplayAbout, ReplayAction } from "../../model/replay.ts";

/** Of an argument of the key table, e.g. `step -1`. */
export function parseReplayAction(argument: string): ReplayAction | null {
  const [kind, figure] = argument.split(" ");
  const by = figure === "1" ? 1 : -1;
  switch (kind) {
    case "toggle":
    case "start":
    case "end":
      return { kind };
    case "step":
    case "change":
    case "speed":
      return { kind, by };
    case "skip":
      return { kind, ms: Number(figure) };
    default:
      return null;
  }
}

export function parseRecordAction(argument: string | null): RecordAction | null {
  return argument === "file" || argument === "save" || argument === "report" ? argument : null;
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };
const DAY_MS = 24 * 3_600_000;

/** `14:03`, `14:03:30`, `+90s`, `-2m`: the moment it means, or why it means none. Times of day are local, as the screen shows them. */
export function parseReplayTime(
  text: string,
  at: EpochMs,
  { from, to }: ReplayAbout,
): EpochMs | { readonly why: string } {
  const relative = /^([+-])\s*(\d{1,6})\s*([smh])$/.exec(text.trim());
  if (relative !== null) {
    const [, sign, figure, unit = "s"] = relative;
    return at + (sign === "+" ? 1 : -1) * Number(figure) * (UNIT_MS[unit] ?? 0);
  }
  const clock = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text.trim());
  if (clock === null) return { why: "write a time of day such as 14:03:30, or a way to go such as +90s or -2m" };
  const [hours, minutes, seconds] = [Number(clock[1]), Number(clock[2]), Number(clock[3] ?? 0)];
  if (hours > 23 || minutes > 59 || seconds > 59) return { why: `${text.trim()} is no time of day` };
  return findTime([hours, minutes, seconds], from, to) ?? { why: `${text.trim()} is not in this recording` };
}

/** The first day of the recording on which that time is in it. */
function findTime(time: readonly [number, number, number], from: EpochMs, to: EpochMs): EpochMs | null {
  for (let day = from; day <= to + DAY_MS; day += DAY_MS) {
    const wanted = new Date(day).setHours(...time, 0);
    // What was recorded in the middle of that second counts as being in it.
    if (wanted + 999 >= from && wanted <= to) return wanted;
  }
  return null;
}
