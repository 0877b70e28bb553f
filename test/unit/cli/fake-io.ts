/** A world for commands that keeps what they say. */
import { PassThrough } from "node:stream";
import type { CliIo } from "../../../src/cli/io.ts";

export interface FakeIo {
  readonly io: CliIo;
  readonly out: () => string;
  readonly err: () => string;
  /** Presses Ctrl-C. */
  readonly interrupt: () => void;
  /** Bytes from the keyboard, in one piece. */
  readonly type: (text: string) => void;
  /** The terminal goes away. */
  readonly endInput: () => void;
  /** Whether keys are read one by one now. */
  readonly isRaw: () => boolean;
}

export interface FakeIoOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly stdinIsTty?: boolean;
  readonly stdoutIsTty?: boolean;
  readonly now?: number;
}

function createStream(isTTY: boolean, written: string[]): PassThrough & { isTTY: boolean } {
  const stream = Object.assign(new PassThrough(), { isTTY });
  stream.on("data", (chunk: Buffer) => written.push(chunk.toString("utf8")));
  return stream;
}

export function createFakeIo(options: FakeIoOptions = {}): FakeIo {
  const out: string[] = [];
  const err: string[] = [];
  const interrupted = new Set<() => void>();
  let raw = false;
  const stdin = Object.assign(createStream(options.stdinIsTty ?? false, []), {
    setRawMode(on: boolean) {
      raw = on;
    },
  });
  const io: CliIo = {
    stdin: stdin as unknown as NodeJS.ReadStream,
    stdout: createStream(options.stdoutIsTty ?? false, out) as unknown as NodeJS.WriteStream,
    stderr: { write: (text) => err.push(text) },
    env: { HOME: "/nonexistent", ...options.env },
    cwd: options.cwd ?? "/nonexistent",
    now: () => options.now ?? 0,
    engineUrl: new URL("file:///nonexistent/engine.js"),
    onInterrupt(listener) {
      interrupted.add(listener);
      return () => interrupted.delete(listener);
    },
    onStop(listener) {
      interrupted.add(listener);
      return () => interrupted.delete(listener);
    },
    holdOutput: () => () => undefined,
  };
  return {
    io,
    out: () => out.join(""),
    err: () => err.join(""),
    interrupt: () => {
      for (const listener of [...interrupted]) listener();
    },
    type: (text) => stdin.write(text),
    endInput: () => stdin.end(),
    isRaw: () => raw,
  };
}
