import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { buildRequest } from "../../support/requests.ts";
import { createDesk, type Desk, FakeWorld } from "./support/fake-world.ts";
import { buildR1Twice } from "./support/scenes.ts";

const DRAIN = buildRequest({ command: "drain", targets: ["read_nodes/db3"] });
const CUT = buildRequest({ command: "shutdown-sessions", targets: ["read_nodes/db3"], haproxy: "lb1" });

describe("Reading back after a change", () => {
  let desk: Desk;
  let world: FakeWorld;

  beforeEach(() => {
    world = new FakeWorld(buildR1Twice());
    desk = createDesk(world);
  });
  afterEach(() => desk.remove());

  const run = async (request = DRAIN) => desk.operations.run(await desk.operations.plan(request));
  const reloadOnce = () => {
    world.afterSend = () => {
      world.afterSend = () => {};
      world.reload("lb1", 999);
    };
  };

  it("does not believe a process that a reload replaced right after it took the change", async () => {
    reloadOnce();
    const { state, summary } = await run();
    expect(state).toBe("rolled-back");
    expect(summary).toContain("read_nodes/db3 is ready on lb1; lb1 was reloaded meanwhile: process 123 is now 999");
  });

  it("believes the new process when the change is in effect there, and says who answers", async () => {
    world.afterSend = () => {
      const report = world.report("lb1");
      const process = report?.process ?? null;
      if (process === null) return;
      world.reload("lb1", 999);
      world.scene.state("lb1", "read_nodes/db3", "drain");
    };
    const { state, steps } = await run();
    expect(state).toBe("done");
    expect(steps[0]?.message).toBe(
      "read_nodes/db3 is drain on lb1; lb1 was reloaded meanwhile: process 123 is now 999",
    );
  });

  it("does not count sessions as cut when the answer was lost and nothing can be read", async () => {
    world.fault("lb1", { kind: "lost", done: false });
    const { state, steps } = await run(CUT);
    expect(steps[0]).toMatchObject({ outcome: "unknown" });
    expect(state).toBe("unfinished");
  });

  it("does not count sessions as cut when a reload left them to an old process", async () => {
    reloadOnce();
    const { steps } = await run(CUT);
    expect(steps[0]?.outcome).toBe("unknown");
    expect(steps[0]?.message).toContain("lb1 was reloaded meanwhile");
  });

  it("counts sessions as cut on the word of the process in use", async () => {
    expect(await run(CUT)).toMatchObject({ state: "done" });
  });
});
