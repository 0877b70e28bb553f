/** Rows of the Operations pane: what the journal has, and what runs now. */
import type { OperationEntry, OperationProgress } from "../../model/operation.ts";
import type { LiveOperation } from "../state/state.ts";

export interface OperationRow {
  readonly id: string;
  readonly at: number;
  readonly state: OperationEntry["state"];
  readonly title: string;
  readonly operator: string;
  readonly summary: string;
  readonly undoneBy: string | null;
  /** How long writes stood still, ms; null: they did not, or it is not known. */
  readonly gapMs: number | null;
  /** Things left to people when it ended; null: not told. */
  readonly byHand: number | null;
}

function rowOfEntry(entry: OperationEntry): OperationRow {
  const { id, startedAt: at, state, title, operator, host, summary, undoneBy, gapMs = null } = entry;
  const byHand = entry.byHand?.length ?? null;
  return { id, at, state, title, operator: `${operator}@${host}`, summary, undoneBy, gapMs, byHand };
}

function rowOfProgress(progress: OperationProgress): OperationRow {
  const { id, startedAt: at, endedAt, state, plan, operator, host, summary, promotion } = progress;
  return {
    id,
    at,
    state,
    title: plan.title,
    operator: `${operator}@${host}`,
    summary,
    undoneBy: null,
    gapMs: promotion?.gapMs ?? null,
    // While it runs these are those of the plan.
    byHand: endedAt === null ? null : (promotion?.byHand.length ?? null),
  };
}

/** Newest first, each once: while it runs as told live, afterwards as the journal has it. */
export function selectOperationRows(
  entries: readonly OperationEntry[],
  live: readonly LiveOperation[],
  cluster: string | null,
): OperationRow[] {
  const rows = new Map(entries.map((entry) => [entry.id, rowOfEntry(entry)]));
  for (const { progress } of live) {
    if (progress.plan.cluster !== cluster) continue;
    const undoneBy = rows.get(progress.id)?.undoneBy ?? null;
    rows.set(progress.id, { ...rowOfProgress(progress), undoneBy });
  }
  return [...rows.values()].sort((a, b) => b.at - a.at);
}
