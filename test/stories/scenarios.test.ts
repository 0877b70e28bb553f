/** Every scenario can be won by operations that a key starts, and is not won, or is lost, without them. */
import { afterEach, describe, expect, it } from "vitest";
import type { CommandRequest } from "../../src/model/operation.ts";
import { startSimulator } from "../../src/simulator/index.ts";
import { startTrainingRun, type TrainingRun, type TrainingState } from "../../src/simulator/training/run.ts";
import type { Scenario } from "../../src/simulator/training/scenario.ts";
import { scenarios } from "../../src/simulator/training/scenarios.ts";
import { listHolders } from "../../src/simulator/world/address.ts";
import { type ProductName, productNames } from "../../src/simulator/world/state.ts";
import { stepWorld } from "../../src/simulator/world/step.ts";
import { openTraining, type Training } from "../contract/simulator-operations.ts";
import { waitFor } from "../lab/wait.ts";

interface Story {
  readonly training: Training;
  readonly run: TrainingRun;
  /** Lets the world live until then, second by second; fails when it has not come after `limitSeconds`. */
  liveUntil(what: string, limitSeconds: number, isSo: (state: TrainingState) => boolean): TrainingState;
  /** A command of a key, confirmed: it must be done and verified. */
  act(request: Partial<CommandRequest> & Pick<CommandRequest, "command">): Promise<void>;
}

let training: Training | null = null;
afterEach(() => training?.stop());

function scenarioNamed(name: string): Scenario {
  const found = scenarios.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no scenario ${name}`);
  return found;
}

async function begin(name: string, product: ProductName = "mariadb"): Promise<Story> {
  const scenario = scenarioNamed(name);
  const opened = await openTraining(
    await startSimulator({ shape: scenario.shape, product, incidents: false, ssh: name === "vip-double" }),
  );
  training = opened;
  const { world } = opened.simulator;
  const run = startTrainingRun(world, scenario);
  return {
    training: opened,
    run,
    liveUntil: (what, limitSeconds, isSo) => {
      for (let seconds = 0; seconds < limitSeconds; seconds += 1) {
        stepWorld(world, 1000);
        opened.simulator.settle();
        const state = run.step();
        if (isSo(state)) return state;
      }
      throw new Error(`not within ${limitSeconds} s: ${what}; ${JSON.stringify(run.step())}`);
    },
    act: async (request) => {
      // A socket that opens again takes a moment of real time.
      await waitFor("the nodes to listen", () => opened.isReachable());
      const end = await opened.run(request);
      expect(end.state, JSON.stringify(end.refusals.length > 0 ? end.refusals : end.summary)).toBe("done");
    },
  };
}

const promote = (to: string, failover = false) =>
  ({ command: "promote", targets: [to], promotion: { failover, acceptLoss: false } }) as const;

const isWon = ({ status }: TrainingState): boolean => status === "won";

/** How each is won. */
const wins: Readonly<Record<string, (story: Story) => Promise<void>>> = {
  "primary-crash": async ({ training: { node }, liveUntil, act }) => {
    liveUntil("the crash", 30, () => node("db1").process === "stopped");
    liveUntil("its check to fail", 30, ({ score }) => score.writesRefused > 0);
    await act(promote("db2", true));
    liveUntil("its return", 90, () => node("db1").process === "running");
    await act({ command: "rejoin", targets: ["db1"] });
  },
  "lagging-replica": async ({ training: { simulator }, liveUntil, act }) => {
    const start = simulator.world.nowMs;
    liveUntil("lag", 40, () => simulator.world.nowMs - start > 30_000);
    await act({ command: "drain", targets: ["read_nodes/db4"] });
    liveUntil("the lag to go", 120, () => simulator.world.nowMs - start > 110_000);
    await act({ command: "ready", targets: ["read_nodes/db4"] });
  },
  "split-brain": async ({ training: { node }, liveUntil, act }) => {
    liveUntil("two writable nodes", 30, () => !node("db2").readOnly);
    await act({ command: "read-only-on", targets: ["db2"] });
  },
  "broken-applier": async ({ training: { node }, liveUntil, act }) => {
    liveUntil("the error", 30, () => node("db3").channels.every(({ applier }) => !applier.running));
    await act({ command: "replica-start", targets: ["db3"] });
  },
  "haproxy-reload": async ({ training: { server }, liveUntil, act }) => {
    liveUntil("the reload", 40, () => !server("read_nodes/db3").maint && server("read_nodes/db3").sessions.size > 0);
    await act({ command: "maint", targets: ["read_nodes/db3"] });
    await act({ command: "shutdown-sessions", targets: ["read_nodes/db3"] });
  },
  "drain-never-ends": async ({ training: { server }, liveUntil, act }) => {
    await act({ command: "drain", targets: ["read_nodes/db4"] });
    const before = server("read_nodes/db4").sessions.size;
    expect(before).toBeGreaterThan(0);
    expect(() => liveUntil("an end by itself", 120, isWon)).toThrow();
    await act({ command: "shutdown-sessions", targets: ["read_nodes/db4"] });
  },
  "vip-double": async ({ training: { simulator }, liveUntil, act }) => {
    liveUntil("two holders", 30, () => listHolders(simulator.world).length === 2);
    liveUntil("refused writes", 30, ({ score }) => score.writesRefused > 0);
    await act({ command: "ready", targets: ["mysql/db-01"], haproxy: "lb-02" });
    liveUntil("the network to be repaired", 90, () => listHolders(simulator.world).length === 1);
  },
  drill: async ({ training: { node }, liveUntil, act }) => {
    liveUntil("the hint before db-01 stops", 200, ({ hint }) => hint?.includes("db-01 stops next") ?? false);
    await act(promote("db-02"));
    liveUntil("db-01 to stop", 60, () => node("db-01").process === "stopped");
    liveUntil("db-01 to start", 60, () => node("db-01").process === "running");
    // MySQL was told to keep it.
    if (!node("db-01").readOnly) await act({ command: "read-only-on", targets: ["db-01"] });
    await act(promote("db-01"));
  },
};

describe.each(scenarios.map(({ name }) => name))("%s", (name) => {
  it.each(productNames)("is won by keys on %s, with nothing lost", async (product) => {
    const story = await begin(name, product);
    expect(story.run.step().status).toBe("running");
    await wins[name]?.(story);
    const { score } = story.liveUntil("the end", 200, isWon);
    expect(score).toMatchObject({ writesLost: 0, mistakes: [] });
    expect(score.points).toBeGreaterThan(50);
    expect(score.commands).toBeGreaterThan(0);
    expect(story.run.step().status).toBe("won");
  });

  it("is not won by doing nothing, and says more and more what to do", async () => {
    const { liveUntil } = await begin(name);
    const hints = new Set<string | null>();
    const note = (state: TrainingState): boolean => {
      hints.add(state.hint);
      return state.status !== "running";
    };
    const end = await Promise.resolve()
      .then(() => liveUntil("an end", 400, note))
      .catch(() => null);
    expect(end?.status ?? "running").not.toBe("won");
    hints.delete(null);
    expect(hints.size).toBeGreaterThanOrEqual(3);
  });
});

const isLagging = ({ training: { node } }: Story): boolean =>
  node("db4").channels.some(({ relayLog }) => relayLog.length > 400);

/** Wrong ways: what is done by a key, and what the score says of it. None of them ends a scenario. */
const wrongWays: readonly (readonly [name: string, mistake: RegExp, way: (story: Story) => Promise<void>])[] = [
  [
    "lagging-replica",
    /given back to readers while it was far behind/,
    async (story) => {
      await story.act({ command: "drain", targets: ["read_nodes/db4"] });
      story.liveUntil("lag", 60, () => isLagging(story));
      await story.act({ command: "ready", targets: ["read_nodes/db4"], force: true });
    },
  ],
  [
    "split-brain",
    /made read-only/,
    async ({ training: { node }, liveUntil, act }) => {
      liveUntil("two writable nodes", 30, () => !node("db2").readOnly);
      await act({ command: "read-only-on", targets: ["db1"], force: true });
    },
  ],
  [
    "haproxy-reload",
    /in order was taken out/,
    async ({ act }) => act({ command: "drain", targets: ["read_nodes/db2"] }),
  ],
  [
    "drain-never-ends",
    /while new ones could still come/,
    async ({ act }) => act({ command: "shutdown-sessions", targets: ["read_nodes/db4"] }),
  ],
  [
    "vip-double",
    /made read-only/,
    async ({ training: { simulator }, liveUntil, act }) => {
      liveUntil("two holders", 30, () => listHolders(simulator.world).length === 2);
      // The worst is refused by the plan's guards.
      await expect(act({ command: "maint", targets: ["mysql/db-01"], haproxy: "lb-01", force: true })).rejects.toThrow(
        /writer-drain/,
      );
      await act({ command: "read-only-on", targets: ["db-01"], force: true });
    },
  ],
];

it.each(wrongWays)("%s: a wrong way is a mistake that costs points: %s", async (name, mistake, way) => {
  const story = await begin(name);
  await way(story);
  const { status, score } = story.liveUntil("the mistake to count", 30, ({ score: now }) => now.mistakes.length > 0);
  expect(status).toBe("running");
  expect(score.mistakes.join()).toMatch(mistake);
});

it("every scenario has a way to win that is told", () => {
  expect(scenarios.map(({ name }) => name).sort()).toEqual(Object.keys(wins).sort());
});

it.each([
  ["split-brain", /job wrote to db2/],
  ["drill", /No write was answered .* db-01 stops/],
])("%s is lost when nobody does anything, and says why", async (name, why) => {
  const { liveUntil } = await begin(name);
  expect(liveUntil("the loss", 500, ({ status }) => status === "lost").reason).toMatch(why);
});
