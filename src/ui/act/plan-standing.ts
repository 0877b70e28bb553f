/** How a plan stands: what refuses it, and whether it does anything. */
import type { GuardVerdict, Plan } from "../../model/operation.ts";

/** Guards that keep it from running; one that could not be checked counts as failed. Only the command line can force. */
export function selectBlocking(plan: Plan): readonly GuardVerdict[] {
  return plan.guards.filter(
    ({ verdict, forceable }) => (verdict === "block" || verdict === "unknown") && !(plan.request.force && forceable),
  );
}

/** Transactions that it gives up and nobody has given up yet, in words. What takes an operation back, or carries it on, loses nothing more. */
export function selectUnacceptedLoss({ promotion, request, concerns, carriesOn }: Plan): string | null {
  if (concerns !== null || carriesOn || request.promotion?.acceptLoss === true) return null;
  return promotion?.knownLoss ?? null;
}

/** True when it cannot be confirmed: guards say no, or somebody has to say yes to a loss first. */
export function isRefused(plan: Plan): boolean {
  return selectBlocking(plan).length > 0 || selectUnacceptedLoss(plan) !== null;
}

/** False when everything is as wanted already and there is nothing to wait for. */
export function hasWork({ steps, doneBefore, request, watch, concerns, carriesOn }: Plan): boolean {
  // One that is taken back or carried on is closed in the journal even when the servers are there already.
  if (concerns !== null || carriesOn) return true;
  return steps.length > doneBefore.length || (request.waitMs !== null && watch.length > 0);
}
