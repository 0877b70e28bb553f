import { afterEach, beforeEach, expect, it } from "vitest";
import type { JournalFile } from "../../../../src/operations/journal/file.ts";
import { createDesk, type Desk, type FakeWorld } from "../support/fake-world.ts";
import { buildSwitchPlan, buildSwitchWorld, runSwitch } from "../support/promotion-plan.ts";
import { buildRequest } from "../support/requests.ts";

let desk: Desk;
let world: FakeWorld;
let file: JournalFile;

beforeEach(async () => {
  world = buildSwitchWorld();
  desk = createDesk(world);
  file = await desk.journal.open("20261120T153102-undo-db2-0000");
});
afterEach(async () => {
  await file.close();
  desk.remove();
});

it.each(["writable", "silent"] as const)(
  "--force opens no node while the one that must be closed is %s: what somebody changed is overridden, the interlock is not",
  async (state) => {
    world.scene.node("db1", { readOnly: true });
    if (state === "writable") world.scene.node("db2", { readOnly: false });
    else world.scene.kill("db2");
    const { promotion: _none, ...plan } = buildSwitchPlan(world);
    const [first] = plan.steps;
    if (first === undefined) throw new Error("no step");
    const step = {
      ...first,
      target: { kind: "node", node: "db1" },
      change: { kind: "read-only", node: "db1", on: false, superToo: false },
      command: "read-only off db1",
      before: [{ kind: "writable", node: "db2", is: false }],
      after: [{ kind: "read-only", node: "db1", on: false, superToo: false }],
      undo: null,
    } as const;
    const request = buildRequest({ command: "undo", force: true });
    const progress = await runSwitch(world, file, { plan: { ...plan, request, steps: [step] }, guards: [] });
    expect(world.sent).toEqual([]);
    expect(progress.state).toBe("refused");
  },
);
