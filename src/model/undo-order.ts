/** In which order a plan is taken back when it fails. */
import type { Plan, PlanStep, StepUndo } from "./operation.ts";

/** Steps that can be taken back, first that which is taken back first: by rank, then those without one, last group first. */
export function selectUndos(plan: Plan): { readonly step: PlanStep; readonly undo: StepUndo }[] {
  const found = plan.steps.flatMap((step) => (step.undo === null ? [] : [{ step, undo: step.undo }]));
  const last = Number.POSITIVE_INFINITY;
  return found.sort((a, b) => {
    const byRank = (a.undo.rank ?? last) - (b.undo.rank ?? last);
    return byRank === 0 || Number.isNaN(byRank) ? b.step.group - a.step.group : byRank;
  });
}
