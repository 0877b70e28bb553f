/** Whether the address stands where it is meant to, and nowhere else; and what a file of keepalived says. Unknown is never true. */
import { formatHeld } from "../../model/floating-ip.ts";
import type { Fact } from "../../model/operation.ts";
import type { FactFinding } from "../facts/finding.ts";
import type { ClusterView } from "../view.ts";
import { findMachine, holds, type Machine, selectMachines } from "./machines.ts";

type AddressFact = Extract<Fact, { readonly kind: "address-at" }>;

/** `lb1 holds it (eth0:vip), lb2 does not, lb3 cannot be read: …`. */
function describeWho(machines: readonly Machine[]): string {
  return machines
    .map((machine) => {
      const { name, held, silence } = machine;
      if (held === null) return `${name} cannot be read: ${silence}`;
      return holds(machine) ? `${name} holds it (${formatHeld(held)})` : `${name} does not`;
    })
    .join(", ");
}

export function evaluateAddress({ host, address, others }: AddressFact, view: ClusterView): FactFinding {
  const machines = selectMachines(view);
  const own = findMachine(machines, host);
  if (own === null) return { holds: "unknown", now: `who holds ${address} is not known` };
  const named = new Set(others.map((other) => findMachine(machines, other) ?? other));
  named.delete(own);
  const concerned = [own, ...machines.filter((machine) => machine !== own && (named.has(machine) || holds(machine)))];
  const now = `${address}: ${describeWho(concerned)}`;
  if (concerned.some((machine) => machine !== own && holds(machine))) return { holds: "false", now };
  if (own.held !== null && !holds(own)) return { holds: "false", now };
  const unread = concerned.some(({ held }) => held === null) || [...named].some((each) => typeof each === "string");
  return { holds: unread ? "unknown" : "true", now };
}

export function evaluateTrackFile(
  { host, file, value }: Extract<Fact, { readonly kind: "track-file" }>,
  view: ClusterView,
): FactFinding {
  const files = findMachine(selectMachines(view), host)?.move?.keepalived?.instance?.trackFiles ?? [];
  const found = files.find(({ path }) => path === file)?.value ?? null;
  if (found === null) return { holds: "unknown", now: `${file} on ${host} cannot be read` };
  return { holds: found === value ? "true" : "false", now: `${file} on ${host} says ${found}` };
}
