/** Operations of the built program while clients write. */
import { expect } from "vitest";
import { type Lab, startTraffic, type TrafficSummary, waitFor } from "../../lab/index.ts";
import type { ActOutcome, Actor } from "../act-runner.ts";

/** Writes through HAProxy while `work` runs, and some rows before and after it. */
export async function underLoad(lab: Lab, work: () => Promise<void>): Promise<TrafficSummary> {
  const traffic = startTraffic({ port: lab.writePort, writers: 4, rate: 200 });
  try {
    await waitFor("rows before it", () => traffic.summary().acknowledged.length > 50);
    await work();
    const { length } = traffic.summary().acknowledged;
    await waitFor("rows after it", () => traffic.summary().acknowledged.length > length + 50);
  } finally {
    await traffic.stop();
  }
  return traffic.summary();
}

/** Runs it without a question; throws unless it is done and verified. */
export async function succeed(actor: Actor, ...args: string[]): Promise<ActOutcome> {
  const outcome = await actor.run([...args, "--yes"]);
  expect(outcome.exitCode, `${args.join(" ")}: ${outcome.out}${outcome.err}`).toBe(0);
  return outcome;
}
