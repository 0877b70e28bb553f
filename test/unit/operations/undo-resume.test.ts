import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CommandRequest, OperationProgress } from "../../../src/model/operation.ts";
import type { Operations } from "../../../src/operations/operations.ts";
import { buildR3 } from "../../support/model-builders.ts";
import { buildRequest } from "../../support/requests.ts";
import { createDesk, type Desk, FakeWorld } from "./support/fake-world.ts";
import { buildR1Twice } from "./support/scenes.ts";

type Ask = Partial<CommandRequest> & Pick<CommandRequest, "command">;

describe("Undo", () => {
  let world: FakeWorld;
  let desk: Desk;

  beforeEach(() => {
    world = new FakeWorld(buildR1Twice());
    desk = createDesk(world);
  });
  afterEach(() => desk.remove());

  const run = async (request: Ask, operations: Operations = desk.operations): Promise<OperationProgress> =>
    operations.run(await operations.plan(buildRequest(request)));
  const statesOf = (name: string) => ["lb1", "lb2"].map((lb) => world.server(lb, name)?.state);

  it("gives every server the state it had before, which differs between the HAProxies", async () => {
    world.scene.state("lb1", "read_nodes/db3", "drain");
    await run({ command: "maint", targets: ["read_nodes/db3"] });
    expect(statesOf("read_nodes/db3")).toEqual(["maint", "maint"]);
    const undone = await run({ command: "undo" });
    expect(undone.state).toBe("done");
    expect(statesOf("read_nodes/db3")).toEqual(["drain", "up"]);
  });

  it("takes the last operation first, then the one before; nothing twice", async () => {
    await run({ command: "drain", targets: ["read_nodes/db3"] });
    world.pass(2_000);
    await run({ command: "drain", targets: ["read_nodes/db4"] });
    world.pass(2_000);
    await run({ command: "undo" });
    expect(statesOf("read_nodes/db4")).toEqual(["up", "up"]);
    expect(statesOf("read_nodes/db3")).toEqual(["drain", "drain"]);
    world.pass(2_000);
    await run({ command: "undo" });
    expect(statesOf("read_nodes/db3")).toEqual(["up", "up"]);
    await expect(run({ command: "undo" })).rejects.toThrow("No operation is in the journal that could be taken back");
  });

  it("refuses one that was taken back, one that is unknown, one that changed nothing", async () => {
    const { id } = await run({ command: "drain", targets: ["read_nodes/db3"] });
    await run({ command: "undo", operationId: id });
    await expect(run({ command: "undo", operationId: id })).rejects.toThrow("was taken back already by");
    await expect(run({ command: "undo", operationId: "nonsense" })).rejects.toThrow("No operation nonsense");
    world.fault("lb1", { kind: "refuse", text: "no" });
    world.fault("lb2", { kind: "refuse", text: "no" });
    const nothing = await run({ command: "drain", targets: ["read_nodes/db4"] });
    await expect(run({ command: "undo", operationId: nothing.id })).rejects.toThrow("has changed nothing");
  });

  it("does not overwrite what somebody changed since, unless forced", async () => {
    const { id } = await run({ command: "drain", targets: ["read_nodes/db3"] });
    world.scene.state("lb2", "read_nodes/db3", "maint");
    const plan = await desk.operations.plan(buildRequest({ command: "undo" }));
    expect(plan.guards.find(({ guard }) => guard === "changed-since")).toMatchObject({
      verdict: "block",
      forceable: true,
      message: `Step 2 of ${id} (drain read_nodes/db3) no longer stands: read_nodes/db3 is maint on lb2.`,
    });
    expect((await desk.operations.run(plan)).state).toBe("refused");
    expect(statesOf("read_nodes/db3")).toEqual(["drain", "maint"]);
    expect((await run({ command: "undo", force: true })).state).toBe("done");
    expect(statesOf("read_nodes/db3")).toEqual(["up", "up"]);
  });

  it("sends nothing where a reload has taken the change back by itself", async () => {
    await run({ command: "drain", targets: ["read_nodes/db3"] });
    world.reload("lb2", 999);
    world.sent.length = 0;
    await run({ command: "undo" });
    expect(world.sent).toEqual(["lb1: set server read_nodes/db3 state ready"]);
  });

  it("asks the guards too: no second writer by undo", async () => {
    const pair = new FakeWorld(buildR3());
    const other = createDesk(pair);
    const drained = await other.operations.run(
      await other.operations.plan(buildRequest({ command: "drain", targets: ["mysql/db1"], force: true })),
    );
    expect(drained.state).toBe("done");
    const plan = await other.operations.plan(buildRequest({ command: "undo" }));
    expect(plan.guards.filter(({ verdict }) => verdict === "block").map(({ guard }) => guard)).toEqual([
      "second-writer",
    ]);
    other.remove();
  });

  it("takes replication and read-only back to what they were", async () => {
    world.scene.channel("db3", { io: "no" });
    await run({ command: "replica-start", targets: ["db3"] });
    await run({ command: "undo" });
    expect(world.scene.report("db3").channels?.[0]).toMatchObject({ io: "no", sql: "yes" });
  });

  it("holds the lock on every node that answers while it runs, and names the holder to the other one", async () => {
    world.scene.kill("db4");
    await run({ command: "drain", targets: ["read_nodes/db3"] });
    expect(world.lockCalls).toEqual([]);
    await run({ command: "undo" });
    const on = (word: string) => ["db1", "db2", "db3"].map((node) => `${word} signalbox:shop on ${node}`);
    expect(world.lockCalls).toEqual([...on("get"), ...on("release")]);
    world.pass(2_000);
    await run({ command: "drain", targets: ["read_nodes/db2"] });
    world.lockedBy = { user: "ops", host: "10.0.0.9" };
    const refused = await run({ command: "undo" });
    expect(refused.state).toBe("refused");
    expect(refused.summary).toContain("ops@10.0.0.9 (connection 77) holds the lock signalbox:shop on db1");
  });
});

describe("Undo that was itself cut short", () => {
  it("is carried on by resume, and the first operation counts as taken back then", async () => {
    const world = new FakeWorld(buildR1Twice());
    const desk = createDesk(world);
    const run = async (request: Ask) => desk.operations.run(await desk.operations.plan(buildRequest(request)));
    const drained = await run({ command: "drain", targets: ["read_nodes/db3"] });
    world.fault("lb2", { kind: "refuse", text: "No such server." });
    const plan = await desk.operations.plan(buildRequest({ command: "undo" }));
    const undo = await desk.operations.run(plan, { decide: async () => "keep" });
    expect(undo.state).toBe("unfinished");
    const resumed = await run({ command: "resume" });
    expect(resumed).toMatchObject({ id: undo.id, state: "done" });
    expect(["lb1", "lb2"].map((lb) => world.server(lb, "read_nodes/db3")?.state)).toEqual(["up", "up"]);
    expect((await desk.journal.show(drained.id))?.undoneBy).toBe(undo.id);
    expect(await desk.journal.unfinished("shop")).toEqual([]);
    desk.remove();
  });

  it("does not let resume overwrite what somebody changed since", async () => {
    const world = new FakeWorld(buildR1Twice());
    const desk = createDesk(world);
    world.fault("lb2", { kind: "refuse", text: "No such server." });
    const plan = await desk.operations.plan(buildRequest({ command: "drain", targets: ["read_nodes/db3"] }));
    await desk.operations.run(plan, { decide: async () => "keep" });
    world.scene.state("lb2", "read_nodes/db3", "maint");
    const resumed = await desk.operations.run(await desk.operations.plan(buildRequest({ command: "resume" })));
    expect(resumed).toMatchObject({ state: "refused", refusals: [{ guard: "changed-since" }] });
    desk.remove();
  });
});

describe("After the console was killed between two steps", () => {
  const REQUEST: Ask = { command: "drain", targets: ["read_nodes/db3", "read_nodes/db4"], force: true };

  /** Runs the whole, then cuts the journal after so many lines, and puts the servers of unsent steps back: as if killed there. */
  async function killedAfter(lines: number): Promise<{ world: FakeWorld; desk: Desk; operations: Operations }> {
    const world = new FakeWorld(buildR1Twice());
    const desk = createDesk(world);
    const { id } = await desk.operations.run(await desk.operations.plan(buildRequest(REQUEST)));
    const path = join(desk.dir, `${id}.jsonl`);
    const kept = readFileSync(path, "utf8").trim().split("\n").slice(0, lines);
    writeFileSync(path, `${kept.join("\n")}\n`);
    const begun = new Set(kept.map((line) => JSON.parse(line).step));
    const servers = ["lb1 read_nodes/db3", "lb2 read_nodes/db3", "lb1 read_nodes/db4", "lb2 read_nodes/db4"];
    for (const [index, name] of servers.entries()) {
      const [haproxy = "", server = ""] = name.split(" ");
      if (!begun.has(index + 1)) world.scene.state(haproxy, server, "up");
    }
    world.sent.length = 0;
    return { world, desk, operations: desk.restart() };
  }

  const allStates = (world: FakeWorld) =>
    ["lb1", "lb2"].flatMap((lb) => ["db3", "db4"].map((db) => world.server(lb, `read_nodes/${db}`)?.state));

  // 1 header; 3 intents of the first group; 5 its outcomes; 7 intents of the second; 9 its outcomes.
  it.each([3, 4, 5, 7, 8, 9])("undo restores everything (journal cut after line %i)", async (lines) => {
    const { world, desk, operations } = await killedAfter(lines);
    const undone = await operations.run(await operations.plan(buildRequest({ command: "undo" })));
    expect(undone.state).toBe("done");
    expect(allStates(world)).toEqual(["up", "up", "up", "up"]);
    expect(await operations.journal.unfinished("shop")).toEqual([]);
    desk.remove();
  });

  it.each([3, 4, 5, 7, 8, 9])(
    "resume finishes everything, sends nothing twice, and undo takes back the whole (line %i)",
    async (lines) => {
      const { world, desk, operations } = await killedAfter(lines);
      const [open] = await operations.journal.unfinished("shop");
      const resumed = await operations.run(await operations.plan(buildRequest({ command: "resume" })));
      expect(resumed).toMatchObject({ state: "done", id: open?.id });
      expect(allStates(world)).toEqual(["drain", "drain", "drain", "drain"]);
      expect(world.sent).toHaveLength(lines >= 7 ? 0 : 2);
      await operations.run(await operations.plan(buildRequest({ command: "undo" })));
      expect(allStates(world)).toEqual(["up", "up", "up", "up"]);
      desk.remove();
    },
  );

  it("has nothing to take back when nothing had been sent", async () => {
    const { desk, operations } = await killedAfter(1);
    expect(await operations.journal.unfinished("shop")).toEqual([]);
    await expect(operations.plan(buildRequest({ command: "undo" }))).rejects.toThrow("No operation");
    desk.remove();
  });
});
