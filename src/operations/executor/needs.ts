/** Steps that make no sense without another one. */
import type { PlanStep } from "../../model/operation.ts";
import type { RunContext } from "./context.ts";

/** The steps whose needs are all done; the others are skipped, with the reason in the progress. */
export function skipUnneeded(context: RunContext, steps: readonly PlanStep[]): readonly PlanStep[] {
  return steps.filter((step) => {
    const unmet = (step.needs ?? []).filter((number) => context.outcome(number) !== "done");
    if (unmet.length === 0) return true;
    const message = `Skipped: ${unmet.length === 1 ? "step" : "steps"} ${unmet.join(", ")} not done.`;
    context.updateStep(step.number, { outcome: "skipped", message });
    return false;
  });
}
