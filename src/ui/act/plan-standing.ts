/** How a plan stands: what refuses it, and whether it does anything. */
import type { GuardVerdict, Plan } from "../../model/operation.ts";

/** Guards that keep it from running; one that could not be checked counts as failed. Only the command line can force. */
export function selectBlocking(plan: Plan): readonly GuardVerdict[] {
  return plan.guards.filter(
    ({ verdict, forceable }) => (verdict === "block" || verdict === "unknown") && !(plan.request.force && forceable),
  );
}

/** False when everything is as wanted already and there is nothing to wait for. */
export function hasWork({ steps, doneBefore, request, watch, concerns }: Plan): boolean {
  // One that is taken back or carried on is closed in the journal even when the servers are there already.
  if (concerns !== null) return true;
  return steps.length > doneBefore.length || (request.waitMs !== null && watch.length > 0);
}
