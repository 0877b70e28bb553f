/** What a plan that moves the address is about, for its guards. */
import type { AddressChange } from "../../../model/operation.ts";
import type { GuardedPlan, GuardFacts } from "../../guards/guard.ts";
import { findMachine, holds, type Machine, selectMachines } from "../machines.ts";
import { selectMoveRoute } from "../route.ts";

interface GuardScene {
  readonly address: string;
  readonly machines: readonly Machine[];
  readonly holders: readonly Machine[];
  /** Null: not one, or not known. */
  readonly from: Machine | null;
  readonly to: Machine | null;
  /** True: it is there already, and nothing has to be done. */
  readonly isThere: boolean;
}

function selectMoveChange(plan: Pick<GuardedPlan, "steps">): AddressChange | null {
  for (const { change } of plan.steps) if (change.kind === "move-address") return change;
  return null;
}

/** Also for one that has no steps, because there is no way to move it; not for what is left once it has moved. */
export function movesAddress(plan: Pick<GuardedPlan, "steps" | "request">): boolean {
  return selectMoveChange(plan) !== null || (plan.request.command === "move-ip" && plan.steps.length === 0);
}

export function sceneOf({ view, settings }: GuardFacts, plan: GuardedPlan): GuardScene {
  const change = selectMoveChange(plan);
  const address = change?.address ?? settings.floatingIp ?? "";
  if (change === null) {
    const route = selectMoveRoute(view, plan.request.targets);
    return { ...route, address, isThere: route.from !== null && route.from === route.to };
  }
  const machines = selectMachines(view);
  const from = findMachine(machines, change.from);
  return {
    address,
    machines,
    holders: machines.filter(holds),
    from,
    to: findMachine(machines, change.to),
    isThere: false,
  };
}

/** A move back by undo: what made it possible is known from the operation. */
export const isWayBack = ({ request }: GuardedPlan): boolean => request.command === "undo";
