/** An operation as the JSON of `operations show` and `report` has it. */
import type { OperationEntry } from "../../model/operation.ts";
import { buildEntry } from "../../operations/journal/entry.ts";
import type { OperationRecord } from "../../operations/journal/record.ts";
import { selectByHand, selectPromotion } from "./writes.ts";

/** Everything but the lines of its file. */
export function viewOperation(record: OperationRecord, entry: OperationEntry = buildEntry(record)) {
  return {
    ...withTimes(entry),
    promotion: selectPromotion(record),
    gapMs: entry.gapMs ?? null,
    byHand: selectByHand(entry),
    positions: entry.positions ?? {},
  };
}

/** Times as in all our JSON: ISO 8601, UTC. */
export function withTimes<T extends { readonly startedAt: number; readonly endedAt: number | null }>(entry: T) {
  const { startedAt, endedAt } = entry;
  return {
    ...entry,
    startedAt: new Date(startedAt).toISOString(),
    endedAt: endedAt === null ? null : new Date(endedAt).toISOString(),
  };
}
