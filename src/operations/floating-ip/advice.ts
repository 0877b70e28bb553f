/** What to do when a move did not end with one holder: said with the failure itself. */
import { formatHeld } from "../../model/floating-ip.ts";
import type { PlanStep } from "../../model/operation.ts";
import type { ClusterView } from "../view.ts";
import { holds, selectMachines } from "./machines.ts";

/** A sentence that begins with a space; empty for other steps, and where one holds it. */
export function adviseAddress({ change }: PlanStep, view: ClusterView): string {
  if (change.kind !== "move-address") return "";
  const machines = selectMachines(view);
  const holders = machines.filter(holds);
  const { address } = change;
  if (holders.length > 1) {
    const who = holders.map(({ name, held }) => `${name} (${formatHeld(held ?? [])})`).join(" and ");
    return ` TWO HOSTS HOLD ${address}: ${who}. Take it off the one that is not meant (ip addr del ${address}/… dev …), and see whether the hosts hear each other.`;
  }
  if (holders.length === 1) return "";
  const silent = machines.filter(({ held }) => held === null).map(({ name }) => name);
  const unknown = silent.length === 0 ? "" : ` as far as is known (${silent.join(", ")} cannot be asked)`;
  return ` NOBODY HOLDS ${address}${unknown}: clients reach nobody. See the log of ${change.means.by} on both hosts; restart it on the one that is meant.`;
}
