/** Whether there was a failover is told by what it did, not by how it ended. */
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Change } from "../../../../src/model/operation.ts";
import { buildR1, buildServer } from "../../../support/model-builders.ts";
import { buildRequest } from "../../../support/requests.ts";
import { createDesk, type Desk, FakeWorld } from "../support/fake-world.ts";

const FAILOVER = { failover: true, acceptLoss: true } as const;

let desk: Desk;
let world: FakeWorld;

beforeEach(() => {
  const scene = buildR1().configure({ replication: { user: "repl", password: { secret: "-" } } });
  for (const id of [2, 3, 4]) scene.channel(`db${id}`, { io: "connecting", receivedGtid: "0-1-100" });
  const third = buildServer("write_nodes/db3", "10.0.0.13:3306", { backup: true });
  scene.addHaproxy("lb1", [...scene.haproxyReport("lb1").servers, third]);
  world = new FakeWorld(scene.kill("db1").state("lb1", "write_nodes/db1", "down"));
  desk = createDesk(world);
});
afterEach(() => desk.remove());

const failOver = (to: string) =>
  desk.operations.plan(buildRequest({ command: "promote", targets: [to], promotion: FAILOVER }));

const refuse = (matches: (change: Change) => boolean) => {
  world.faultOf = (change) => (matches(change) ? { kind: "refuse", text: "no" } : undefined);
};

async function ask(to: string): Promise<string | undefined> {
  const plan = await failOver(to);
  return plan.guards.find(({ guard }) => guard === "recent-failover")?.verdict;
}

it("one that has moved the writes and left something to be done counts", async () => {
  refuse((change) => change.kind === "change-source" && change.node === "db4");
  const { state, summary, promotion } = await desk.operations.run(await failOver("db2"));
  expect(promotion?.pastNoReturn, summary).toBe(true);
  expect(state, summary).toBe("unfinished");
  world.scene.channel("db3", { io: "connecting" }).kill("db2");
  expect(await ask("db3")).toBe("block");
});

it("one that was taken back does not", async () => {
  refuse((change) => change.kind === "drain-relay");
  const { state, summary } = await desk.operations.run(await failOver("db2"));
  expect(state, summary).toBe("rolled-back");
  expect(await ask("db2")).toBe("pass");
});
