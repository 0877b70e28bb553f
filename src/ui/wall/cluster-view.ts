/** What is shown of one cluster, before it is known how much room there is. */
import type { Alert, Health } from "../../model/alert.ts";
import { formatAge, formatCoarse } from "../format/duration.ts";
import { safeText } from "../format/text.ts";
import { type Fact, type Sight, selectLagFact, selectSight, selectWriterFact } from "./facts.ts";
import { DEFAULT_LIMITS } from "./reduce.ts";
import type { ClusterMemory, Mark, WallState } from "./state.ts";
import { elapsedMs } from "./time.ts";

export interface RecentChange {
  readonly age: string;
  readonly subject: string;
  readonly before: string;
  readonly after: string;
}

export interface ClusterView {
  readonly name: string;
  readonly health: Health;
  /** Why it is not known, and what it was; empty where the health is told. */
  readonly healthNote: string;
  readonly writer: Fact;
  readonly lag: Fact;
  /** In the words to show; null without a change in the last minute. */
  readonly marks: { readonly health: string | null; readonly writer: string | null; readonly lag: string | null };
  /** Age of the newest change within the last minute; null: none. */
  readonly changedAge: string | null;
  readonly recent: readonly RecentChange[];
  readonly alerts: readonly Alert[];
  /** Null while there is no present. */
  readonly sight: Sight | null;
  /** Nothing of it is the present. */
  readonly isPast: boolean;
}

/** A picture is no present any more after this many intervals, or five seconds. */
const LATE_INTERVALS = 3;
const LATE_MS = 5_000;

/** Age of the picture in milliseconds; null before the first. */
export function selectPictureAge({ snapshot, heard, now }: WallState): number | null {
  if (snapshot === null || heard === null) return null;
  // It may have waited for a while before it was heard, e.g. when this machine slept.
  return Math.max(elapsedMs(heard, now), now.epochMs - snapshot.at);
}

export function isLate(state: WallState): boolean {
  const age = selectPictureAge(state);
  return age !== null && age > Math.max(LATE_MS, LATE_INTERVALS * (state.snapshot?.intervalMs ?? 0));
}

const UNKNOWN_FACT: Fact = { text: "?", token: "unknown", note: "" };

export function selectClusterView(state: WallState, name: string): ClusterView {
  const cluster = state.snapshot?.clusters.find((each) => each.name === name) ?? null;
  const memory = state.memories[name] ?? null;
  const late = isLate(state);
  if (cluster === null || late) return blindView(state, name, memory, late);
  const limits = state.options.lagLimits[name] ?? DEFAULT_LIMITS;
  const { health } = cluster;
  const marks = memory?.marks ?? {};
  const recent = selectRecent(state, memory);
  return {
    name: safeText(name),
    health,
    healthNote: health === "unknown" ? describeUnknown(state, memory) : "",
    writer: selectWriterFact(cluster),
    lag: selectLagFact(cluster, limits),
    marks: { health: was(marks.health), writer: was(marks.writer), lag: was(marks.lag) },
    changedAge: newestAge(state, memory),
    recent,
    alerts: cluster.alerts,
    sight: selectSight(cluster, state.now.epochMs),
    isPast: false,
  };
}

/** Nothing is known now: neither figures nor alerts are shown as if they were. */
function blindView(state: WallState, name: string, memory: ClusterMemory | null, late: boolean): ClusterView {
  const age = selectPictureAge(state);
  const since = late && age !== null ? `nothing heard for ${formatAge(age)}` : "waiting for the first answers";
  const known = memory?.lastKnown ?? null;
  return {
    name: safeText(name),
    health: "unknown",
    healthNote: known === null ? since : `${since}; it was ${known.health.toUpperCase()}`,
    writer: { ...UNKNOWN_FACT, note: memory?.told == null ? "" : `was ${memory.told.writer}` },
    lag: UNKNOWN_FACT,
    marks: { health: null, writer: null, lag: null },
    changedAge: null,
    recent: [],
    alerts: [],
    sight: null,
    isPast: late,
  };
}

function describeUnknown(state: WallState, memory: ClusterMemory | null): string {
  const why = state.engine.lost ? "signalbox's own engine is not heard" : "nothing can be told";
  const known = memory?.lastKnown ?? null;
  if (known === null) return why;
  return `${why}; it was ${known.health.toUpperCase()} ${formatAge(elapsedMs(known.at, state.now))} ago`;
}

function was(mark: Mark | undefined): string | null {
  return mark === undefined ? null : `was ${mark.before}`;
}

function newestAge(state: WallState, memory: ClusterMemory | null): string | null {
  const times = [
    ...(memory?.recent ?? []).map(({ heard }) => heard),
    ...Object.values(memory?.marks ?? {}).map(({ since }) => since),
  ];
  if (times.length === 0) return null;
  return formatCoarse(Math.min(...times.map((time) => elapsedMs(time, state.now))) / 1_000);
}

function selectRecent(state: WallState, memory: ClusterMemory | null): readonly RecentChange[] {
  return (memory?.recent ?? []).map(({ change, heard }) => ({
    age: formatCoarse(elapsedMs(heard, state.now) / 1_000),
    subject: safeText(change.subject),
    before: safeText(change.before),
    after: safeText(change.after),
  }));
}
