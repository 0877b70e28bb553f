import type { PlanStep } from "../../model/operation.ts";

/** `1+2, then 3`: which steps are sent at the same time; null when each is on its own. */
export function formatOrder(steps: readonly Pick<PlanStep, "number" | "group">[]): string | null {
  const groups = new Map<number, number[]>();
  for (const { number, group } of steps) groups.set(group, [...(groups.get(group) ?? []), number]);
  const numbers = [...groups.entries()].sort(([a], [b]) => a - b).map(([, each]) => each.join("+"));
  return numbers.some((each) => each.includes("+")) ? numbers.join(", then ") : null;
}
