/** A clock that runs by itself while somebody waits: timers go off in the order in which they are due, and nothing else takes time. */
import type { OperationClock } from "../../../../src/operations/ports.ts";

interface Timer {
  readonly dueMs: number;
  readonly order: number;
  readonly callback: () => void;
}

export class FakeClock implements OperationClock {
  nowMs: number;
  readonly #timers = new Set<Timer>();
  #order = 0;
  #isPumping = false;

  constructor(nowMs: number) {
    this.nowMs = nowMs;
  }

  readonly monotonicMs = () => this.nowMs;
  readonly epochMs = () => this.nowMs;

  readonly after = (delayMs: number, callback: () => void) => {
    this.#order += 1;
    const timer = { dueMs: this.nowMs + delayMs, order: this.#order, callback };
    this.#timers.add(timer);
    this.#pump();
    return () => {
      this.#timers.delete(timer);
    };
  };

  #pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    setImmediate(() => {
      this.#isPumping = false;
      const [next] = [...this.#timers].sort((a, b) => a.dueMs - b.dueMs || a.order - b.order);
      if (next === undefined) return;
      this.#timers.delete(next);
      this.nowMs = Math.max(this.nowMs, next.dueMs);
      next.callback();
      if (this.#timers.size > 0) this.#pump();
    });
  }
}
