/**
 * Hold on the terminal: raw mode, bracketed paste, its loss, and giving it back. Ink draws; everything else about the terminal is
 * here, because Ink's own input reads what we must read, and because the way out has to work when Ink does not.
 */

import { closeSync, fstatSync, openSync } from "node:fs";
import { createKeyDecoder, ESCAPE_WAIT_MS } from "./input/decoder.ts";
import type { InputEvent } from "./input/events.ts";
import { createReadPending, type ReadPending } from "./input/pending.ts";

const PASTE_ON = "\u001b[?2004h";
const PASTE_OFF = "\u001b[?2004l";
/** Presses, releases and the wheel (1000), told in decimal figures (1006). Motion is left to the terminal: nobody needs it, and it floods. */
const MOUSE_ON = "\u001b[?1000h\u001b[?1006h";
const MOUSE_OFF = "\u001b[?1006l\u001b[?1000l";
/** Mouse and paste off, attributes off, cursor shown, main screen: harmless when already so. */
const RESTORE = `${MOUSE_OFF}${PASTE_OFF}\u001b[0m\u001b[?25h\u001b[?1049l`;

/** Longest wait for the terminal to take the restoring sequence. */
const RESTORE_MS = 500;

export interface TerminalOptions {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly clock: () => number;
  /** Whether the mouse is taken too. */
  readonly mouse?: boolean;
  /** `together`: how many events came in the same piece of input. */
  readonly onInput: (event: InputEvent, together: number) => void;
  /** The terminal is gone: there is nobody to draw for. Called once. */
  readonly onGone: () => void;
}

export interface Terminal {
  /** Takes the terminal: keys come one by one, pastes marked. */
  take(): void;
  /** Gives the keyboard and paste mode back, without touching what is drawn. */
  give(): void;
  /** Takes the mouse, or leaves it to the terminal; holds over give and take. */
  setMouse(on: boolean): void;
  /** Copies into the clipboard of the terminal (OSC 52). */
  copy(text: string): void;
  /**
   * Puts everything back, whatever state it is in; safe to call twice and at any time. Resolves when the terminal has taken it, at
   * the latest after RESTORE_MS: a terminal that does not read must not hold the way out.
   */
  restore(): Promise<void>;
  readonly isBlocked: boolean;
  /** Takes what was typed up to now, to be told by `tellTaken`; false where that cannot be done at once. */
  takePending(): boolean;
  /** Hands on what `takePending` took. */
  tellTaken(): void;
}

export function createTerminal(options: TerminalOptions): Terminal {
  const { stdin, stdout } = options;
  const decoder = createKeyDecoder();
  // Only the real terminal of the process has descriptors to close; asked now, for a lost terminal no longer tells.
  const device = stdin === process.stdin ? deviceOf(0) : null;
  let escapeTimer: NodeJS.Timeout | null = null;
  let gone = false;
  let restored = false;
  let mouse = options.mouse ?? false;
  let readPending: ReadPending | null = null;
  const taken: { readonly bytes: Uint8Array; readonly at: number }[] = [];

  function emit(events: readonly InputEvent[]): void {
    for (const event of events) options.onInput(event, events.length);
  }

  function waitForRest(): void {
    if (escapeTimer !== null) clearTimeout(escapeTimer);
    escapeTimer = decoder.pending
      ? setTimeout(() => {
          escapeTimer = null;
          emit(decoder.flush(options.clock()));
          waitForRest();
        }, ESCAPE_WAIT_MS)
      : null;
  }

  function decode(bytes: Uint8Array, at: number): void {
    emit(decoder.push(bytes, at));
    waitForRest();
  }

  function onData(bytes: Buffer | string): void {
    tellTaken();
    decode(typeof bytes === "string" ? Buffer.from(bytes) : bytes, options.clock());
  }

  function tellTaken(): void {
    for (const { bytes, at } of taken.splice(0)) decode(bytes, at);
  }

  /** EIO, EPIPE, end of input: without this a closed window leaves a process that spins on a dead descriptor. */
  function onGone(): void {
    if (gone) return;
    gone = true;
    stopReading();
    options.onGone();
  }

  function stopReading(): void {
    if (escapeTimer !== null) clearTimeout(escapeTimer);
    stdin.off("data", onData);
    readPending = null;
    stdin.pause();
  }

  function setRaw(raw: boolean): void {
    try {
      stdin.setRawMode?.(raw);
    } catch {
      // The terminal is gone already; there is no mode left to set.
    }
  }

  function isWritable(): boolean {
    return !gone && !stdout.destroyed && !stdout.writableEnded;
  }

  function write(text: string): void {
    if (isWritable()) stdout.write(text);
  }

  stdin.on("end", onGone).on("close", onGone).on("error", onGone);
  stdout.on("error", onGone).on("close", onGone);

  return {
    take() {
      setBlocking(stdout, false);
      setErrorsBlocking(false);
      setRaw(true);
      stdin.on("data", onData);
      stdin.resume();
      readPending = createReadPending(stdin);
      write(mouse ? `${PASTE_ON}${MOUSE_ON}` : PASTE_ON);
    },
    give() {
      stopReading();
      setRaw(false);
      write(mouse ? `${MOUSE_OFF}${PASTE_OFF}` : PASTE_OFF);
    },
    setMouse(on) {
      mouse = on;
      write(on ? MOUSE_ON : MOUSE_OFF);
    },
    copy(text) {
      write(`\u001b]52;c;${Buffer.from(text, "utf8").toString("base64")}\u0007`);
    },
    async restore() {
      if (restored) return;
      restored = true;
      stopReading();
      setRaw(false);
      // A blocking write to a terminal that does not read would hang the way out.
      if (!stdout.writableNeedDrain) {
        setBlocking(stdout, true);
        setErrorsBlocking(true);
      }
      if (isWritable() && !(await writeWithin(stdout, RESTORE, RESTORE_MS))) gone = true;
      if (gone && device !== null) replaceDescriptors(device);
    },
    get isBlocked() {
      return stdout.writableNeedDrain;
    },
    takePending() {
      if (readPending === null) return false;
      const bytes = readPending();
      if (bytes.length > 0) taken.push({ bytes, at: options.clock() });
      return true;
    },
    tellTaken,
  };
}

/**
 * Node makes writes to a terminal block, so a terminal that stops reading (a half-open SSH session) would stop the event loop and
 * with it signals and keys. libuv can do without; Node has no public name for it.
 */
function setBlocking(stdout: NodeJS.WriteStream, blocking: boolean): void {
  const { _handle: handle } = stdout as { _handle?: { setBlocking?: (blocking: boolean) => number } };
  handle?.setBlocking?.(blocking);
}

/**
 * Standard error is the same terminal, and what Ink hides the cursor with shows it again there when the process ends: blocking, that write
 * keeps a process whose terminal does not read alive for ever.
 */
function setErrorsBlocking(blocking: boolean): void {
  if (process.stderr.isTTY) setBlocking(process.stderr, blocking);
}

/** False when the stream refuses the text; true when it took it, or might still. */
function writeWithin(stdout: NodeJS.WriteStream, text: string, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const deadline = setTimeout(() => resolve(true), timeoutMs);
    stdout.write(text, (error) => {
      clearTimeout(deadline);
      resolve(error === null || error === undefined);
    });
  });
}

/**
 * Node 20 and 24 reset the modes of their terminal when the process ends and abort (SIGABRT, a core dump) when that fails with EIO,
 * as it does on a terminal that was closed; descriptors that lead elsewhere by then they leave alone.
 */
function replaceDescriptors(device: number): void {
  for (const fd of [0, 1, 2]) {
    if (deviceOf(fd) !== device) continue;
    try {
      closeSync(fd);
      // Takes the lowest free number, so the one just closed. Left free, the next file would get it, and libuv asserts on that.
      openSync("/dev/null", "r+");
    } catch {
      // Closed already.
    }
  }
}

/** Number of the device behind a descriptor; null for anything that is none. */
function deviceOf(fd: number): number | null {
  try {
    const stat = fstatSync(fd);
    return stat.isCharacterDevice() ? stat.rdev : null;
  } catch {
    return null;
  }
}
