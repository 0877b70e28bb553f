/**
 * Keys for a question on the command line. What was typed before the question stood there never answers it, a paste never does, and
 * Ctrl-C is told apart from a terminal that went away.
 */
import { createKeyDecoder, ESCAPE_WAIT_MS } from "../../ui/input/decoder.ts";
import type { CliIo } from "../io.ts";

/** Type-ahead has ended when nothing came for this long; longer than the pause between two keys of auto-repeat. */
const QUIET_MS = 80;
const PASTE_MARKS_ON = "\u001b[?2004h";
const PASTE_MARKS_OFF = "\u001b[?2004l";

/** Keys that came in one piece, by name; a paste is not among them. */
export type Keys = readonly { readonly key: string; readonly text: string | null }[];

export type Stopped = { readonly kind: "interrupted" } | { readonly kind: "closed" };

/** Gives an answer, or undefined to go on reading. */
export type HandleKeys<T> = (keys: Keys) => T | undefined;

/** Resolves when nothing has been typed for a moment; everything until then is thrown away. */
function discardTypeAhead(stdin: NodeJS.ReadStream, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    let timer = setTimeout(end, QUIET_MS);
    function end() {
      clearTimeout(timer);
      for (const event of ["end", "close", "error"]) stdin.off(event, end);
      stdin.off("data", again);
      signal.removeEventListener("abort", end);
      resolve();
    }
    function again() {
      clearTimeout(timer);
      timer = setTimeout(end, QUIET_MS);
    }
    stdin.on("data", again);
    for (const event of ["end", "close", "error"]) stdin.on(event, end);
    signal.addEventListener("abort", end, { once: true });
    stdin.resume();
  });
}

function listen<T>(stdin: NodeJS.ReadStream, signal: AbortSignal, handle: HandleKeys<T>): Promise<T | Stopped> {
  return new Promise((resolve) => {
    const decoder = createKeyDecoder();
    let timer: NodeJS.Timeout | undefined;
    const settle = (answer: T | Stopped) => {
      clearTimeout(timer);
      stdin.off("data", onData);
      for (const event of ["end", "close", "error"]) stdin.off(event, onClosed);
      signal.removeEventListener("abort", onAbort);
      resolve(answer);
    };
    const onClosed = () => settle({ kind: "closed" });
    const onAbort = () => settle({ kind: "interrupted" });
    const take = (events: ReturnType<typeof decoder.push>) => {
      const keys = events.flatMap((event) => (event.type === "key" ? [event] : []));
      if (keys.some(({ key }) => key === "ctrl-c")) return onAbort();
      if (keys.some(({ key }) => key === "ctrl-d")) return onClosed();
      if (keys.length === 0) return;
      const answer = handle(keys);
      if (answer !== undefined) settle(answer);
    };
    function onData(chunk: Buffer | string) {
      clearTimeout(timer);
      take(decoder.push(Buffer.from(chunk), Date.now()));
      if (decoder.pending) timer = setTimeout(() => take(decoder.flush(Date.now())), ESCAPE_WAIT_MS);
    }
    if (signal.aborted) return onAbort();
    if (stdin.readableEnded || stdin.destroyed) return onClosed();
    stdin.on("data", onData);
    for (const event of ["end", "close", "error"]) stdin.on(event, onClosed);
    signal.addEventListener("abort", onAbort, { once: true });
    stdin.resume();
  });
}

/** EIO of a terminal that was closed may come late, when nobody asks any more; as an event without a listener it would end the program. */
const ignoreError = (): void => undefined;

/** A terminal that is gone has no modes to set. */
function setRawMode(stdin: NodeJS.ReadStream, on: boolean): void {
  try {
    stdin.setRawMode(on);
  } catch {
    // Reading it tells that it is closed.
  }
}

const written = (io: CliIo, text: string) => new Promise<void>((resolve) => io.stdout.write(text, () => resolve()));

/** Shows the question once the line is quiet and reads keys until one answers it. The terminal is as before afterwards. */
export async function askKeys<T>(
  io: CliIo,
  question: string,
  signal: AbortSignal,
  handle: HandleKeys<T>,
): Promise<T | Stopped> {
  const { stdin } = io;
  if (!stdin.listeners("error").includes(ignoreError)) stdin.on("error", ignoreError);
  setRawMode(stdin, true);
  try {
    await discardTypeAhead(stdin, signal);
    await written(io, `${PASTE_MARKS_ON}${question}`);
    return await listen(stdin, signal, handle);
  } finally {
    setRawMode(stdin, false);
    stdin.pause();
    io.stdout.write(`${PASTE_MARKS_OFF}\n`);
  }
}
