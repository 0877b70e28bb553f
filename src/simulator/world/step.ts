/** Time of the simulated cluster. */
import { stepHealthChecks } from "./health-check.ts";
import { stepIncidents } from "./incidents.ts";
import { stepReplication } from "./replication.ts";
import { stepSessions } from "./sessions.ts";
import type { World } from "./state.ts";
import { stepTraffic } from "./traffic.ts";

/** Longest single step, so that checks, retries and lag keep their order when a process was suspended for long. */
const longestStepMs = 250;
/** What lies further back than this is skipped: a laptop that slept all night must not work for minutes. */
const longestCatchUpMs = 60_000;

function stepOnce(world: World, elapsedMs: number): void {
  world.nowMs += elapsedMs;
  stepIncidents(world);
  stepSessions(world, elapsedMs);
  stepTraffic(world, elapsedMs);
  for (const node of world.nodes) stepReplication(world, node, elapsedMs);
  stepHealthChecks(world);
}

/** Lets the cluster live for `elapsedMs` of its own time. Deterministic: same seed, same steps, same cluster. */
export function stepWorld(world: World, elapsedMs: number): void {
  let left = Math.max(0, elapsedMs);
  if (left > longestCatchUpMs) {
    world.nowMs += left - longestCatchUpMs;
    left = longestCatchUpMs;
  }
  while (left > 0) {
    const step = Math.min(left, longestStepMs);
    stepOnce(world, step);
    left -= step;
  }
}
