/** Waiting with a bound. */
import type { Clock } from "./clock.ts";

/** Resolves when the promise has settled either way, at the latest after `limitMs`; leaves no timer behind. */
export function settledWithin(clock: Clock, limitMs: number, promise: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(limitMs, resolve);
    const done = () => {
      cancel();
      resolve();
    };
    promise.then(done, done);
  });
}
