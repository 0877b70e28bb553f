/** The journal of a machine: list, show, find what was left unfinished, and mark what was taken back. */
import { readdir, readFile, stat } from "node:fs/promises";
import { RequestError } from "../errors.ts";
import { type JournalFile, journalPath, openJournalFile } from "./file.ts";
import { type JournalLine, parseJournalLine } from "./line.ts";
import { isProcessAlive } from "./process-identity.ts";
import { buildRecord, type IsAlive, isUndoable, needsAttention, type OperationRecord } from "./record.ts";

/** Files kept in memory as read; what was appended to is read again. */
const CACHE_CAPACITY = 400;
/** Files looked at when the last operations are wanted. */
const LIST_LIMIT = 200;
/** A journal of years is not read through for a cluster in which nothing happened; so many are kept in memory. */
const MOST_READ = CACHE_CAPACITY;

export interface Journal {
  readonly dir: string;
  /** Newest first, of one cluster or of all; files that cannot be read are left out. @throws RequestError when the folder cannot be: then nothing is known */
  list(cluster: string | null, limit?: number): Promise<readonly OperationRecord[]>;
  /** Null when there is none of that name. */
  show(id: string): Promise<OperationRecord | null>;
  /** Operations that need resume or undo, newest first. */
  unfinished(cluster: string): Promise<readonly OperationRecord[]>;
  /** What undo without an id takes back: the last operation, undo itself left out, that changed something. */
  lastUndoable(cluster: string): Promise<OperationRecord | null>;
  open(id: string): Promise<JournalFile>;
  /** Notes in the operation's own file that it was taken back by another. */
  markUndone(record: OperationRecord, by: string, at: string): Promise<void>;
}

export interface JournalOptions {
  readonly dir: string;
  readonly host: string;
  /** Default: asks the system. */
  readonly isAlive?: IsAlive;
}

/** The whole lines of a file, in order; a half last line and lines nobody understands are passed over. */
export function parseJournal(text: string): readonly JournalLine[] {
  return text.split("\n").flatMap((line) => (line === "" ? [] : (parseJournalLine(line) ?? [])));
}

/** Nothing where there is no folder yet: the first operation makes it. @throws RequestError */
async function listDir(dir: string): Promise<readonly string[]> {
  try {
    return await readdir(dir);
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return [];
    throw new RequestError("journal", `The journal in ${dir} cannot be read (${code}).`);
  }
}

interface KeptFile {
  readonly version: string;
  readonly lines: readonly JournalLine[];
  /** The same object for as long as the file is the same; null while the operation has not ended. */
  record: OperationRecord | null;
}

const ID = /^[A-Za-z0-9][A-Za-z0-9.-]*$/;

export function createJournal({ dir, host, isAlive = isProcessAlive }: JournalOptions): Journal {
  const cache = new Map<string, KeptFile>();

  async function readKept(id: string): Promise<KeptFile> {
    const path = journalPath(dir, id);
    const { mtimeMs, size, ino } = await stat(path);
    const version = `${ino} ${size} ${mtimeMs}`;
    const known = cache.get(id);
    if (known?.version === version) return known;
    const lines = parseJournal(await readFile(path, "utf8"));
    if (cache.size >= CACHE_CAPACITY) cache.clear();
    const kept = { version, lines, record: null };
    cache.set(id, kept);
    return kept;
  }

  async function show(id: string): Promise<OperationRecord | null> {
    if (!ID.test(id)) return null;
    try {
      const kept = await readKept(id);
      if (kept.record !== null) return kept.record;
      const record = buildRecord(kept.lines, host, isAlive);
      // Of one that has not ended it counts whether its process lives.
      if (record?.endedAt != null) kept.record = record;
      return record;
    } catch {
      return null;
    }
  }

  async function list(cluster: string | null, limit = LIST_LIMIT): Promise<readonly OperationRecord[]> {
    const names = await listDir(dir);
    const ids = names.flatMap((name) => (name.endsWith(".jsonl") ? [name.slice(0, -".jsonl".length)] : []));
    const newest = ids.sort().reverse().slice(0, Math.max(limit, MOST_READ));
    const wanted: OperationRecord[] = [];
    // Which cluster one is of stands inside.
    for (let from = 0; from < newest.length && wanted.length < limit; from += limit) {
      const records = await Promise.all(newest.slice(from, from + limit).map(show));
      wanted.push(
        ...records.flatMap((record) =>
          record !== null && (cluster === null || record.cluster === cluster) ? [record] : [],
        ),
      );
    }
    // Ids tell seconds only: of two operations of one second undo must take back the later one.
    return wanted.sort((one, other) => other.startedAt - one.startedAt).slice(0, limit);
  }

  return {
    dir,
    list,
    show,
    unfinished: async (cluster) => (await list(cluster)).filter(needsAttention),
    lastUndoable: async (cluster) =>
      (await list(cluster)).find((record) => record.kind !== "undo" && isUndoable(record)) ?? null,
    open: (id) => openJournalFile(dir, id),
    async markUndone(record, by, at) {
      const { id, cluster, operator, kind, title } = record;
      const file = await openJournalFile(dir, id);
      const about = { at, operation: id, cluster, operator, host, kind, before: [], after: [], error: null, by };
      try {
        await file.append([{ ...about, step: 0, phase: "undone", target: cluster, command: title }]);
      } finally {
        await file.close();
      }
    },
  };
}
