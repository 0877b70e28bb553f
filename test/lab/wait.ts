import { setTimeout as delay } from "node:timers/promises";

export interface WaitOptions {
  /** Milliseconds until waiting is given up; default 15,000. */
  readonly timeoutMs?: number;
  /** Milliseconds between two looks; default 25. */
  readonly intervalMs?: number;
}

/** Thrown by a look to say that waiting longer is of no use. */
export class Hopeless extends Error {
  override readonly name = "Hopeless";
}

/**
 * Looks again and again until `look` returns something other than `undefined`, `null` or `false`, and returns that.
 * An exception of `look` counts as "not yet" (but {@link Hopeless} ends it); the last one becomes the cause of the error at the deadline.
 */
export async function waitFor<T>(
  what: string,
  look: () => Promise<T | undefined | null | false> | T | undefined | null | false,
  options: WaitOptions = {},
): Promise<T> {
  const timeoutMs = options.timeoutMs ?? 15_000;
  const deadline = Date.now() + timeoutMs;
  let cause: unknown;
  for (;;) {
    try {
      const found = await look();
      if (found !== undefined && found !== null && found !== false) return found;
    } catch (error) {
      if (error instanceof Hopeless) throw error;
      cause = error;
    }
    if (Date.now() >= deadline) {
      const reason = cause instanceof Error ? `: ${cause.message}` : "";
      throw new Error(`after ${timeoutMs} ms still waiting for: ${what}${reason}`, { cause });
    }
    await delay(options.intervalMs ?? 25);
  }
}
