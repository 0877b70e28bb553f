/** What happened during a recording, as one list per kind, each in order of time. */
import { applyPatch } from "../engine/wire/apply-patch.ts";
import type { Patch } from "../engine/wire/patch.ts";
import type { ChangeEvent } from "../model/change.ts";
import type { OperationEntry, OperationProgress } from "../model/operation.ts";
import type { EpochMs } from "../model/reading.ts";
import { isTime } from "./file-format.ts";
import { isChangeEvent, isOperationEntries, isOperationProgress } from "./shapes/notes.ts";

export interface At<T> {
  readonly at: EpochMs;
  readonly value: T;
}

export interface Notes {
  readonly changes: readonly At<ChangeEvent>[];
  readonly operations: readonly At<OperationProgress>[];
  readonly journals: readonly At<{ readonly cluster: string; readonly entries: readonly OperationEntry[] }>[];
  readonly log: readonly At<string>[];
  /** Lines that could not be understood. */
  readonly unread: number;
  /** True when there are more than are kept. */
  readonly isCut: boolean;
}

/** Kept of each kind; a recording of months has fewer. */
const LIMITS = { changes: 200_000, operations: 50_000, journals: 20_000, log: 50_000 };

export class NoteReader {
  readonly #changes: At<ChangeEvent>[] = [];
  readonly #operations: At<OperationProgress>[] = [];
  readonly #journals: At<{ cluster: string; entries: readonly OperationEntry[] }>[] = [];
  readonly #log: At<string>[] = [];
  readonly #progress = new Map<string, unknown>();
  readonly #entries = new Map<string, unknown>();
  #last: EpochMs = 0;
  #unread = 0;
  #isCut = false;

  get notes(): Notes {
    return {
      changes: this.#changes,
      operations: this.#operations,
      journals: this.#journals,
      log: this.#log,
      unread: this.#unread,
      isCut: this.#isCut,
    };
  }

  /** Takes the lines of one chunk; what cannot be understood is counted and passed over. */
  read(text: string): void {
    for (const line of text.split("\n")) {
      if (line === "") continue;
      try {
        this.#readLine(JSON.parse(line));
      } catch {
        this.#unread += 1;
      }
    }
  }

  #readLine(entry: unknown): void {
    if (!Array.isArray(entry)) throw new Error("note: no entry");
    const [tag, at, first, second] = entry as readonly unknown[];
    // A time before the one before it is not ours.
    if (!isTime(at) || at < this.#last) throw new Error("note: no time");
    this.#last = at;
    if (tag === "c" && isChangeEvent(first)) this.#keep(this.#changes, LIMITS.changes, { at, value: first });
    else if (tag === "l" && typeof first === "string") this.#keep(this.#log, LIMITS.log, { at, value: first });
    else if (typeof first !== "string" || !Array.isArray(second)) throw new Error("note: not understood");
    else if (tag === "o" || tag === "O") this.#readOperation(at, first, second, tag === "O");
    else if (tag === "j" || tag === "J") this.#readJournal(at, first, second, tag === "J");
  }

  /** @param again told anew at the beginning of a group: nothing has happened when it is known */
  #readOperation(at: EpochMs, id: string, patch: Patch, again: boolean): void {
    const isKnown = this.#progress.has(id);
    const value = applyPatch(this.#progress.get(id) ?? null, patch);
    this.#progress.set(id, value);
    if (!isOperationProgress(value)) throw new Error("note: no operation");
    if (!again || !isKnown) this.#keep(this.#operations, LIMITS.operations, { at, value });
  }

  #readJournal(at: EpochMs, cluster: string, patch: Patch, again: boolean): void {
    const isKnown = this.#entries.has(cluster);
    const entries = applyPatch(this.#entries.get(cluster) ?? null, patch);
    this.#entries.set(cluster, entries);
    if (!isOperationEntries(entries)) throw new Error("note: no journal");
    if (!again || !isKnown) this.#keep(this.#journals, LIMITS.journals, { at, value: { cluster, entries } });
  }

  #keep<T>(list: At<T>[], limit: number, item: At<T>): void {
    if (list.length < limit) list.push(item);
    else this.#isCut = true;
  }
}
