/** Journal records as plain data for lists, and what they add to the picture of a cluster. */

import type { AdminState, Change, JournalFacts, OperationEntry } from "../../model/operation.ts";
import { selectTargetName } from "../../model/plan-subject.ts";
import type { EpochMs } from "../../model/reading.ts";
import { selectLeftByHand } from "./left-by-hand.ts";
import { isUndoable, needsAttention, type OperationRecord } from "./record.ts";

export function buildEntry(record: OperationRecord): OperationEntry {
  const { id, cluster, kind, title, operator, host, reason, startedAt, endedAt, state, summary, undoneBy } = record;
  const { gapMs, byHand, positions } = record;
  return {
    id,
    cluster,
    kind,
    title,
    operator,
    host,
    reason,
    startedAt,
    endedAt,
    state,
    summary,
    undoneBy,
    undoable: isUndoable(record),
    open: needsAttention(record),
    steps: (record.plan?.steps ?? []).map((step) => {
      const last = record.lines.findLast((line) => line.step === step.number);
      return {
        number: step.number,
        title: step.title,
        target: selectTargetName(step.target),
        command: step.command,
        phase: record.phases.get(step.number) ?? null,
        message: last?.message ?? null,
        error: last?.error ?? null,
      };
    }),
    ...(gapMs === null ? {} : { gapMs }),
    // Of one that was taken back nothing is left: done now, it would undo the way back.
    ...(byHand.length === 0 || undoneBy !== null ? {} : { byHand }),
    ...(Object.keys(positions).length === 0 ? {} : { positions }),
  };
}

interface StateSet {
  readonly change: Extract<Change, { readonly kind: "server-state" }>;
  readonly state: AdminState;
  readonly at: EpochMs;
  readonly record: OperationRecord;
}

/** Every state that was set, oldest first: by a step done, in place of one that failed, or by taking one back. */
function collectStates(records: readonly OperationRecord[]): StateSet[] {
  const found = records.flatMap((record) =>
    record.lines.flatMap((line): StateSet[] => {
      const step = record.plan?.steps.find(({ number }) => number === line.step);
      const change = line.rescue ?? (line.phase === "undone" ? step?.undo?.change : step?.change);
      if (change?.kind !== "server-state" || (line.phase !== "done" && line.phase !== "undone")) return [];
      return [{ change, state: change.state, at: Date.parse(line.at), record }];
    }),
  );
  return found.sort((a, b) => a.at - b.at);
}

/** @param records of one cluster */
export function buildJournalFacts(records: readonly OperationRecord[]): JournalFacts {
  const last = new Map<string, StateSet>();
  for (const set of collectStates(records)) {
    last.set(`${set.change.haproxy} ${set.change.backend}/${set.change.server}`, set);
  }
  return {
    unfinished: records.filter(needsAttention).map(buildEntry),
    takenOut: [...last.values()].flatMap(({ change, state, at, record }) => {
      if (state === "ready") return [];
      const { haproxy, backend, server } = change;
      const { id: operation, operator, host, reason } = record;
      return [{ haproxy, backend, server, state, operation, operator, host, at, reason }];
    }),
    byHand: selectLeftByHand(records).flatMap(({ record, tasks }) =>
      tasks.map((task) => ({ operation: record.id, at: record.endedAt ?? 0, task })),
    ),
  };
}
