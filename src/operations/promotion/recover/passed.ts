/** Whether the point of no return has been passed: decided by the node itself, since an intent in the journal only means "maybe sent". */
import type { Plan, PlanStep, PromotionPlan } from "../../../model/operation.ts";
import { RefusedError } from "../../errors.ts";
import type { OperationRecord } from "../../journal/record.ts";
import { type ClusterView, describeSilence } from "../../view.ts";

/** A promotion or rejoin of the journal. */
export interface Interrupted {
  readonly record: OperationRecord;
  readonly plan: Plan;
  readonly promotion: PromotionPlan;
  /** The step that opens the candidate; null: the plan has no point of no return. */
  readonly opening: PlanStep | null;
}

/** Null for operations that move no writes. */
export function selectInterrupted(record: OperationRecord): Interrupted | null {
  const { plan } = record;
  if (plan === null || plan.promotion === undefined) return null;
  return {
    record,
    plan,
    promotion: plan.promotion,
    opening: plan.steps.find(({ noReturn }) => noReturn === true) ?? null,
  };
}

export const wasSent =
  ({ record }: Interrupted) =>
  ({ number }: PlanStep): boolean =>
    record.phases.has(number);

/** Steps behind the opening whose outcome is written down, or that are announced one by one, come only after it. */
function isBehind({ record, plan }: Interrupted, opening: PlanStep): boolean {
  return plan.steps.some(({ number, section }) => {
    const phase = record.phases.get(number);
    if (number <= opening.number || phase === undefined) return false;
    // What was never sent inside the stop is written down as failed.
    return phase === "done" || section === "after";
  });
}

/** Found writable, closed for the handover, and opened again when that was taken back: its flag says nothing of the opening, which was never sent. */
function isAsFound({ record, plan, promotion }: Interrupted, opening: PlanStep): boolean {
  const { phases } = record;
  return (
    phases.get(opening.number) === "failed" &&
    plan.steps.some(
      ({ number, change }) =>
        number < opening.number &&
        change.kind === "read-only" &&
        change.on &&
        change.node === promotion.to &&
        phases.get(number) === "undone",
    )
  );
}

/** @throws RefusedError when it may have been passed, and the node that would tell cannot be read */
export function isPassed(interrupted: Interrupted, view: ClusterView): boolean {
  const { record, opening, promotion } = interrupted;
  if (opening === null) return false;
  const phase = record.phases.get(opening.number);
  if (phase === undefined) return false;
  if (phase === "done" || isBehind(interrupted, opening)) return true;
  if (isAsFound(interrupted, opening)) return false;
  const { to } = promotion;
  const readOnly = view.report(to)?.readOnly ?? null;
  if (readOnly !== null) return !readOnly;
  const node = view.node(to);
  const why = node === null ? "it is not known" : describeSilence(node.reading);
  throw new RefusedError(
    `Whether ${to} was opened for writes cannot be told: ${why}.`,
    `Bring ${to} back first: ${promotion.from ?? "the old primary"} stays read-only until that is known.`,
  );
}
