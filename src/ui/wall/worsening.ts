/**
 * What got worse, told once: for the bell, for notifications, and for what a rotation shows next. Something that comes and goes is told when
 * it comes first, and again only after it has been gone for a while: a minute, and twice as long each time within four hours, up to half an hour.
 */
import type { Alert, Health } from "../../model/alert.ts";
import { isOutOfSight, listHeard } from "../../model/diff/alert-diff.ts";
import { isEngineLost, type Reading } from "../../model/reading.ts";
import type { ClusterSnapshot, Snapshot } from "../../model/snapshot.ts";

export interface Worsening {
  readonly cluster: string;
  readonly severity: "critical" | "warning" | "unknown";
  /** Identity of what got worse, e.g. `node-unreachable db4`; may hold server text. */
  readonly what: string;
}

interface Trouble extends Worsening {
  /** Null: the health of the cluster is unknown. */
  readonly alert: Alert | null;
}

interface Track {
  readonly cluster: string;
  readonly alert: Alert | null;
  /** Who answered when it was there last. */
  heard: ReadonlySet<string>;
  /** What was told, until it has been better for long enough. */
  level: number;
  /** Since when it is better than that, and the worst it was since; null: it is not. */
  better: { readonly sinceMs: number; readonly rank: number } | null;
  /** When it was told within the last hours. */
  toldMs: readonly number[];
}

const FIRST_CALM_MS = 60_000;
const MOST_CALM_MS = 30 * 60_000;
const REMEMBER_MS = 4 * 60 * 60_000;
/** What stands while the first answers come in did not get worse; waited for at most this long. */
const SETTLE_WITHIN_MS = 10_000;
/** Names come from servers: not without end. The oldest go. */
const MOST_TRACKS = 1_000;

const RANK: Readonly<Record<Worsening["severity"], number>> = { unknown: 1, warning: 1, critical: 2 };

/** Times are monotonic milliseconds. */
export class WorseningWatch {
  readonly #tracks = new Map<string, Track>();
  readonly #settled = new Set<string>();
  #firstMs: number | null = null;

  /** What got worse with this picture, worst first. */
  see(snapshot: Snapshot, nowMs: number): readonly Worsening[] {
    this.#firstMs ??= nowMs;
    const found = snapshot.clusters.flatMap((cluster) => this.#seeCluster(cluster, nowMs));
    this.#forget(nowMs);
    return found.sort((a, b) => RANK[b.severity] - RANK[a.severity]);
  }

  #seeCluster(cluster: ClusterSnapshot, nowMs: number): readonly Worsening[] {
    const isBaseline = !this.#settled.has(cluster.name);
    if (isBaseline && !isComplete(cluster) && nowMs - (this.#firstMs ?? nowMs) < SETTLE_WITHIN_MS) return [];
    this.#settled.add(cluster.name);
    const present = listTroubles(cluster);
    const keys = new Set(present.map(keyOf));
    const heard = listHeard(cluster);
    const found = present.filter((trouble) => {
      const track = this.#trackOf(trouble);
      track.heard = heard;
      if (!observe(track, RANK[trouble.severity], nowMs)) return false;
      if (!isBaseline) track.toldMs = [...track.toldMs, nowMs];
      return !isBaseline;
    });
    for (const [key, track] of this.#tracks) {
      if (track.cluster === cluster.name && !keys.has(key) && isJudged(track, cluster)) observe(track, 0, nowMs);
    }
    return found.map(({ cluster: name, severity, what }) => ({ cluster: name, severity, what }));
  }

  #trackOf(trouble: Trouble): Track {
    const key = keyOf(trouble);
    const known = this.#tracks.get(key);
    if (known !== undefined) return known;
    const { cluster, alert } = trouble;
    const track: Track = { cluster, alert, heard: new Set(), level: 0, better: null, toldMs: [] };
    this.#tracks.set(key, track);
    return track;
  }

  #forget(nowMs: number): void {
    for (const [key, track] of this.#tracks) {
      track.toldMs = track.toldMs.filter((ms) => nowMs - ms < REMEMBER_MS);
      if (track.level === 0 && track.toldMs.length === 0) this.#tracks.delete(key);
    }
    for (const key of this.#tracks.keys()) {
      if (this.#tracks.size <= MOST_TRACKS) return;
      this.#tracks.delete(key);
    }
  }
}

/** Takes in how bad it is now; true when it is worse than what was told. */
function observe(track: Track, rank: number, nowMs: number): boolean {
  const calmMs = Math.min(MOST_CALM_MS, FIRST_CALM_MS * 2 ** Math.max(0, track.toldMs.length - 1));
  if (rank < track.level)
    track.better = { sinceMs: track.better?.sinceMs ?? nowMs, rank: Math.max(rank, track.better?.rank ?? 0) };
  if (track.better !== null && nowMs - track.better.sinceMs >= calmMs) {
    track.level = track.better.rank;
    track.better = null;
  }
  if (rank < track.level) return false;
  track.better = null;
  const isWorse = rank > track.level;
  track.level = rank;
  return isWorse;
}

function keyOf({ cluster, what }: Worsening): string {
  return `${cluster}\n${what}`;
}

function listTroubles(cluster: ClusterSnapshot): readonly Trouble[] {
  const { name, health, alerts } = cluster;
  if (health === "unknown") return [{ cluster: name, severity: "unknown", what: "nothing is known", alert: null }];
  return alerts.flatMap((alert) => {
    const { severity, code, subject } = alert;
    return severity === "info" ? [] : [{ cluster: name, severity, what: `${code} ${subject}`, alert }];
  });
}

/** An alert that is gone because nobody can look is not over. */
function isJudged({ alert, heard }: Track, cluster: ClusterSnapshot): boolean {
  return cluster.health !== "unknown" && (alert === null || !isOutOfSight(alert, cluster, heard));
}

/** True when every endpoint has answered or failed, to an engine that is heard. */
export function isComplete({ haproxies, nodes }: ClusterSnapshot): boolean {
  const endpoints: readonly { readonly reading: Reading<unknown> }[] = [...haproxies, ...nodes];
  return endpoints.every(({ reading }) => reading.state !== "never" && !isEngineLost(reading));
}

const HEALTH_RANK: Readonly<Record<Health, number>> = { ok: 0, unknown: 1, warning: 2, critical: 3 };

/** Higher is worse; unknown outranks ok only. */
export function rankHealth(health: Health): number {
  return HEALTH_RANK[health];
}
