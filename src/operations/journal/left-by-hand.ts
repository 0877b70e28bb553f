/** What is left to people of all operations of a cluster. */
import type { HandTask } from "../../model/operation.ts";
import type { OperationRecord } from "./record.ts";

export interface LeftByHand {
  readonly record: OperationRecord;
  readonly tasks: readonly HandTask[];
}

/** Also one whose plan is not known, such as from a journal inside a recording: only what changes roles leaves tasks. */
function hasChangedRoles({ plan, byHand, state, undoneBy }: OperationRecord): boolean {
  if (undoneBy !== null || (state !== "done" && state !== "unfinished")) return false;
  return plan?.promotion !== undefined || byHand.length > 0;
}

/**
 * Oldest first. A move of the writes knows what is left of those before it, whose tasks may be wrong by now; a rejoin knows that of its node only:
 * a configuration that names the old primary does so still.
 * @param records of one cluster, in any order
 */
export function selectLeftByHand(records: readonly OperationRecord[]): readonly LeftByHand[] {
  const ended = records.filter(hasChangedRoles).sort((a, b) => (a.endedAt ?? 0) - (b.endedAt ?? 0));
  const lastMove = ended.findLastIndex(({ kind }) => kind !== "rejoin");
  const known = ended.slice(Math.max(0, lastMove));
  return known.map((record, index) => {
    const rejoined = new Set(known.slice(index + 1).map(({ plan }) => plan?.promotion?.from ?? null));
    return { record, tasks: record.byHand.filter(({ subject }) => !rejoined.has(subject)) };
  });
}
