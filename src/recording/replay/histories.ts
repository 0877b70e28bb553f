/**
 * The histories of a replay. A recording has none: they are made of its pictures again, tick by tick while it goes on. A jump makes only
 * the first tier anew, or it would have to read a quarter of an hour first; the coarser ones then grow from there.
 */
import { FRAMES_PER_TIER } from "../../model/history/history.ts";
import { HistoryKeeper } from "../../model/history/keeper.ts";
import type { EpochMs } from "../../model/reading.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import type { Tape } from "./tape.ts";

/** Pictures come at ticks and, when something turns stale or answers late, between two: what comes this soon, in ticks, is no tick. */
const TOO_SOON = 0.4;
/** A tick may be late by this much, in ticks, before one counts as missed: a round ends when its endpoints have answered. */
const LATE = 0.7;
/** What a recording claims beyond these would be millions of ticks, or all of its pictures at once. */
const INTERVAL_BOUNDS = { minMs: 100, maxMs: 60_000 };

export class Histories {
  readonly #tape: Tape;
  #keepers = new Map<string, HistoryKeeper>();
  /** Time of the newest picture that was taken in; null before the first. */
  #newest: EpochMs | null = null;
  #tick = 0;
  #tickAt: EpochMs = 0;

  constructor(tape: Tape) {
    this.#tape = tape;
  }

  /** The picture of that time with its histories. */
  async complete(snapshot: Snapshot, at: EpochMs): Promise<Snapshot> {
    if (this.#newest === null || at < this.#newest || at - this.#newest > this.#reachMs(snapshot)) this.#begin();
    const from = this.#newest ?? at - this.#reachMs(snapshot);
    for (const frame of await this.#tape.framesBetween(from, at)) {
      const shown = readable(frame.snapshot);
      if (shown !== null) this.#take(shown, frame.at);
    }
    this.#newest = at;
    const clusters = snapshot.clusters.map((cluster) => {
      const history = this.#keepers.get(cluster.name)?.history;
      return history === undefined ? cluster : { ...cluster, history };
    });
    return { ...snapshot, clusters };
  }

  #reachMs(snapshot: Snapshot): number {
    return FRAMES_PER_TIER * selectIntervalMs(snapshot);
  }

  #begin(): void {
    this.#keepers = new Map();
    this.#newest = null;
    this.#tick = 0;
  }

  #take(snapshot: Snapshot, at: EpochMs): void {
    const intervalMs = selectIntervalMs(snapshot);
    if (this.#tick > 0) {
      const ticks = (at - this.#tickAt) / intervalMs;
      if (ticks < TOO_SOON) return;
      this.#tick += 1 + Math.max(0, Math.floor(ticks - LATE));
    } else this.#tick = 1;
    this.#tickAt = at;
    for (const cluster of snapshot.clusters) {
      let keeper = this.#keepers.get(cluster.name);
      if (keeper === undefined) {
        keeper = new HistoryKeeper(intervalMs);
        this.#keepers.set(cluster.name, keeper);
      }
      keeper.sample(cluster, this.#tick, at);
    }
  }
}

function selectIntervalMs({ intervalMs }: Snapshot): number {
  return Math.min(INTERVAL_BOUNDS.maxMs, Math.max(INTERVAL_BOUNDS.minMs, intervalMs));
}

function readable(open: () => Snapshot): Snapshot | null {
  try {
    return open();
  } catch {
    return null;
  }
}
