import type { Clock } from "../../../../src/monitor/clock.ts";

interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
}

/** Time that moves only when told to. Between two timers everything that is ready to run does so. */
export class FakeClock implements Clock {
  #monotonicMs = 1_000;
  #wallMs = Date.UTC(2026, 10, 20, 3, 0, 0);
  #timers: Timer[] = [];
  #randomState = 0;

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  epochMs(): number {
    return this.#wallMs;
  }

  /** Evenly spread, the same in every run. */
  random(): number {
    this.#randomState = (this.#randomState + 0.618_033_988) % 1;
    return this.#randomState;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { atMs: this.#monotonicMs + Math.max(0, delayMs), callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  get timers(): number {
    return this.#timers.length;
  }

  /** The wall clock is set, or the machine slept: time passes that the monotonic clock does not see. */
  jumpWall(byMs: number): void {
    this.#wallMs += byMs;
  }

  /** The thread was blocked: time passes, timers that came due meanwhile run only afterwards. */
  block(byMs: number): void {
    this.#monotonicMs += byMs;
    this.#wallMs += byMs;
  }

  async advance(byMs: number): Promise<void> {
    const untilMs = this.#monotonicMs + byMs;
    await settle();
    for (;;) {
      const next = this.#timers.filter((timer) => timer.atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      this.#moveTo(next.atMs);
      this.#timers = this.#timers.filter((timer) => timer !== next);
      next.callback();
      await settle();
    }
    this.#moveTo(untilMs);
  }

  #moveTo(atMs: number): void {
    const byMs = Math.max(0, atMs - this.#monotonicMs);
    this.#monotonicMs += byMs;
    this.#wallMs += byMs;
  }
}

/** Lets every promise reaction that is ready run. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
