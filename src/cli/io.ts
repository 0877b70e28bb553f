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
}

export function createProcessIo(engineUrl: URL): CliIo {
  const { stdin, stdout, stderr, env } = process;
  const onInterrupt = (listener: () => void) => {
    process.on("SIGINT", listener);
    return () => process.off("SIGINT", listener);
  };
  return { stdin, stdout, stderr, env, cwd: process.cwd(), now: Date.now, engineUrl, onInterrupt };
}

/** Colour by the rules of https://no-color.org: never when the option or NO_COLOR says so. */
export function wantsColor(io: CliIo, colorOption: boolean): boolean {
  return colorOption && !io.env.NO_COLOR && io.env.TERM !== "dumb" && io.stdout.isTTY === true;
}
