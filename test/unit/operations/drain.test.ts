import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { OperationProgress, OperationQuestion } from "../../../src/model/operation.ts";
import { groupClients, measureRate } from "../../../src/operations/executor/drain-progress.ts";
import type { RunOptions } from "../../../src/operations/operations.ts";
import { buildRequest } from "../../support/requests.ts";
import { buildSession, createDesk, type Desk, FakeWorld } from "./support/fake-world.ts";
import { buildR1Twice } from "./support/scenes.ts";

describe("Drain to zero", () => {
  let world: FakeWorld;
  let desk: Desk;

  beforeEach(() => {
    world = new FakeWorld(buildR1Twice());
    desk = createDesk(world);
    world.sessions.set("db3", [
      buildSession(1),
      buildSession(2),
      buildSession(3, { user: "batch", host: "10.0.0.8:1" }),
    ]);
  });
  afterEach(() => desk.remove());

  const NAME = "read_nodes/db3";

  /** `leave` is asked before every look after the drain has begun: sessions on lb1 and lb2 from then on. */
  async function drain(leave: (look: number) => readonly [number, number], options: RunOptions = {}) {
    const seen: OperationProgress[] = [];
    let looks = 0;
    world.beforeLook = () => {
      if (seen.at(-1)?.state !== "draining" && world.sent.length < 2) return;
      const [first, second] = leave(looks);
      looks += 1;
      for (const [lb, sessions] of [
        ["lb1", first],
        ["lb2", second],
      ] as const) {
        if (world.report(lb) !== null) world.scene.server(lb, NAME, { sessions });
      }
    };
    const request = buildRequest({ command: "drain", targets: [NAME], waitMs: 10_000 });
    const progress = await desk.operations.run(await desk.operations.plan(request), {
      ...options,
      onProgress: (each) => seen.push(each),
    });
    return { progress, seen: seen.filter(({ state }) => state === "draining") };
  }

  it("is done only when no session is left on any HAProxy", async () => {
    const { progress, seen } = await drain((look) => [Math.max(0, 3 - look), Math.max(0, 8 - look)]);
    expect(progress.state).toBe("done");
    expect(progress.summary).toContain("no session is left on any HAProxy");
    const sums = seen.flatMap(({ drain: at }) => at?.sessions ?? []);
    expect(sums.at(-1)).toBe(0);
    expect(sums.slice(0, -1).every((sum) => sum > 0)).toBe(true);
  });

  it("tells rate, time left, who is still there, per HAProxy", async () => {
    const { seen } = await drain((look) => [Math.max(0, 6 - look), Math.max(0, 6 - look)]);
    const middle = seen.find(({ drain: at }) => at?.leavingPerSecond !== null)?.drain;
    expect(middle?.leavingPerSecond).toBeCloseTo(4, 0);
    expect(middle?.emptyInSeconds).toBeGreaterThan(0);
    expect(seen.at(-1)?.drain?.perHaproxy.map(({ haproxy, server }) => `${haproxy} ${server}`)).toEqual([
      `lb1 ${NAME}`,
      `lb2 ${NAME}`,
    ]);
    const lastWithSessions = seen.findLast(({ drain: at }) => (at?.sessions ?? 0) > 0);
    expect(lastWithSessions?.drain?.clients).toEqual([
      { user: "app", host: "10.0.0.7", count: 2 },
      { user: "batch", host: "10.0.0.8", count: 1 },
    ]);
    // Nobody is left: who was there at the last look is not shown as being there.
    expect(seen.at(-1)?.drain).toMatchObject({ sessions: 0, clients: [] });
  });

  it("is never done while one HAProxy cannot be read", async () => {
    const { progress, seen } = await drain((look) => {
      if (look > 3) world.silence("lb2");
      return [0, 1];
    });
    expect(progress.state).toBe("unfinished");
    expect(progress.summary).toContain("not every HAProxy can be read");
    expect(seen.at(-1)?.drain?.sessions).toBeNull();
  });

  it("is never done while something is queued", async () => {
    world.scene.server("lb2", NAME, { queued: 1 });
    const { progress } = await drain(() => [0, 0]);
    expect(progress.state).toBe("unfinished");
  });

  it("is never done while a queue cannot be told: unknown is not empty", async () => {
    world.scene.server("lb2", NAME, { queued: null });
    const { progress, seen } = await drain(() => [0, 0]);
    expect(progress.state).toBe("unfinished");
    expect(seen.at(-1)?.drain?.queued).toBeNull();
  });

  it("at the deadline stays drained, says how many are left and how to cut them", async () => {
    const { progress } = await drain(() => [5, 7]);
    expect(progress.state).toBe("unfinished");
    expect(progress.summary).toContain("After 10 s 12 sessions are left. Everything stays drained.");
    expect(progress.summary).toContain("signalbox shutdown-sessions read_nodes/db3");
    expect(world.server("lb1", NAME)?.state).toBe("drain");
  });

  it("at the deadline asks where somebody is there, and cuts what is left when told to", async () => {
    const questions: OperationQuestion[] = [];
    let cut = false;
    const { progress } = await drain(() => (cut ? [0, 0] : [5, 7]), {
      decide: async (question) => {
        questions.push(question);
        world.afterSend = (command) => {
          cut ||= command.startsWith("shutdown");
        };
        return "shutdown-sessions";
      },
    });
    expect(questions[0]).toMatchObject({ kind: "sessions-remain", text: "After 10 s 12 sessions are left." });
    expect(progress.state).toBe("done");
    expect(progress.plan.steps.map(({ title }) => title).at(-1)).toBe(`shut down the sessions of ${NAME}`);
  });

  it("stopped while waiting leaves it drained and says so", async () => {
    const abort = new AbortController();
    const { progress } = await drain(
      (look) => {
        if (look === 4) abort.abort();
        return [1, 1];
      },
      { signal: abort.signal },
    );
    expect(progress.state).toBe("unfinished");
    expect(progress.summary).toContain("Stopped waiting; everything stays drained, 2 sessions are left");
  });

  it("notices that a reload took the drain back, and resume drains again", async () => {
    const { progress } = await drain((look) => {
      if (look === 4) world.reload("lb1", 999);
      return [1, 1];
    });
    expect(progress.state).toBe("unfinished");
    expect(progress.summary).toContain("read_nodes/db3 is in rotation again on lb1");
    world.sent.length = 0;
    world.beforeLook = () => {};
    world.scene.server("lb1", NAME, { sessions: 0 }).server("lb2", NAME, { sessions: 0 });
    const resumed = await desk.operations.run(await desk.operations.plan(buildRequest({ command: "resume" })));
    expect(resumed.state).toBe("done");
    expect(world.sent).toEqual(["lb1: set server read_nodes/db3 state drain"]);
  });

  it("a reload that keeps the drain is no end: the new process does not count the sessions of the old one", async () => {
    const { progress } = await drain((look) => {
      if (look === 4) {
        world.reload("lb1", 999);
        world.scene.state("lb1", NAME, "drain");
      }
      return look < 4 ? [1, 0] : [0, 0];
    });
    expect(progress.state).toBe("unfinished");
    expect(progress.summary).toMatch(
      /lb1 was reloaded, process \d+ is now 999: sessions that process \d+ still has are not counted/,
    );
    world.beforeLook = () => {};
    const plan = await desk.operations.plan(buildRequest({ command: "resume" }));
    expect(plan.notes.join("\n")).toContain("lb1 was reloaded");
    const resumed = await desk.operations.run(plan);
    expect(resumed.state).toBe("done");
    expect(resumed.summary).toMatch(/no session is left on lb1 and lb2; lb1 was reloaded, .* are not counted\.$/);
  });

  it("says which HAProxies it has counted where it was not all of them", async () => {
    world.scene.server("lb1", NAME, { sessions: 0 }).server("lb2", NAME, { sessions: 9 });
    const request = buildRequest({ command: "drain", targets: [NAME], haproxy: "lb1", waitMs: 10_000 });
    const { state, summary } = await desk.operations.run(await desk.operations.plan(request));
    expect(state).toBe("done");
    expect(summary).toContain("no session is left on lb1; sessions on lb2 are not counted.");
  });

  it("a HAProxy that is silent and left out by force is not called empty", async () => {
    world.scene.server("lb1", NAME, { sessions: 0 });
    world.silence("lb2");
    const request = buildRequest({ command: "drain", targets: [NAME], force: true, waitMs: 10_000 });
    const { state, summary } = await desk.operations.run(await desk.operations.plan(request));
    expect(state).toBe("done");
    expect(summary).toContain("no session is left on lb1; sessions on lb2 are not counted.");
  });

  it("tells that new sessions still arrive", async () => {
    let total = 100;
    const { seen } = await drain((look) => {
      total += 1;
      world.scene.server("lb1", NAME, { sessionsTotal: total });
      return look < 8 ? [1, 1] : [0, 0];
    });
    expect(seen.at(-1)?.drain?.stillFed).toBe(true);
    expect(seen[0]?.drain?.stillFed).toBe(false);
  });
});

describe("Figures of a drain", () => {
  it("rates need two samples a moment apart, and do not look further back than 15 s", () => {
    expect(measureRate([{ atMs: 0, left: 10 }])).toBeNull();
    expect(
      measureRate([
        { atMs: 0, left: 10 },
        { atMs: 100, left: 5 },
      ]),
    ).toBeNull();
    expect(
      measureRate([
        { atMs: 0, left: 10 },
        { atMs: 1000, left: null },
      ]),
    ).toBeNull();
    expect(
      measureRate([
        { atMs: 0, left: 1000 },
        { atMs: 20_000, left: 10 },
        { atMs: 21_000, left: 8 },
      ]),
    ).toBe(2);
  });

  it("clients are grouped without ports and without the server's own", () => {
    expect(
      groupClients([buildSession(1), buildSession(2, { host: "10.0.0.7:6" }), buildSession(3, { system: true })]),
    ).toEqual([{ user: "app", host: "10.0.0.7", count: 2 }]);
  });
});
