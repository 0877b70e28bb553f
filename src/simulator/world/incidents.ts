/** The small disturbances that a calm cluster has: written down as data, repeated with every cycle, plus the breathing of lag. */
import { killNode, startNode } from "./faults.ts";
import type { Incident, Node, World } from "./state.ts";

export const incidentCycleMs = 300_000;

function namedNode(world: World, name: string): Node | undefined {
  return world.nodes.find((node) => node.name === name);
}

function setHoldBack(world: World, name: string, holdBackMs: number): void {
  for (const channel of namedNode(world, name)?.channels ?? []) channel.applier.holdBackMs = holdBackMs;
}

function lagging(name: string, seconds: number, atMs: number, durationMs: number): Incident {
  return {
    name: `${name} falls ${seconds} s behind`,
    atMs,
    durationMs,
    // Servers count whole seconds: a little more, so that the wanted figure is the one that shows.
    begin: (world) => setHoldBack(world, name, seconds * 1000 + 900),
    end: (world) => setHoldBack(world, name, 0),
  };
}

function restart(name: string, atMs: number, durationMs: number): Incident {
  const act = (change: (world: World, node: Node) => void) => (world: World) => {
    const node = namedNode(world, name);
    // Whoever was made primary meanwhile is left alone.
    if (node !== undefined && (node.readOnly || node.process === "stopped")) change(world, node);
  };
  return { name: `${name} restarts`, atMs, durationMs, begin: act(killNode), end: act(startNode) };
}

/** R1's calm day: a lagging replica twice per cycle, a little lag on another one, one restart. */
export const calmIncidents: readonly Incident[] = [
  lagging("db4", 8, 40_000, 28_000),
  lagging("db3", 2, 110_000, 12_000),
  lagging("db4", 8, 160_000, 28_000),
  restart("db3", 230_000, 9_000),
];

/** Writers of each other never lag: what they lack of each other would look like history of their own. */
function breathe(world: World): void {
  if (world.nodes.some(({ configuredVariables }) => configuredVariables.has("auto_increment_offset"))) return;
  for (const node of world.nodes) {
    for (const { applier } of node.channels) {
      if (applier.holdBackMs > 900) continue;
      const drift = (world.random.next() - 0.55) * 100;
      applier.holdBackMs = Math.min(900, Math.max(20, applier.holdBackMs + drift));
    }
  }
}

export function stepIncidents(world: World): void {
  breathe(world);
  const phaseMs = (world.nowMs - world.startedAtMs) % world.incidentCycleMs;
  for (const incident of world.incidents) {
    const due = phaseMs >= incident.atMs && phaseMs < incident.atMs + incident.durationMs;
    if (due && !world.activeIncidents.has(incident)) {
      world.activeIncidents.add(incident);
      incident.begin(world);
    } else if (!due && world.activeIncidents.delete(incident)) incident.end(world);
  }
}
