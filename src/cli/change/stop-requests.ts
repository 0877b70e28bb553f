/** Requests to stop, counted: the first one asks for a safe point, none of them kills a change that is under way. */
import type { CliIo } from "../io.ts";

export interface StopRequests {
  readonly signal: AbortSignal;
  /** As if Ctrl-C had been pressed: in raw mode the terminal gives a key and no signal. */
  request(): void;
  release(): void;
}

export function createStopRequests(io: CliIo, onRequest: (times: number) => void): StopRequests {
  const controller = new AbortController();
  let times = 0;
  const request = () => {
    times += 1;
    onRequest(times);
    controller.abort();
  };
  return { signal: controller.signal, request, release: io.onStop(request) };
}

/** The result of the work, or null as soon as somebody asks to stop; the work is then left to itself. */
export async function orStopped<T>(signal: AbortSignal, work: Promise<T>): Promise<T | null> {
  if (signal.aborted) return null;
  let release = (): void => undefined;
  const stopped = new Promise<null>((resolve) => {
    const stop = () => resolve(null);
    signal.addEventListener("abort", stop, { once: true });
    release = () => signal.removeEventListener("abort", stop);
  });
  try {
    return await Promise.race([work, stopped]);
  } finally {
    release();
  }
}
