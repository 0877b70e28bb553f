/** One request's bounds as one signal, with the errors they end in. Used by the socket and by the stats page. */
import type { RequestBounds } from "../contract.ts";
import { DriverError } from "../errors.ts";

export interface BoundedRequest {
  readonly bounds: RequestBounds;
  readonly target: string;
  readonly operation: string;
  /** Called at the deadline, so that the error can tell how far the request got. */
  readonly describeTimeout: () => DriverError;
}

/**
 * Runs `work` until it settles, the deadline passes (rejects with `describeTimeout()`) or the caller aborts (kind `cancelled`).
 * Rejects at once in both cases, even when `work` does not heed its signal.
 */
export async function runBounded<T>(request: BoundedRequest, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { bounds } = request;
  const controller = new AbortController();
  const cancel = (): void => controller.abort(cancelled(request));
  const timer = setTimeout(() => controller.abort(request.describeTimeout()), bounds.timeoutMs);
  bounds.signal.addEventListener("abort", cancel, { once: true });
  if (bounds.signal.aborted) cancel();
  try {
    controller.signal.throwIfAborted();
    return await Promise.race([work(controller.signal), rejectOnAbort(controller.signal)]);
  } finally {
    clearTimeout(timer);
    bounds.signal.removeEventListener("abort", cancel);
  }
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

function cancelled(request: BoundedRequest): DriverError {
  const { target, operation } = request;
  return new DriverError({ kind: "cancelled", target, operation, message: `${operation} was cancelled.` });
}
