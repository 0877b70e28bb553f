/** Writing one journal file: what `append` resolved for is on disk. */
import { writeSync } from "node:fs";
import { chmod, type FileHandle, open, stat } from "node:fs/promises";
import { join } from "node:path";
import { formatJournalLine, type JournalLine } from "./line.ts";
import { makeFolder } from "./make-folder.ts";

const NEWLINE = 10;

export interface JournalFile {
  /** Writes the lines in one piece and resolves when they are on disk. @throws NodeJS.ErrnoException, e.g. ENOSPC */
  append(lines: readonly JournalLine[]): Promise<void>;
  /**
   * Writes the lines now and does not wait for the disk, which gets them within a moment. Never throws: what went wrong is told by `settle`,
   * since a full disk must not keep writes stopped.
   */
  appendSoon(lines: readonly JournalLine[]): void;
  /** Resolves when everything is on disk. @throws NodeJS.ErrnoException the first thing that ever went wrong: what is lost stays lost */
  settle(): Promise<void>;
  /** The same, at most for that long; never rejects. */
  settleWithin(timeoutMs: number): Promise<void>;
  close(): Promise<void>;
}

export function journalPath(dir: string, id: string): string {
  return join(dir, `${id}.jsonl`);
}

/** Creates the folder (0700); one that others can look into and that is ours alone to use is closed to them. */
async function prepareDir(dir: string): Promise<void> {
  await makeFolder(dir);
  const { mode, uid } = await stat(dir);
  const isShared = (mode & 0o1000) !== 0;
  if ((mode & 0o077) !== 0 && !isShared && uid === process.getuid?.()) await chmod(dir, 0o700);
}

/** A new file has to be found again after a power cut: the folder's entry is synced too. */
async function syncDir(dir: string): Promise<void> {
  const handle = await open(dir, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function endsHalfWay(path: string): Promise<boolean> {
  const handle = await open(path, "r");
  try {
    const { size } = await handle.stat();
    if (size === 0) return false;
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
    return buffer[0] !== NEWLINE;
  } finally {
    await handle.close();
  }
}

/** Opens the file of an operation, new or to go on with. @throws NodeJS.ErrnoException */
export async function openJournalFile(dir: string, id: string): Promise<JournalFile> {
  await prepareDir(dir);
  const path = journalPath(dir, id);
  const handle: FileHandle = await open(path, "a", 0o600);
  // A half line left by a crash must not swallow the next one.
  if (await endsHalfWay(path)) await handle.writeFile("\n");
  await syncDir(dir);
  const soon = new SoonWriter(handle);
  return {
    async append(lines) {
      await handle.writeFile(lines.map(formatJournalLine).join(""));
      await handle.sync();
    },
    appendSoon: (lines) => soon.write(lines),
    settle: () => soon.settle(),
    settleWithin: (timeoutMs) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        void soon
          .settle()
          .catch(() => {})
          .finally(() => {
            clearTimeout(timer);
            resolve();
          });
      }),
    async close() {
      await soon.settle().catch(() => {});
      await handle.close();
    },
  };
}

/** A sync may hold up the next write to the same file: one that is over within this time is synced as a whole. */
const SYNC_DELAY_MS = 100;

class SoonWriter {
  readonly #handle: FileHandle;
  #error: unknown = null;
  #timer: NodeJS.Timeout | null = null;
  #syncing: Promise<void> = Promise.resolve();
  #isDirty = false;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  write(lines: readonly JournalLine[]): void {
    try {
      const text = Buffer.from(lines.map(formatJournalLine).join(""));
      let at = 0;
      while (at < text.length) at += writeSync(this.#handle.fd, text, at);
    } catch (error) {
      this.#error ??= error;
    }
    this.#isDirty = true;
    this.#timer ??= setTimeout(() => this.#sync(), SYNC_DELAY_MS);
  }

  async settle(): Promise<void> {
    this.#sync();
    await this.#syncing;
    if (this.#error !== null) throw this.#error;
  }

  #sync(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (!this.#isDirty) return;
    this.#isDirty = false;
    this.#syncing = this.#syncing
      .then(() => this.#handle.sync())
      .catch((error: unknown) => {
        this.#error ??= error;
      });
  }
}
