import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { scopeOf } from "../../../../src/operations/executor/look.ts";
import { buildView } from "../../../../src/operations/view.ts";
import { buildR1 } from "../../../support/model-builders.ts";
import { buildRequest } from "../../../support/requests.ts";
import { createDesk, type Desk, FakeWorld } from "../support/fake-world.ts";
import { buildR1Twice } from "../support/scenes.ts";
import { listVerdicts } from "./verdicts.ts";

describe("Re-apply after a reload", () => {
  const scene = (state: "drain" | null, weight: number | null) => {
    const restore = [{ backend: "read_nodes", server: "db3", state, weight }];
    return buildR1().haproxy("lb1", { reload: { at: 1, previousPid: 1, pid: 123, lost: [], restore } });
  };

  it("does not overwrite what somebody has set since, unless forced", () => {
    expect(listVerdicts(scene("drain", null), { command: "reapply" })).toEqual([]);
    const other = scene("drain", null).state("lb1", "read_nodes/db3", "maint");
    expect(listVerdicts(other, { command: "reapply" })).toEqual(["changed-since block force"]);
  });

  it("does not overwrite a weight that somebody has set since, unless forced", () => {
    expect(listVerdicts(scene(null, 30), { command: "reapply" })).toEqual([]);
    const other = scene(null, 30).server("lb1", "read_nodes/db3", { weight: 5, assignedWeight: 5 });
    expect(listVerdicts(other, { command: "reapply" })).toEqual(["changed-since block force"]);
  });
});

describe("Resume", () => {
  let world: FakeWorld;
  let desk: Desk;

  beforeEach(() => {
    world = new FakeWorld(buildR1Twice());
    desk = createDesk(world);
  });
  afterEach(() => desk.remove());

  it("does not take over the --force of then: what the guards say now is answered anew", async () => {
    const request = buildRequest({ command: "drain", targets: ["read_nodes/db3"], force: true });
    world.fault("lb2", { kind: "refuse", text: "No such server." });
    await desk.operations.run(await desk.operations.plan(request), { decide: async () => "keep" });
    for (const name of ["read_nodes/db2", "read_nodes/db4"]) world.scene.state("lb2", name, "down");
    world.sent.length = 0;
    const plan = await desk.operations.plan(buildRequest({ command: "resume" }));
    expect(await desk.operations.run(plan)).toMatchObject({ refusals: [{ guard: "last-usable-server" }] });
    expect(world.sent.filter((line) => line.includes("drain"))).toEqual([]);
  });
});

describe("Undo of an operation whose servers are not there any more", () => {
  it("names the HAProxy that is gone from the configuration", async () => {
    const world = new FakeWorld(buildR1Twice());
    const desk = createDesk(world);
    await desk.operations.run(
      await desk.operations.plan(buildRequest({ command: "drain", targets: ["read_nodes/db3"] })),
    );
    world.scene.haproxies.delete("lb2");
    const plan = await desk.operations.plan(buildRequest({ command: "undo" }));
    expect(plan.guards.filter(({ verdict }) => verdict === "unknown")).toMatchObject([
      { guard: "haproxy-readable", subject: "lb2", forceable: false },
    ]);
    desk.remove();
  });
});

describe("What is read anew before a step that puts a server in", () => {
  it("is every node behind HAProxy, but for silent ones of other backends", () => {
    const view = buildView(buildR1().kill("db4").kill("db1").snapshot());
    const change = { kind: "server-state", haproxy: "lb1", backend: "write_nodes", server: "db1" } as const;
    const nodesOf = (state: "ready" | "drain") => [...scopeOf([buildStep({ ...change, state })], view).nodes].sort();
    expect(nodesOf("ready")).toEqual(["db1", "db2", "db3"]);
    expect(nodesOf("drain")).toEqual(["db1", "db2"]);
  });
});

function buildStep(change: Parameters<typeof scopeOf>[0][number]["change"]): Parameters<typeof scopeOf>[0][number] {
  return {
    number: 1,
    group: 1,
    title: "",
    target: { kind: "haproxy", haproxy: "lb1" },
    change,
    command: "",
    before: [],
    after: [],
    undo: null,
    found: "",
  };
}
