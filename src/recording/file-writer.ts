/** A recording being written: chunks are appended one after the other, never waited for by whoever tells them. */
import { type FileHandle, lstat, open, unlink } from "node:fs/promises";
import type { Chunk } from "./chunk.ts";
import { packChunk } from "./chunk.ts";
import { FIRST_LINE } from "./file-format.ts";
import { formatHead, type RecordingHead } from "./head.ts";

/** A disk that takes nothing must not fill the memory: beyond this the recording has failed. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;

/** The file is there and may not be replaced, or cannot be written. */
export class RecordingFileError extends Error {
  readonly path: string;
  readonly kind: "exists" | "not-a-file" | "cannot-write";

  constructor(kind: RecordingFileError["kind"], path: string, message: string) {
    super(message);
    this.name = "RecordingFileError";
    this.kind = kind;
    this.path = path;
  }
}

export interface RecordingFileOptions {
  readonly path: string;
  readonly head: RecordingHead;
  /** Replaces a file that is there. */
  readonly force: boolean;
  /** Called once, when a write fails: nothing is written after that. What is in the file can be read. */
  readonly onFailed: (error: RecordingFileError) => void;
}

/** @throws RecordingFileError */
export async function createRecordingFile(options: RecordingFileOptions): Promise<RecordingFile> {
  const { path, head, force } = options;
  if (force) await removeOld(path);
  let handle: FileHandle;
  try {
    // Exclusive, so that no link that somebody has put there is followed. What is seen of a production cluster is its owner's alone.
    handle = await open(path, "wx", 0o600);
  } catch (error) {
    throw describe(path, error);
  }
  const file = new RecordingFile(handle, options);
  file.write(FIRST_LINE);
  const at = head.startedAt;
  const about = { startsGroup: false, from: at, to: at, entries: 1, dictionary: null };
  file.add(packChunk({ kind: "head", ...about, text: formatHead(head) }));
  return file;
}

export class RecordingFile {
  readonly #handle: FileHandle;
  readonly #options: RecordingFileOptions;
  #queue: Promise<void> = Promise.resolve();
  #waitingBytes = 0;
  #bytes = 0;
  #lastAt: number;
  #error: RecordingFileError | null = null;

  constructor(handle: FileHandle, options: RecordingFileOptions) {
    this.#handle = handle;
    this.#options = options;
    this.#lastAt = options.head.startedAt;
  }

  /** Bytes that the file has. */
  get bytes(): number {
    return this.#bytes;
  }

  get error(): RecordingFileError | null {
    return this.#error;
  }

  add(chunk: Chunk): void {
    this.#lastAt = chunk.to;
    this.write(chunk.bytes);
  }

  /** Appends bytes as they are. */
  write(bytes: Buffer): void {
    if (this.#error !== null) return;
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes > MAX_WAITING_BYTES) {
      this.#fail(
        new RecordingFileError("cannot-write", this.#options.path, `${this.#options.path}: the disk is too slow`),
      );
      return;
    }
    this.#queue = this.#queue.then(() => this.#append(bytes));
  }

  /** Ends it: resolves when all is written. Never rejects; see `error`. */
  async close(): Promise<void> {
    const about = { startsGroup: false, from: this.#lastAt, to: this.#lastAt, entries: 0, dictionary: null };
    this.write(packChunk({ kind: "end", ...about, text: Buffer.alloc(0) }).bytes);
    await this.#queue;
    await this.#letGo();
  }

  async #letGo(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
  }

  async #append(bytes: Buffer): Promise<void> {
    if (this.#error !== null) return;
    try {
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await this.#handle.write(bytes, done);
        done += bytesWritten;
      }
      this.#bytes += bytes.length;
    } catch (error) {
      this.#fail(describe(this.#options.path, error));
    } finally {
      this.#waitingBytes -= bytes.length;
    }
  }

  #fail(error: RecordingFileError): void {
    if (this.#error !== null) return;
    this.#error = error;
    // A file that is left to the garbage collector makes Node write a warning, on whatever screen there is.
    this.#queue = this.#queue.then(() => this.#letGo());
    this.#options.onFailed(error);
  }
}

async function removeOld(path: string): Promise<void> {
  const stat = await lstat(path).catch(() => null);
  if (stat === null) return;
  if (!stat.isFile()) throw new RecordingFileError("not-a-file", path, `${path} is not a file that could be replaced`);
  await unlink(path).catch((error: unknown) => {
    throw describe(path, error);
  });
}

function describe(path: string, error: unknown): RecordingFileError {
  const { code = "error" } = error as NodeJS.ErrnoException;
  if (code === "EEXIST") return new RecordingFileError("exists", path, `${path} is there already`);
  const words: Readonly<Record<string, string>> = {
    ENOSPC: "the disk is full",
    EDQUOT: "the disk quota is used up",
    EACCES: "permission denied",
    ENOENT: "its folder does not exist",
    EROFS: "the file system is read-only",
  };
  return new RecordingFileError("cannot-write", path, `${path} cannot be written: ${words[code] ?? code}`);
}
