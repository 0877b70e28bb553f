/** The world a command runs in; tests pass one of their own. */

/** Where text goes. */
export interface TextSink {
  write(text: string): unknown;
}

export interface CliIo {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: TextSink;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
  /** Program of the engine's worker: beside the bundle, or its source when run from source. */
  readonly engineUrl: URL;
  /** Calls back at Ctrl-C until the returned function is called. */
  readonly onInterrupt: (listener: () => void) => () => void;
  /** Calls back at every request to stop (Ctrl-C, SIGTERM, a terminal that went away) until the returned function is called. */
  readonly onStop: (listener: () => void) => () => void;
  /** Until the returned function is called, a closed pipe or terminal does not end the program: an operation is under way. */
  readonly holdOutput: () => () => void;
}

export interface ProcessIo extends CliIo {
  readonly isOutputHeld: () => boolean;
  /** True from the first operation on. */
  readonly wasOutputHeld: () => boolean;
  /** The terminal is gone, which the kernel tells by a signal only to the session's first process. */
  readonly requestStop: () => void;
}

const STOP_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export function createProcessIo(engineUrl: URL): ProcessIo {
  const { stdin, stdout, stderr, env } = process;
  let holds = 0;
  let wasHeld = false;
  const stopListeners = new Set<() => void>();
  const on = (signals: readonly NodeJS.Signals[], listener: () => void) => {
    for (const signal of signals) process.on(signal, listener);
    return () => {
      for (const signal of signals) process.off(signal, listener);
    };
  };
  return {
    stdin,
    stdout,
    stderr,
    env,
    cwd: process.cwd(),
    now: Date.now,
    engineUrl,
    onInterrupt: (listener) => on(["SIGINT"], listener),
    onStop(listener) {
      const off = on(STOP_SIGNALS, listener);
      stopListeners.add(listener);
      return () => {
        off();
        stopListeners.delete(listener);
      };
    },
    requestStop: () => {
      for (const listener of [...stopListeners]) listener();
    },
    holdOutput() {
      holds += 1;
      wasHeld = true;
      return () => {
        holds -= 1;
      };
    },
    isOutputHeld: () => holds > 0,
    wasOutputHeld: () => wasHeld,
  };
}

/** Colour by the rules of https://no-color.org: never when the option or NO_COLOR says so. */
export function wantsColor(io: CliIo, colorOption: boolean): boolean {
  return colorOption && !io.env.NO_COLOR && io.env.TERM !== "dumb" && io.stdout.isTTY === true;
}
