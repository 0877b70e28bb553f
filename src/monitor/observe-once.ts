/** One look for `signalbox status`: everything at once, then what was found by it, and back as soon as the last has answered or failed. */
import type { Settings } from "../model/settings.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { ClusterWatch, type Watch } from "./cluster-watch.ts";
import type { MonitorParts } from "./parts.ts";
import { settledWithin } from "./within.ts";

/** Closing must not hold up an answer that is there. */
const CLOSE_WITHIN_MS = 100;

export interface OnceOptions {
  /** Bound of the whole look; endpoints that have not answered by then are failed: timeout. */
  readonly timeoutMs: number;
}

/** Resolves with seq 1 and no changes; never rejects for what an endpoint does. */
export function observeOnceWith(settings: Settings, parts: MonitorParts, options: OnceOptions): Promise<Snapshot> {
  return new Promise((resolve, reject) => {
    const { clock } = parts;
    const pending = new Set<Watch>();
    const pace = { intervalMs: Math.max(settings.intervalMs, options.timeoutMs), deadlineMs: options.timeoutMs };
    const clusters: readonly ClusterWatch[] = settings.clusters.map(
      (cluster) => new ClusterWatch({ settings: cluster, parts, pace, onSettled }),
    );
    const cancelDeadline = clock.after(options.timeoutMs, () => {
      for (const watch of [...pending]) watch.loop.giveUp(options.timeoutMs);
      finish();
    });
    let finished = false;

    function begin(watches: readonly Watch[]): void {
      for (const watch of watches) pending.add(watch);
      for (const watch of watches) watch.loop.begin(0, true);
    }

    function onSettled(watch: Watch): void {
      pending.delete(watch);
      if (finished) return;
      try {
        // Nodes that this answer named need not wait for the slower answers.
        for (const cluster of clusters) begin(cluster.replan());
      } catch (error) {
        reject(error);
      }
      if (pending.size === 0) finish();
    }

    function finish(): void {
      if (finished) return;
      finished = true;
      cancelDeadline();
      try {
        const built = clusters.map((cluster) => cluster.build(false));
        const closed = Promise.all(clusters.map((cluster) => cluster.close()));
        const snapshot = { seq: 1, at: clock.epochMs(), intervalMs: settings.intervalMs, clusters: built, changes: [] };
        void settledWithin(clock, CLOSE_WITHIN_MS, closed).then(() => resolve(snapshot));
      } catch (error) {
        reject(error);
      }
    }

    begin(clusters.flatMap((cluster) => cluster.watches));
    if (pending.size === 0) finish();
  });
}
