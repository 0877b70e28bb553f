/**
 * Which key presses count as an answer. Nobody confirms what was not on screen: keys that came before the panel was painted, keys of a
 * burst (a paste in a terminal without paste marks) and repeats of a key that is held down do not count.
 */
import type { EpochMs } from "../../model/reading.ts";
import type { KeyEvent } from "../input/events.ts";
import { layoutScreen } from "../layout.ts";
import type { ConsoleState } from "./state.ts";

/** `held`: may be the first repeat of a key that was pressed before; only time can tell. */
export type Judgement = "counts" | "early" | "burst" | "repeat" | "held";

/** Nobody presses two different keys this close together, ms. */
const BURST_MS = 10;
/** The slowest repeat of a held key (Linux console: 92 ms), ms. */
const REPEAT_MS = 120;
/** Longest wait of keyboards before the first repeat (X11: 660 ms), ms. */
const FIRST_REPEAT_MS = 750;
/** A held key would have repeated within this time, ms. */
export const HELD_WAIT_MS = 130;

/** Name of the panel that could be answered now; null while there is none or nobody can see it. */
export function selectPanelKey(state: ConsoleState): string | null {
  const { overlay } = state;
  if (layoutScreen(state.size).tiny) return null;
  switch (overlay?.kind) {
    case "plan":
      return overlay.plan === null && overlay.refusal === null ? null : `plan ${overlay.serial}`;
    case "quit":
      return `quit ${overlay.serial}`;
    case "operation": {
      const live = state.live.find(({ progress }) => progress.id === overlay.plan.id);
      const asked = live?.progress.question?.text;
      return asked === undefined
        ? null
        : `question ${overlay.serial} ${asked} ${overlay.cutWord === null ? "" : "cut"}`;
    }
    default:
      return null;
  }
}

export function isPainted(state: ConsoleState, at: EpochMs): boolean {
  const key = selectPanelKey(state);
  return key !== null && state.painted?.key === key && at >= state.painted.at;
}

/** @param together how many keys came in the same piece of input */
export function judgeKey(state: ConsoleState, event: KeyEvent, together: number): Judgement {
  if (!isPainted(state, event.at)) return "early";
  if (together > 1) return "burst";
  const last = state.lastKey;
  if (last === null) return "counts";
  const gap = event.at - last.at;
  if (last.key === event.key) return gap < REPEAT_MS ? "repeat" : gap < FIRST_REPEAT_MS ? "held" : "counts";
  // With a frame between them they did not come together, however fast the plan was made.
  const isSince = state.painted !== null && last.at >= state.painted.at;
  return isSince && gap < BURST_MS ? "burst" : "counts";
}

export const WHY_NOT: Readonly<Record<Exclude<Judgement, "counts">, string>> = {
  early: "that key came before this was on screen: read it, then press again",
  burst: "keys that come all at once, as from a paste, do not confirm: press again",
  repeat: "a key that is held down does not confirm: let go, then press again",
  held: "a key that is held down does not confirm: let go, then press again",
};
