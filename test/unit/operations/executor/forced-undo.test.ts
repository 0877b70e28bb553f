import { expect, it } from "vitest";
import { buildRequest } from "../../../support/requests.ts";
import { buildSwitchPlan } from "../support/promotion-plan.ts";
import { keepSwitchDesk } from "../support/switch-desk.ts";

const made = keepSwitchDesk("20261120T153102-undo-db2-0000");

it.each(["writable", "silent"] as const)(
  "--force opens no node while the one that must be closed is %s: what somebody changed is overridden, the interlock is not",
  async (state) => {
    const { world } = made;
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
    const progress = await made.run({ plan: { ...plan, request, steps: [step] }, guards: [] });
    expect(world.sent).toEqual([]);
    expect(progress.state).toBe("refused");
  },
);
