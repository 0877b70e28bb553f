/** Signals and last words: every way the process can end passes through here while the console holds the terminal. */
export type EndSignal = "SIGTERM" | "SIGHUP" | "SIGINT";

/** Exit codes by signal, as shells know them. */
export const SIGNAL_EXIT_CODES: Readonly<Record<EndSignal, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

export interface SignalOptions {
  readonly onEnd: (signal: EndSignal) => void;
  /** SIGTSTP from outside (raw mode keeps Ctrl-Z from making one). */
  readonly onStop: () => void;
  readonly onError: (error: unknown) => void;
}

const END_SIGNALS: readonly EndSignal[] = ["SIGTERM", "SIGHUP", "SIGINT"];

function ignoreHangUp(): void {}

/**
 * The end of a lost terminal is seen before the signal that tells it: that comes while an operation goes to its safe point and folders are
 * cleared, and must not kill the program on the way to its end.
 */
function outliveHangUp(): void {
  if (!process.listeners("SIGHUP").includes(ignoreHangUp)) process.on("SIGHUP", ignoreHangUp);
}

/** Installs the handlers; `release` takes them away again, but for a hang-up, which no longer ends the process from then on. */
export function createSignals(options: SignalOptions): { release(): void } {
  const handlers = new Map<NodeJS.Signals, () => void>(
    END_SIGNALS.map((signal) => [signal, () => options.onEnd(signal)]),
  );
  handlers.set("SIGTSTP", options.onStop);
  for (const [signal, handler] of handlers) process.on(signal, handler);
  process.on("uncaughtException", options.onError);
  process.on("unhandledRejection", options.onError);
  return {
    release() {
      outliveHangUp();
      for (const [signal, handler] of handlers) process.off(signal, handler);
      process.off("uncaughtException", options.onError);
      process.off("unhandledRejection", options.onError);
    },
  };
}
