import type { PlanStep } from "../../model/operation.ts";

/** Name of the HAProxy or node a step goes to. */
export function targetOf({ target }: Pick<PlanStep, "target">): string {
  return target.kind === "haproxy" ? target.haproxy : target.node;
}
