/** One look for `signalbox status`: everything at once, then what was found by it, and back as soon as the last has answered or failed. */
import type { Settings } from "../model/settings.ts";
import type { ClusterSnapshot, Snapshot } from "../model/snapshot.ts";
import { ClusterWatch, type Watch } from "./cluster-watch.ts";
import { HaproxyWatch } from "./haproxy-watch.ts";
import type { MonitorParts } from "./parts.ts";
import { settledWithin } from "./within.ts";

/** Drivers end so much earlier: they know how far they got (not connected, accepted and silent, cut off) and what to do about it. */
const OWN_WORDS_MS = 50;
/** Closing must not hold up an answer that is there. */
const CLOSE_WITHIN_MS = 100;
/** The route probe is asked beside the others; when it is the last to answer, this is how long it is waited for. */
const ROUTE_GRACE_MS = 100;
/** What may be the moment of a move (a route that does not fit, an address that nobody holds) is asked about once more, before anybody is alarmed. */
const DOUBT_WITHIN_MS = 500;

export interface OnceOptions {
  /** Bound of the whole look; endpoints that have not answered by then are failed: timeout. */
  readonly timeoutMs: number;
}

/** Resolves with seq 1 and no changes; never rejects for what an endpoint does. */
export function observeOnceWith(settings: Settings, parts: MonitorParts, options: OnceOptions): Promise<Snapshot> {
  return new Promise((resolve, reject) => {
    new Look(settings, parts, options, resolve, reject).begin();
  });
}

class Look {
  readonly #settings: Settings;
  readonly #parts: MonitorParts;
  readonly #timeoutMs: number;
  readonly #resolve: (snapshot: Snapshot) => void;
  readonly #reject: (error: unknown) => void;
  readonly #pending = new Set<Watch>();
  readonly #clusters: readonly ClusterWatch[];
  #cancelTimers: (() => void)[] = [];
  #isGraceStarted = false;
  #isGraceOver = false;
  #isSecondLook = false;
  #finished = false;

  constructor(
    settings: Settings,
    parts: MonitorParts,
    { timeoutMs }: OnceOptions,
    resolve: (snapshot: Snapshot) => void,
    reject: (error: unknown) => void,
  ) {
    this.#settings = settings;
    this.#parts = parts;
    this.#timeoutMs = timeoutMs;
    this.#resolve = resolve;
    this.#reject = reject;
    const pace = {
      intervalMs: Math.max(settings.intervalMs, timeoutMs),
      deadlineMs: Math.max(1, timeoutMs - OWN_WORDS_MS),
    };
    this.#clusters = settings.clusters.map(
      (cluster) =>
        new ClusterWatch({
          settings: cluster,
          parts,
          pace,
          onSettled: (watch) => this.#settled(watch),
          onNews: () => {},
          onSideSettled: () => this.#proceed(),
        }),
    );
  }

  begin(): void {
    this.#after(this.#timeoutMs, () => this.#giveUp());
    // The polls go first: what is asked beside them must not take their time.
    this.#ask(this.#clusters.flatMap((cluster) => cluster.watches));
    for (const { sideWatches } of this.#clusters) for (const watch of sideWatches) watch.ask();
    this.#proceed();
  }

  #ask(watches: readonly Watch[]): void {
    for (const watch of watches) this.#pending.add(watch);
    for (const watch of watches) watch.loop.begin(0, true);
  }

  #settled(watch: Watch): void {
    if (this.#finished) return;
    this.#pending.delete(watch);
    try {
      // Nodes that this answer named need not wait for the slower answers.
      for (const cluster of this.#clusters) this.#ask(cluster.replan());
    } catch (error) {
      this.#reject(error);
    }
    this.#proceed();
  }

  #giveUp(): void {
    const late = [...this.#pending, ...this.#clusters.flatMap(({ hosts }) => hosts)];
    for (const { loop } of late) loop.giveUp(this.#timeoutMs);
    this.#finish();
  }

  /** Everything has answered or failed: then the routes have a moment more, and one that does not fit is looked at again. */
  #proceed(): void {
    if (this.#finished || this.#pending.size > 0) return;
    if (this.#clusters.some(({ hosts }) => hosts.some(({ loop }) => loop.busy))) return;
    if (!this.#isGraceOver && this.#clusters.some(({ routes }) => routes.some(({ loop }) => loop.busy))) {
      this.#startGrace();
      return;
    }
    try {
      const doubted = this.#isSecondLook ? [] : this.#clusters.filter((cluster) => isDoubted(cluster.build(null)));
      if (doubted.length === 0) this.#finish();
      else this.#lookAgain(doubted);
    } catch (error) {
      this.#reject(error);
    }
  }

  #startGrace(): void {
    if (this.#isGraceStarted) return;
    this.#isGraceStarted = true;
    this.#after(ROUTE_GRACE_MS, () => {
      this.#isGraceOver = true;
      this.#proceed();
    });
  }

  /** What does not come in time takes nothing away: the first answer stands, as one that nobody confirmed. */
  #lookAgain(doubted: readonly ClusterWatch[]): void {
    this.#isSecondLook = true;
    this.#isGraceOver = false;
    this.#isGraceStarted = true;
    this.#after(DOUBT_WITHIN_MS, () => this.#finish());
    for (const { sideWatches } of doubted) for (const watch of sideWatches) watch.ask();
    this.#ask(doubted.flatMap(({ watches }) => watches.filter((watch) => watch instanceof HaproxyWatch)));
  }

  #after(delayMs: number, callback: () => void): void {
    this.#cancelTimers.push(this.#parts.clock.after(delayMs, callback));
  }

  #finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    for (const cancel of this.#cancelTimers) cancel();
    const { clock } = this.#parts;
    try {
      const clusters = this.#clusters.map((cluster) => cluster.build(null));
      const closed = Promise.all(this.#clusters.map((cluster) => cluster.close()));
      const { intervalMs } = this.#settings;
      const snapshot = { seq: 1, at: clock.epochMs(), intervalMs, clusters, changes: [] };
      void settledWithin(clock, CLOSE_WITHIN_MS, closed).then(() => this.#resolve(snapshot));
    } catch (error) {
      this.#reject(error);
    }
  }
}

function isDoubted({ writer, readerRoutes = [], floatingIp }: ClusterSnapshot): boolean {
  if (floatingIp?.confirmed === false) return true;
  return [writer, ...readerRoutes].some((route) => route?.probe?.mismatch != null && !route.probe.confirmed);
}
