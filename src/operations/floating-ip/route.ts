/** From where to where: who holds the address, and the host that is meant, or why that cannot be told. */
import { findNearMatch } from "../../model/near-match.ts";
import { printable } from "../../model/printable.ts";
import { TargetError } from "../errors.ts";
import type { ClusterView } from "../view.ts";
import { holds, type Machine, selectMachines } from "./machines.ts";

export interface MoveRoute {
  readonly machines: readonly Machine[];
  readonly holders: readonly Machine[];
  /** Null unless exactly one is known to hold it. */
  readonly from: Machine | null;
  /** Null: not named, and not to be guessed. */
  readonly to: Machine | null;
}

/** Only a host with a HAProxy of this cluster has anything to answer clients with. */
function selectCandidates(machines: readonly Machine[]): readonly Machine[] {
  return machines.filter(({ haproxies }) => haproxies.length > 0);
}

/** By the name of the host, or of a HAProxy or node on it. @throws TargetError */
function resolveHost(machines: readonly Machine[], text: string): Machine {
  const named = machines.filter(({ names }) => names.includes(text));
  const found = named.length > 0 ? named : machines.filter(({ members }) => members.includes(text));
  const [only, second] = found;
  if (only !== undefined && second === undefined) return only;
  const names = machines.flatMap((machine) => [...machine.names, ...machine.members]);
  if (second !== undefined) {
    const meanings = found.map(({ name }) => name);
    throw new TargetError("ambiguous", text, `"${printable(text)}" is ${meanings.join(" and ")}.`, meanings);
  }
  const near = findNearMatch(text, names);
  const hint = near === null ? `there are ${[...new Set(names)].slice(0, 12).join(", ")}.` : `did you mean ${near}?`;
  const message = `There is no host "${printable(text)}" that could hold the address: ${hint}`;
  throw new TargetError("unknown", text, message, near === null ? [] : [near]);
}

/** @param targets none: the other host that has a HAProxy, when there is one only. @throws TargetError */
export function selectMoveRoute(view: ClusterView, targets: readonly string[]): MoveRoute {
  const machines = selectMachines(view);
  const holders = machines.filter(holds);
  const [first, second] = holders;
  const from = second === undefined ? (first ?? null) : null;
  const [text, more] = targets;
  if (more !== undefined) {
    throw new TargetError("malformed", more, "The address is moved to one host: give one HOST.");
  }
  if (text !== undefined) return { machines, holders, from, to: resolveHost(machines, text) };
  const others = selectCandidates(machines).filter((machine) => machine !== from);
  const [to, another] = others;
  if (from !== null && another !== undefined) {
    const names = others.map(({ name }) => name);
    throw new TargetError("missing", "", `Say to which host: ${names.join(" or ")}.`, names);
  }
  return { machines, holders, from, to: from === null ? null : (to ?? null) };
}
