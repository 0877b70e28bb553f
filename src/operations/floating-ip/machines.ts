/** Hosts by machine: two ways to one machine (a HAProxy by its name, a node by its address) are one place where the address can stand. */
import type { FloatingHostSnapshot, FloatingTools, HeldAddress } from "../../model/floating-ip.ts";
import type { MoveFacts } from "../../model/floating-move.ts";
import type { ClusterView } from "../view.ts";

export interface Machine {
  /** The name it goes by: of the host with a HAProxy, else of the first. */
  readonly name: string;
  /** Every name it has. */
  readonly names: readonly string[];
  /** HAProxies and nodes on it. */
  readonly members: readonly string[];
  /** Those of its members that are HAProxies. */
  readonly haproxies: readonly string[];
  /** Null: it was not read just now. */
  readonly held: readonly HeldAddress[] | null;
  readonly tools: FloatingTools | null;
  /** Null: was not, or could not be, asked. */
  readonly move: MoveFacts | null;
  /** Why it was not read, as the end of a sentence; empty when it was. */
  readonly silence: string;
}

function describeSilence({ state, way, failure }: FloatingHostSnapshot): string {
  if (way.kind === "none") return "no way to ask it is configured: an ssh:// socket, or `ssh` of a node there";
  if (failure !== null) return failure.message.replace(/\.$/, "");
  return state === "stale" ? "its last answer is too old" : "it has not answered yet";
}

function buildMachine(hosts: readonly FloatingHostSnapshot[], haproxies: ReadonlySet<string>): Machine {
  const withHaproxy = hosts.find(({ members }) => members.some((member) => haproxies.has(member)));
  const first = withHaproxy ?? hosts[0];
  const members = [...new Set(hosts.flatMap((host) => host.members))];
  const read = hosts.find(({ held }) => held !== null);
  const told = hosts.find(({ move }) => move !== undefined);
  return {
    name: first?.name ?? "",
    names: [...new Set(hosts.map(({ name }) => name))],
    members,
    haproxies: members.filter((member) => haproxies.has(member)),
    held: read?.held ?? null,
    tools: (told ?? read)?.tools ?? null,
    move: told?.move ?? null,
    silence: read === undefined && first !== undefined ? describeSilence(first) : "",
  };
}

/** In the order of the configuration. */
export function selectMachines(view: ClusterView): readonly Machine[] {
  const haproxies = new Set(view.cluster.haproxies.map(({ name }) => name));
  const groups = new Map<string, FloatingHostSnapshot[]>();
  for (const host of view.cluster.floatingIp?.hosts ?? []) {
    // One that does not answer may be any of them: by its name at least.
    const key = host.held !== null && host.machine !== undefined ? `machine ${host.machine}` : `name ${host.name}`;
    groups.set(key, [...(groups.get(key) ?? []), host]);
  }
  const machines = [...groups.values()].map((hosts) => buildMachine(hosts, haproxies));
  const answering = new Set(machines.flatMap(({ held, names }) => (held === null ? [] : names)));
  // Silent by one way and answering by another, under the same name, it is no second host.
  return machines.filter(({ held, name }) => held !== null || !answering.has(name));
}

export function findMachine(machines: readonly Machine[], name: string): Machine | null {
  return machines.find(({ names }) => names.includes(name)) ?? null;
}

export const holds = ({ held }: Machine): boolean => held !== null && held.length > 0;
