/** What the notes of a recording say at a moment. Going on is cheap, going back begins anew. */
import type { ChangeEvent } from "../../model/change.ts";
import type { OperationEntry, OperationProgress } from "../../model/operation.ts";
import type { EpochMs } from "../../model/reading.ts";
import type { ReplayMark } from "../../model/replay.ts";
import type { At, Notes } from "../notes.ts";

/** As many as the timeline keeps. */
const MAX_CHANGES = 1_000;

export interface NotesAt {
  readonly changes: readonly ChangeEvent[];
  readonly changesSoFar: number;
  readonly operations: readonly OperationProgress[];
  readonly journal: Readonly<Record<string, readonly OperationEntry[]>>;
}

export class NoteCursor {
  readonly #notes: Notes;
  #counts = { changes: -1, operations: 0, journals: 0 };
  #changes: readonly ChangeEvent[] = [];
  #operations = new Map<string, OperationProgress>();
  #newest: readonly OperationProgress[] = [];
  #journal: Record<string, readonly OperationEntry[]> = {};

  constructor(notes: Notes) {
    this.#notes = notes;
  }

  moveTo(at: EpochMs): NotesAt {
    const { changes, operations, journals } = this.#notes;
    const changesSoFar = countUpTo(changes, at);
    if (changesSoFar !== this.#counts.changes) {
      const shown = changes.slice(Math.max(0, changesSoFar - MAX_CHANGES), changesSoFar);
      this.#changes = shown.map(({ value }) => value);
    }
    const operationCount = countUpTo(operations, at);
    if (operationCount !== this.#counts.operations) this.#followOperations(operationCount);
    const journalCount = countUpTo(journals, at);
    if (journalCount !== this.#counts.journals) this.#followJournals(journalCount);
    this.#counts = { changes: changesSoFar, operations: operationCount, journals: journalCount };
    return { changes: this.#changes, changesSoFar, operations: this.#newest, journal: this.#journal };
  }

  #followOperations(count: number): void {
    const isBack = count < this.#counts.operations;
    if (isBack) this.#operations = new Map();
    for (const { value } of this.#notes.operations.slice(isBack ? 0 : this.#counts.operations, count)) {
      this.#operations.delete(value.id);
      this.#operations.set(value.id, value);
    }
    this.#newest = [...this.#operations.values()].reverse();
  }

  #followJournals(count: number): void {
    const isBack = count < this.#counts.journals;
    const journal = isBack ? {} : { ...this.#journal };
    for (const { value } of this.#notes.journals.slice(isBack ? 0 : this.#counts.journals, count)) {
      Object.defineProperty(journal, value.cluster, {
        value: value.entries,
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
    this.#journal = journal;
  }
}

/** How many are not after `at`. */
export function countUpTo(list: readonly { readonly at: EpochMs }[], at: EpochMs): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle]?.at ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Everything that happened, in order of time: changes, and operations that began, asked or ended. */
export function listMarks({ changes, operations }: Notes): readonly ReplayMark[] {
  const states = new Map<string, string>();
  const turns = operations.filter(({ value }: At<OperationProgress>) => {
    const now = JSON.stringify([value.state, value.question?.kind ?? null]);
    if (states.get(value.id) === now) return false;
    states.set(value.id, now);
    return true;
  });
  const marks: ReplayMark[] = [
    ...changes.map(({ at, value }): ReplayMark => ({ at, what: value.severity })),
    ...turns.map(({ at }): ReplayMark => ({ at, what: "operation" })),
  ];
  return marks.sort((a, b) => a.at - b.at);
}
