import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { OperationProgress, OperationQuestion } from "../../../src/model/operation.ts";
import { PlanChangedError } from "../../../src/operations/operations.ts";
import { buildR1 } from "../../support/model-builders.ts";
import { buildRequest } from "../../support/requests.ts";
import { createDesk, type Desk, FakeWorld } from "./support/fake-world.ts";
import { buildR1Twice } from "./support/scenes.ts";

const DRAIN = buildRequest({ command: "drain", targets: ["read_nodes/db3"] });
const drain = (lb: string) => `${lb}: set server read_nodes/db3 state drain`;
const ready = (lb: string) => `${lb}: set server read_nodes/db3 state ready`;

describe("Executor over two HAProxies", () => {
  let desk: Desk;
  let world: FakeWorld;

  beforeEach(() => {
    world = new FakeWorld(buildR1Twice());
    desk = createDesk(world);
  });
  afterEach(() => desk.remove());

  const run = async (request = DRAIN) => desk.operations.run(await desk.operations.plan(request));
  const outcomes = (progress: OperationProgress) => progress.steps.map(({ outcome }) => outcome);
  const phases = async (id: string) =>
    (await desk.journal.show(id))?.lines.map(({ step, phase }) => `${step} ${phase}`);

  it("changes both in parallel, reads back and writes intents before outcomes", async () => {
    const progress = await run();
    expect(progress).toMatchObject({ state: "done", refusals: [] });
    expect(world.sent).toEqual([drain("lb1"), drain("lb2")]);
    expect(await phases(progress.id)).toEqual(["0 intent", "1 intent", "2 intent", "1 done", "2 done", "0 done"]);
  });

  it("takes back what one took when the other refuses, and shows the refusal as it was said", async () => {
    world.fault("lb2", { kind: "refuse", text: "No such backend." });
    const progress = await run();
    expect(progress.state).toBe("rolled-back");
    expect(outcomes(progress)).toEqual(["undone", "failed"]);
    expect(progress.summary).toContain("lb2 refuses: No such backend.");
    expect(progress.steps[1]?.failure).toMatchObject({ kind: "rejected", advice: "do this" });
    expect(world.sent).toEqual([drain("lb1"), drain("lb2"), ready("lb1")]);
    expect(world.server("lb1", "read_nodes/db3")?.state).toBe("up");
  });

  it("sends nothing twice when nothing was changed: refused by both", async () => {
    world.fault("lb1", { kind: "error", failure: "unreachable" });
    world.fault("lb2", { kind: "refuse", text: "Permission denied" });
    const progress = await run();
    expect(progress).toMatchObject({ state: "rolled-back" });
    expect(progress.summary).toContain("Nothing was changed.");
    expect(world.sent).toEqual([drain("lb1"), drain("lb2")]);
  });

  it("finds by reading that a change whose answer was lost was done", async () => {
    world.fault("lb2", { kind: "lost", done: true });
    const progress = await run();
    expect(progress.state).toBe("done");
    expect(world.sent).toHaveLength(2);
  });

  it("finds by reading that a change whose answer was lost was not done, and takes the other one back", async () => {
    world.fault("lb2", { kind: "lost", done: false });
    const progress = await run();
    expect(progress.state).toBe("rolled-back");
    expect(outcomes(progress)).toEqual(["undone", "failed"]);
    expect(world.sent).toEqual([drain("lb1"), drain("lb2"), ready("lb1")]);
  });

  it("ends unfinished when the outcome cannot be read, naming what is not known and the way on", async () => {
    world.fault("lb2", { kind: "lost-and-silent" });
    const progress = await run();
    expect(progress.state).toBe("unfinished");
    expect(outcomes(progress)).toEqual(["undone", "unknown"]);
    expect(progress.summary).toContain("drain read_nodes/db3 on lb2");
    expect(progress.summary).toContain(`signalbox undo ${progress.id}`);
    expect((await desk.journal.unfinished("shop")).map(({ id }) => id)).toEqual([progress.id]);
  });

  it("does not count a change that was accepted and is not in effect", async () => {
    world.fault("lb1", { kind: "no-effect" });
    const progress = await run();
    expect(progress.state).toBe("rolled-back");
    expect(progress.summary).toContain("Not in effect after 3000 ms: read_nodes/db3 is ready on lb1");
  });

  it("ends unfinished when taking back is refused", async () => {
    world.fault("lb2", { kind: "refuse", text: "No such server." });
    world.afterSend = () => {
      world.afterSend = () => {};
      world.fault("lb1", { kind: "refuse", text: "Permission denied" });
    };
    const progress = await run();
    expect(progress.state).toBe("unfinished");
    expect(progress.summary).toContain("drain read_nodes/db3 on lb1");
    expect((await desk.journal.show(progress.id))?.phases.get(1)).toBe("done");
  });

  it("refuses a plan made for another process, and gives the plan for the new one", async () => {
    const plan = await desk.operations.plan(DRAIN);
    world.reload("lb2", 999);
    const error = await desk.operations.run(plan).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PlanChangedError);
    expect(error instanceof PlanChangedError && error.fresh.steps[1]?.before[0]).toMatchObject({ pid: 999 });
    expect(world.sent).toEqual([]);
  });

  it("refuses a plan older than 30 seconds", async () => {
    const plan = await desk.operations.plan(DRAIN);
    world.pass(30_001);
    await expect(desk.operations.run(plan)).rejects.toThrow("older than 30 seconds");
    expect(world.sent).toEqual([]);
  });

  it("stops before the second group when HAProxy was reloaded in between, and says what is the case", async () => {
    const request = buildRequest({ command: "drain", targets: ["read_nodes/db3", "read_nodes/db4"], force: true });
    const progress = await desk.operations.run(await desk.operations.plan(request), {
      onProgress({ steps }) {
        const isBetween =
          steps[0]?.outcome === "done" && steps[1]?.outcome === "done" && steps[2]?.outcome === "pending";
        if (isBetween && world.report("lb1")?.process?.pid !== 999) world.reload("lb1", 999);
      },
    });
    expect(progress.refusals.map(({ guard }) => guard)).toContain("same-process");
    // The reload took db3 back on lb1 by itself; lb2 is taken back by us.
    expect(progress.state).toBe("rolled-back");
    expect(world.sent).toEqual([drain("lb1"), drain("lb2"), ready("lb2")]);
  });

  it("stops between two groups when asked to, and takes back what was done", async () => {
    const abort = new AbortController();
    world.afterSend = () => abort.abort();
    const plan = await desk.operations.plan(
      buildRequest({ command: "drain", targets: ["read_nodes/db3", "read_nodes/db4"] }),
    );
    const progress = await desk.operations.run(plan, { signal: abort.signal });
    expect(progress.state).toBe("rolled-back");
    expect(outcomes(progress)).toEqual(["undone", "undone", "skipped", "skipped"]);
    expect(world.sent.filter((line) => line.includes("db4"))).toEqual([]);
  });

  it("asks where somebody is there: retry sends only what failed", async () => {
    world.fault("lb2", { kind: "refuse", text: "No such server." });
    const questions: OperationQuestion[] = [];
    const plan = await desk.operations.plan(DRAIN);
    const progress = await desk.operations.run(plan, {
      decide: async (question) => {
        questions.push(question);
        return "retry";
      },
    });
    expect(progress.state).toBe("done");
    expect(questions.map(({ choices }) => choices)).toEqual([["retry", "undo", "keep"]]);
    expect(world.sent).toEqual([drain("lb1"), drain("lb2"), drain("lb2")]);
  });

  it("asks where somebody is there: keep leaves it half-way, to be resumed", async () => {
    world.fault("lb2", { kind: "refuse", text: "No such server." });
    const plan = await desk.operations.plan(DRAIN);
    const progress = await desk.operations.run(plan, { decide: async () => "keep" });
    expect(progress.state).toBe("unfinished");
    const resumed = await desk.operations.run(await desk.operations.plan(buildRequest({ command: "resume" })));
    expect(resumed).toMatchObject({ id: progress.id, state: "done" });
    expect(world.sent).toEqual([drain("lb1"), drain("lb2"), drain("lb2")]);
    expect(await desk.journal.unfinished("shop")).toEqual([]);
  });

  it("changes nothing when the journal cannot be opened", async () => {
    const plan = await desk.operations.plan(DRAIN);
    desk.remove();
    const { writeFileSync } = await import("node:fs");
    writeFileSync(desk.dir, "a file where the folder should be");
    await expect(desk.operations.run(plan)).rejects.toThrow("The journal cannot be opened");
    expect(world.sent).toEqual([]);
  });
});

describe("Guards right before a step", () => {
  it("refuse with nothing changed when the last other reader went down since the plan", async () => {
    const world = new FakeWorld(buildR1().state("lb1", "read_nodes/db4", "down"));
    const desk = createDesk(world);
    const plan = await desk.operations.plan(DRAIN);
    // Seen only by the look before the step, not by the one that makes the plan again.
    let looks = 0;
    world.beforeLook = () => {
      looks += 1;
      if (looks === 3) world.scene.state("lb1", "read_nodes/db2", "down");
    };
    const progress = await desk.operations.run(plan);
    expect(progress).toMatchObject({ state: "refused", refusals: [{ guard: "last-usable-server" }] });
    expect(world.sent).toEqual([]);
    desk.remove();
  });
});
