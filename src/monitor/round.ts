/** One round of polls over many endpoints, settled when each has answered or failed, or when the window is over: whichever is first. */
import type { Clock } from "./clock.ts";
import type { Watch } from "./cluster-watch.ts";
import { spreadMs, startWithinMs } from "./pace.ts";

export interface RoundOptions {
  readonly clock: Clock;
  readonly intervalMs: number;
  readonly urgent: boolean;
  readonly windowMs: number;
  readonly onDone: () => void;
}

export class Round {
  readonly #pending = new Set<Watch>();
  readonly #onDone: () => void;
  readonly #cancel: () => void;
  #done = false;

  /**
   * Begins every watch that is due. Those still busy with an earlier turn are left alone and waited for by nobody; in an urgent round
   * they run again right after it, and that turn is waited for.
   */
  constructor(watches: readonly Watch[], options: RoundOptions) {
    const { clock, intervalMs, urgent, windowMs } = options;
    const spread = spreadMs(intervalMs, watches.length, urgent);
    this.#onDone = options.onDone;
    for (const watch of watches) {
      if (watch.loop.begin(startWithinMs(watch.loop.phase, spread), urgent) || urgent) this.#pending.add(watch);
    }
    this.#cancel = clock.after(this.#pending.size === 0 ? 0 : windowMs, () => this.#finish());
  }

  get done(): boolean {
    return this.#done;
  }

  /** To be called for every watch that settles, whether it belongs to this round or not. */
  settled(watch: Watch): void {
    if (watch.loop.busy) return;
    if (this.#pending.delete(watch) && this.#pending.size === 0) this.#finish();
  }

  cancel(): void {
    this.#done = true;
    this.#cancel();
  }

  #finish(): void {
    if (this.#done) return;
    this.cancel();
    this.#onDone();
  }
}
