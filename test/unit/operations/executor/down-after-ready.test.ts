import { afterEach, beforeEach, expect, it } from "vitest";
import type { JournalFile } from "../../../../src/operations/journal/file.ts";
import { createDesk, type Desk, type FakeWorld } from "../support/fake-world.ts";
import { buildSwitchWorld, runSwitch } from "../support/promotion-plan.ts";

let desk: Desk;
let world: FakeWorld;
let file: JournalFile;

beforeEach(async () => {
  world = buildSwitchWorld();
  desk = createDesk(world);
  file = await desk.journal.open("20261120T153102-promote-db2-0000");
});
afterEach(async () => {
  await file.close();
  desk.remove();
});

it("a new primary whose server went DOWN with its first check is not called done: no write reaches it", async () => {
  world.afterSend = (command) => {
    if (command !== "reset-replication db2") return;
    world.scene.server("lb1", "write_nodes/db2", { state: "down", check: "L4CON" });
  };
  const { state, summary } = await runSwitch(world, file);
  expect(summary).toContain("write_nodes/db2 is DOWN on lb1 by its check (L4CON): it gets no writes");
  expect(state).toBe("unfinished");
});
