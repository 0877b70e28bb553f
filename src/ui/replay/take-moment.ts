/** A moment of a replay becomes the state: everything there was to see, the clock of that moment included. */
import type { ChangeEvent } from "../../model/change.ts";
import type { ReplayMoment } from "../../model/replay.ts";
import { type ConsoleState, LIVE_LIMIT, TIMELINE_LIMIT, type TimelineEntry } from "../state/state.ts";

/** Tables keep what they computed for a list as long as it is the same one. */
const timelines = new WeakMap<readonly ChangeEvent[], readonly TimelineEntry[]>();

function toTimeline(changes: readonly ChangeEvent[], count: number): readonly TimelineEntry[] {
  const known = timelines.get(changes);
  if (known !== undefined) return known;
  const first = count - changes.length + 1;
  const entries = changes.map((change, index) => ({ id: first + index, change })).reverse();
  const timeline = entries.slice(0, TIMELINE_LIMIT);
  timelines.set(changes, timeline);
  return timeline;
}

export function takeMoment(state: ConsoleState, moment: ReplayMoment): ConsoleState {
  const { at, snapshot, sessions, changes, changesSoFar, operations, journal } = moment;
  const isSame = state.replay?.at === at;
  const { overlay } = state;
  const isGone = overlay?.kind === "operation" && !operations.some(({ id }) => id === overlay.plan.id);
  return {
    ...state,
    now: at,
    replay: moment,
    feed: { snapshot, sessions, timeline: toTimeline(changes, changesSoFar) },
    live: operations.slice(0, LIVE_LIMIT).map((progress) => ({ progress, heardAt: at })),
    journal,
    // Before it began there is nothing to follow.
    overlay: isGone ? null : overlay,
    // Its time would never come: the clock stands still, or goes back.
    message: isSame ? state.message : null,
  };
}
