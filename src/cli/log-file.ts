/** `--log FILE`: what the engine says and what changed, one line each. Nothing waits for it: a hung disk or a pipe that nobody reads costs lines, and that is told. */
import { close, constants, openSync, write } from "node:fs";
import { resolve } from "node:path";
import { UsageError } from "../config/config-error.ts";
import type { EngineEvent } from "../engine/protocol.ts";
import type { ChangeEvent } from "../model/change.ts";
import { printable } from "../model/printable.ts";
import type { EpochMs } from "../model/reading.ts";

export interface LogFile {
  /** One line of our own. */
  readonly note: (at: EpochMs, line: string) => void;
  readonly record: (event: EngineEvent) => void;
  /** Resolves when all is written, or after a second: a log must not hold the way out. Never rejects. */
  close(): Promise<void>;
}

/** Bytes that are kept for a file that takes nothing now; lines beyond are left out. */
const MOST_WAITING = 1024 * 1024;
const CLOSE_WITHIN_MS = 1_000;
const NEWLINE = 0x0a;

/** Opens the file for appending, readable by its owner only. @throws UsageError */
export function openLog(path: string, cwd: string): LogFile {
  const lines = new LineWriter(openForAppending(resolve(cwd, path)));
  const say = (at: EpochMs, text: string) => lines.add(at, printable(text));
  return {
    note: say,
    record(event) {
      if (event.type === "log") say(event.at, event.line);
      if (event.type === "snapshot") for (const change of event.snapshot.changes) say(change.at, formatChange(change));
    },
    close: () => lines.close(),
  };
}

class LineWriter {
  readonly #file: number;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #missing = 0;
  /** The last line that was written has no end. */
  #isCut = false;
  /** While a write is under way. */
  #writing: Promise<void> | null = null;
  #isWritable = true;

  constructor(file: number) {
    this.#file = file;
  }

  add(at: EpochMs, text: string): void {
    if (!this.#isWritable) return;
    const time = new Date(at).toISOString();
    const told = `${time} ${this.#missing} lines are missing here: the log took no more\n`;
    const bytes = Buffer.from(`${this.#missing > 0 ? told : ""}${time} ${text}\n`, "utf8");
    if (this.#waitingBytes + bytes.length > MOST_WAITING) {
      this.#missing += 1;
      return;
    }
    this.#missing = 0;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#writing ??= this.#writeAll();
  }

  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((done) => {
      timer = setTimeout(done, CLOSE_WITHIN_MS);
    });
    await Promise.race([this.#writing ?? Promise.resolve(), late]);
    clearTimeout(timer);
    this.#isWritable = false;
    // Never while it is written: its number may be another file's by then.
    if (this.#writing === null) close(this.#file, () => undefined);
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0 && this.#isWritable) {
      const lines = Buffer.concat(this.#waiting);
      const bytes = this.#isCut ? Buffer.concat([Buffer.from("\n"), lines]) : lines;
      this.#waiting = [];
      const { failure, done } = await this.#write(bytes);
      this.#waitingBytes -= lines.length;
      if (done > 0) this.#isCut = bytes[done - 1] !== NEWLINE;
      // A pipe that is full: its reader may come back.
      if (failure === "EAGAIN") this.#missing += countLines(bytes.subarray(done));
      // A full disk must not end the console; there is no better place to tell it either.
      else if (failure !== null) this.#isWritable = false;
    }
    this.#writing = null;
  }

  /** Failure is null when all of it was written. */
  async #write(bytes: Buffer): Promise<{ readonly failure: string | null; readonly done: number }> {
    let done = 0;
    while (done < bytes.length) {
      const written = await new Promise<number | string>((resolve) => {
        write(this.#file, bytes, done, bytes.length - done, null, (error, count) =>
          resolve(error === null ? count : (error.code ?? "error")),
        );
      });
      if (typeof written === "string") return { failure: written, done };
      done += written;
    }
    return { failure: null, done };
  }
}

function countLines(bytes: Buffer): number {
  let count = 0;
  for (const byte of bytes) if (byte === NEWLINE) count += 1;
  return count;
}

function openForAppending(path: string): number {
  const { O_APPEND, O_CREAT, O_WRONLY, O_NONBLOCK } = constants;
  try {
    // Without waiting: a pipe has no reader perhaps, and may have a slow one.
    return openSync(path, O_APPEND | O_CREAT | O_WRONLY | O_NONBLOCK, 0o600);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "error";
    throw new UsageError(`--log: ${path} cannot be written (${code})`);
  }
}

function formatChange({ cluster, severity, subject, before, after }: ChangeEvent): string {
  return `${cluster} ${severity} ${subject}: ${before} -> ${after}`;
}
