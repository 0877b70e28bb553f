/** An operation as its journal file tells it. */
import type { CommandId, HandTask, OperationState, Plan, PlanStep } from "../../model/operation.ts";
import type { EpochMs } from "../../model/reading.ts";
import type { PositionRole, SourcePosition } from "../../model/source-position.ts";
import type { JournalLine, JournalPhase } from "./line.ts";

export interface OperationRecord {
  readonly id: string;
  readonly cluster: string;
  readonly kind: CommandId;
  readonly operator: string;
  readonly host: string;
  readonly startedAt: EpochMs;
  readonly endedAt: EpochMs | null;
  readonly title: string;
  readonly reason: string | null;
  /** `interrupted`: no last line and nobody runs it any more. `running`: its process lives. */
  readonly state: OperationState | "interrupted";
  readonly summary: string;
  /** Null when the first line is not whole: nothing had been sent then. */
  readonly plan: Plan | null;
  /** Last phase of every step that was begun; a step that is not in it was never sent. */
  readonly phases: ReadonlyMap<number, JournalPhase>;
  /** Coordinates that its steps have read: the last ones of each role. */
  readonly positions: Readonly<Partial<Record<PositionRole, SourcePosition>>>;
  /** How long writes stood still, in milliseconds; null: not at all, or not known. */
  readonly gapMs: number | null;
  /** What it left to people when it ended. */
  readonly byHand: readonly HandTask[];
  /** The operation that took it back. */
  readonly undoneBy: string | null;
  readonly lines: readonly JournalLine[];
}

export type IsAlive = (process: NonNullable<JournalLine["process"]>) => boolean;

/** Builds the record from the whole lines of a file; null when there is none. */
export function buildRecord(lines: readonly JournalLine[], thisHost: string, isAlive: IsAlive): OperationRecord | null {
  const [first] = lines;
  if (first === undefined) return null;
  const heads = lines.filter(({ plan }) => plan !== undefined);
  const head = heads.at(-1);
  const lastHead = head === undefined ? 0 : lines.lastIndexOf(head);
  const end = lines.slice(lastHead).findLast(({ state }) => state !== undefined);
  const phases = new Map<number, JournalPhase>();
  for (const { step, phase } of lines) if (step > 0) phases.set(step, phase);
  const undoneBy = lines.findLast(({ by }) => by !== undefined)?.by ?? null;
  const process = head?.process;
  const runs = end === undefined && process !== undefined && head?.host === thisHost && isAlive(process);
  const open = runs ? "running" : "interrupted";
  return {
    id: first.operation,
    cluster: first.cluster,
    kind: first.kind,
    operator: first.operator,
    host: first.host,
    startedAt: Date.parse(first.at),
    endedAt: end === undefined ? null : Date.parse(end.at),
    title: head?.plan?.title ?? first.command,
    reason: head?.plan?.request.reason ?? null,
    state: end?.state ?? open,
    summary: end?.message ?? describeOpen(open, head?.plan ?? null, phases),
    plan: head?.plan ?? null,
    phases,
    positions: collectPositions(lines),
    // Carried on after the writes had moved, a run has no write stop of its own: the figure is that of the run that had it.
    gapMs: lines.findLast(({ gapMs }) => typeof gapMs === "number")?.gapMs ?? null,
    byHand: end?.byHand ?? [],
    undoneBy,
    lines,
  };
}

function collectPositions(lines: readonly JournalLine[]): OperationRecord["positions"] {
  const positions: Partial<Record<PositionRole, SourcePosition>> = {};
  for (const { value, phase } of lines)
    if (value !== undefined && phase === "done") positions[value.role] = value.position;
  return positions;
}

function describeOpen(
  open: "running" | "interrupted",
  plan: Plan | null,
  phases: ReadonlyMap<number, JournalPhase>,
): string {
  if (plan === null) return "Cut short before anything was sent.";
  const done = [...phases.values()].filter((phase) => phase === "done").length;
  const unknown = [...phases.values()].filter((phase) => phase === "intent").length;
  const figures = `${done} of ${plan.steps.length} steps done${unknown === 0 ? "" : `, ${unknown} begun with unknown end`}`;
  return open === "running" ? `Runs: ${figures}.` : `Cut short: ${figures}.`;
}

/** Steps that changed something, or may have, and were not taken back. */
export function stepsInEffect(record: OperationRecord): readonly PlanStep[] {
  return (record.plan?.steps ?? []).filter(({ number }) => {
    const phase = record.phases.get(number);
    return phase === "done" || phase === "intent";
  });
}

/** True when resume or undo is needed: it ended half-way, or was cut short after something had been sent. */
export function needsAttention(record: OperationRecord): boolean {
  if (record.undoneBy !== null) return false;
  if (record.state === "unfinished") return true;
  return record.state === "interrupted" && stepsInEffect(record).length > 0;
}

/**
 * Also a move of the floating address that was not seen to succeed, as long as nobody has looked where the address is since: it may have come into
 * effect late, or half.
 */
export function stepsToTakeBack(record: OperationRecord): readonly PlanStep[] {
  const inEffect = new Set(stepsInEffect(record));
  const isOpenMove = ({ number, change }: PlanStep) =>
    change.kind === "move-address" && record.phases.get(number) === "failed" && needsAttention(record);
  return (record.plan?.steps ?? []).filter((step) => inEffect.has(step) || isOpenMove(step));
}

/** True when there is something to take back. */
export function isUndoable(record: OperationRecord): boolean {
  if (record.undoneBy !== null || record.state === "running" || record.state === "draining") return false;
  return stepsToTakeBack(record).some(({ undo }) => undo !== null);
}
