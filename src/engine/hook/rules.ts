/**
 * Which changes of alerts the hook is told, and when. It works on states, not on a queue: for every alert it knows what was told last and
 * what is true now. So nothing waits in vain, and what came and went while it waited is not told at all.
 */
import type { Alert, Severity } from "../../model/alert.ts";
import { isOutOfSight, listHeard } from "../../model/diff/alert-diff.ts";
import type { EpochMs } from "../../model/reading.ts";
import type { ClusterSnapshot } from "../../model/snapshot.ts";

export interface HookLimits {
  /** Runs per minute, of one cluster. */
  readonly runsPerMinute: number;
  /** A change that follows the one before within this time is told when it has stood as long. */
  readonly steadyMs: number;
  /** The same alert is raised to the hook this often per minute at most. */
  readonly raisesPerMinute: number;
  /** What stands while the first answers come in is not a change; waited for at most this long. */
  readonly settleWithinMs: number;
}

export const HOOK_LIMITS: HookLimits = {
  runsPerMinute: 10,
  steadyMs: 5_000,
  raisesPerMinute: 3,
  settleWithinMs: 10_000,
};

export interface HookChange {
  /** Identity of the alert: never two runs of one at once. */
  readonly key: string;
  /** When it changed, not when it is told. */
  readonly at: EpochMs;
  readonly change: "raised" | "cleared";
  readonly alert: Alert;
}

interface Track {
  alert: Alert;
  /** Who answered when it was there last. */
  heard: ReadonlySet<string>;
  present: boolean;
  at: EpochMs;
  changedMs: number;
  /** The change before; null: none seen. */
  beforeMs: number | null;
  /** Worst severity told since it was told as cleared; null: the hook believes that all is well. */
  told: Severity | null;
  raisesMs: readonly number[];
  running: boolean;
  damped: boolean;
}

const MINUTE_MS = 60_000;
const RANK: Readonly<Record<Severity, number>> = { info: 0, warning: 1, critical: 2 };

/** The alerts of one cluster and what the hook knows of them. Times are monotonic milliseconds unless they are called `at`. */
export class HookRules {
  readonly #limits: HookLimits;
  readonly #tracks = new Map<string, Track>();
  #firstMs: number | null = null;
  #settled = false;
  #runsMs: readonly number[] = [];
  #starved = false;
  #notes: string[] = [];

  constructor(limits: HookLimits = HOOK_LIMITS) {
    this.#limits = limits;
  }

  /** What there is to say since the last call: texts for the log and the timeline, without server texts. */
  takeNotes(): readonly string[] {
    return this.#notes.splice(0);
  }

  /** Takes in a picture of the cluster. */
  see(cluster: ClusterSnapshot, at: EpochMs, nowMs: number): void {
    this.#firstMs ??= nowMs;
    const isBaseline = !this.#settled;
    if (isBaseline) {
      const isComplete = [...cluster.haproxies, ...cluster.nodes].every(({ reading }) => reading.state !== "never");
      if (!isComplete && nowMs - this.#firstMs < this.#limits.settleWithinMs) return;
      this.#settled = true;
    }
    const seen = new Set<string>();
    const heard = listHeard(cluster);
    for (const alert of cluster.alerts) {
      const key = `${alert.code} ${alert.subject}`;
      seen.add(key);
      this.#meet(key, { alert, heard }, at, nowMs, isBaseline);
    }
    for (const [key, track] of this.#tracks) {
      if (seen.has(key) || !track.present || isUnjudged(track, cluster)) continue;
      this.#turn(key, track, false, at, nowMs);
    }
    const standing = this.#tracks.size;
    if (isBaseline && standing > 0)
      this.#notes.push(`${standing} alert${standing === 1 ? "" : "s"} stood at the start, which the hook is not told`);
  }

  /** What is to be told now, worst first; it counts as told from here on, and as running until `finished`. */
  take(nowMs: number): readonly HookChange[] {
    this.#runsMs = this.#runsMs.filter((ms) => nowMs - ms < MINUTE_MS);
    const due: Track[] = [];
    for (const [key, track] of this.#tracks) {
      track.raisesMs = track.raisesMs.filter((ms) => nowMs - ms < MINUTE_MS);
      const isSteady = nowMs - track.changedMs >= MINUTE_MS;
      if (!isPending(track)) {
        if (isSteady) track.damped = false;
        if (isSteady && !track.present && !track.running) this.#tracks.delete(key);
      } else if (!track.running && !this.#isHeld(key, track, nowMs)) due.push(track);
    }
    const free = Math.max(0, this.#limits.runsPerMinute - this.#runsMs.length);
    this.#noteStarved(due.length - free);
    return due
      .sort((a, b) => urgency(b) - urgency(a) || a.changedMs - b.changedMs)
      .slice(0, free)
      .map((track) => this.#tell(track, nowMs));
  }

  finished(key: string): void {
    const track = this.#tracks.get(key);
    if (track !== undefined) track.running = false;
  }

  /** True while something waits to be told, so that `take` has to be asked again. */
  get waiting(): boolean {
    return [...this.#tracks.values()].some(isPending);
  }

  #meet(
    key: string,
    { alert, heard }: Pick<Track, "alert" | "heard">,
    at: EpochMs,
    nowMs: number,
    isBaseline: boolean,
  ): void {
    const track = this.#tracks.get(key);
    if (track !== undefined) {
      // A message may change every second; the one at the time of telling is told.
      track.alert = alert;
      track.heard = heard;
      if (!track.present) this.#turn(key, track, true, at, nowMs);
      return;
    }
    this.#tracks.set(key, {
      alert,
      heard,
      present: true,
      at,
      changedMs: nowMs,
      beforeMs: null,
      told: isBaseline ? alert.severity : null,
      raisesMs: [],
      running: false,
      damped: false,
    });
  }

  #turn(key: string, track: Track, present: boolean, at: EpochMs, nowMs: number): void {
    // Back before its end was told.
    if (present && track.told !== null) this.#noteDamped(key, track);
    track.present = present;
    track.at = at;
    track.beforeMs = track.changedMs;
    track.changedMs = nowMs;
  }

  /** Damps what flaps. An alert that gets worse is told at once. */
  #isHeld(key: string, track: Track, nowMs: number): boolean {
    if (track.present && track.told !== null) return false;
    const { steadyMs, raisesPerMinute } = this.#limits;
    const { beforeMs, changedMs } = track;
    const isQuick = beforeMs !== null && changedMs - beforeMs < steadyMs && nowMs - changedMs < steadyMs;
    const isOften = track.present && track.raisesMs.length >= raisesPerMinute;
    const isHeld = isQuick || isOften;
    if (isHeld && track.present) this.#noteDamped(key, track);
    return isHeld;
  }

  #noteDamped(key: string, track: Track): void {
    if (track.damped) return;
    track.damped = true;
    const often = this.#limits.raisesPerMinute;
    this.#notes.push(`${key} comes and goes: it is told when it stays, and ${often} times a minute at most`);
  }

  #tell(track: Track, nowMs: number): HookChange {
    const { alert, at, present } = track;
    this.#runsMs = [...this.#runsMs, nowMs];
    if (present && track.told === null) track.raisesMs = [...track.raisesMs, nowMs];
    track.told = present ? alert.severity : null;
    track.running = true;
    return { key: `${alert.code} ${alert.subject}`, at, change: present ? "raised" : "cleared", alert };
  }

  #noteStarved(tooMany: number): void {
    const isStarved = tooMany > 0;
    if (isStarved && !this.#starved)
      this.#notes.push(
        `more than ${this.#limits.runsPerMinute} changes in a minute: ${tooMany} wait, the worst are told first`,
      );
    this.#starved = isStarved;
  }
}

/** True when what the hook believes is not what is so. An alert that got milder is told when it is cleared. */
function isPending({ present, told, alert }: Track): boolean {
  if (present) return told === null || RANK[alert.severity] > RANK[told];
  return told !== null;
}

function urgency({ present, alert }: Track): number {
  return (present ? 10 : 0) + RANK[alert.severity];
}

/**
 * An alert that is gone because nobody can look is not cleared: one of those that told of it is silent, or, where it names none, all
 * proxies or all nodes are.
 */
function isUnjudged({ alert, heard }: Track, cluster: ClusterSnapshot): boolean {
  if (isOutOfSight(alert, cluster, heard)) return true;
  const { haproxies, nodes } = cluster;
  const words = alert.subject.split(/[\s/]+/);
  if ([...haproxies, ...nodes].some(({ name }) => name === alert.node || words.includes(name))) return false;
  const isBlind = (endpoints: readonly { readonly reading: { readonly state: string } }[]) =>
    endpoints.length > 0 && endpoints.every(({ reading }) => reading.state !== "fresh");
  return isBlind(haproxies) || isBlind(nodes);
}
