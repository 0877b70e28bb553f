/** One deadline and one abort signal for everything a call does. */

import type { RequestBounds } from "../contract.ts";
import { DriverError } from "../errors.ts";
import { silentNamesAdvice } from "./failure.ts";

/** What is being done right now, so that a timeout can say where it struck. */
export interface Progress {
  operation: string;
  /** Tells whether the address of the server is still being asked for; null before there is a connection to ask. */
  isNameAsked: (() => boolean) | null;
  /** Why nothing may have come back; shown with a timeout. */
  hint: string | null;
  /** Ends whatever is under way; called once, at the deadline or on abort. */
  cancel: ((reason: DriverError) => void) | null;
  /** Why the call was given up; whatever is opened after that has to be closed by whoever opened it. */
  ended: DriverError | null;
}

/**
 * Runs `work` until it settles, the deadline passes or the signal aborts, whichever comes first. What `work` does after that is ignored:
 * `progress.cancel` has destroyed its connection.
 * @throws DriverError kind `timeout` or `cancelled`, or what `work` threw
 */
export function runBounded<T>(
  target: string,
  { signal, timeoutMs }: RequestBounds,
  work: (progress: Progress) => Promise<T>,
): Promise<T> {
  const progress: Progress = { operation: "connect", isNameAsked: null, hint: null, cancel: null, ended: null };
  return new Promise<T>((resolve, reject) => {
    const stop = (kind: "timeout" | "cancelled") => {
      const { operation } = progress;
      const isNameAsked = progress.isNameAsked?.() ?? false;
      const silent = isNameAsked ? "the name server has not answered" : "no answer";
      const what = kind === "timeout" ? `${silent} within ${timeoutMs} ms` : "cancelled";
      const hint = isNameAsked ? silentNamesAdvice : progress.hint;
      const advice = kind === "timeout" ? (hint ?? "The server is stopped, overloaded or cut off.") : null;
      const error = new DriverError({ kind, target, operation, message: `${target}: ${operation}: ${what}`, advice });
      progress.ended = error;
      finish(() => reject(error));
      progress.cancel?.(error);
    };
    const onAbort = () => stop("cancelled");
    const timer = setTimeout(() => stop("timeout"), timeoutMs);
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      settle();
    };
    if (signal.aborted) return onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    work(progress).then(
      (value) => finish(() => resolve(value)),
      (error: unknown) => finish(() => reject(error)),
    );
  });
}
