import type { PlanStep } from "../../model/operation.ts";
import { selectTargetName } from "../../model/plan-subject.ts";

/** Name of the HAProxy, node or host a step goes to. */
export function targetOf({ target }: Pick<PlanStep, "target">): string {
  return selectTargetName(target);
}
