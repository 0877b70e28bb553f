/** Engine events to state. */
import type { EngineEvent } from "../../engine/protocol.ts";
import type { ChangeEvent } from "../../model/change.ts";
import type { EpochMs } from "../../model/reading.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { takeMoment } from "../replay/take-moment.ts";
import { takePlan, takeProgress } from "./panels.ts";
import { type ConsoleState, type Feed, TIMELINE_LIMIT, type TimelineEntry } from "./state.ts";
import { withMessage } from "./update.ts";

export function reduceEngine(state: ConsoleState, event: EngineEvent, now: EpochMs): ConsoleState {
  switch (event.type) {
    case "snapshot":
      return { ...state, now, feed: takeSnapshot(state.feed, event.snapshot) };
    case "sessions":
      return { ...state, feed: { ...state.feed, sessions: event.report } };
    case "plan":
      return takePlan({ ...state, now }, event.answer);
    case "operation":
      return takeProgress({ ...state, now }, event.progress);
    case "operations":
      return { ...state, now, journal: { ...state.journal, [event.cluster]: event.entries } };
    case "log":
      return state;
    case "recording": {
      const next = { ...state, now, recording: event.status };
      return event.told === null ? next : withMessage(next, event.told.text, event.told.isProblem ? "warning" : "ok");
    }
    case "replay":
      return takeMoment(state, event.moment);
    case "stopped":
      return { ...state, now, engineStopped: true };
  }
}

/** An older snapshot never replaces a newer one, but what it says has happened has happened. */
function takeSnapshot(feed: Feed, snapshot: Snapshot): Feed {
  const timeline = addChanges(feed.timeline, snapshot.changes);
  const newer = feed.snapshot === null || snapshot.seq > feed.snapshot.seq;
  return { ...feed, timeline, snapshot: newer ? snapshot : feed.snapshot };
}

function addChanges(timeline: readonly TimelineEntry[], changes: readonly ChangeEvent[]): readonly TimelineEntry[] {
  if (changes.length === 0) return timeline;
  const first = (timeline[0]?.id ?? 0) + 1;
  const added = changes.map((change, index) => ({ id: first + index, change }));
  return [...added.reverse(), ...timeline].slice(0, TIMELINE_LIMIT);
}
