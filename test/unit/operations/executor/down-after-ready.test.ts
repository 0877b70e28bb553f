import { expect, it } from "vitest";
import { keepSwitchDesk } from "../support/switch-desk.ts";

const made = keepSwitchDesk("20261120T153102-promote-db2-0000");

it("a new primary whose server went DOWN with its first check is not called done: no write reaches it", async () => {
  const { world } = made;
  world.afterSend = (command) => {
    if (command !== "reset-replication db2") return;
    world.scene.server("lb1", "write_nodes/db2", { state: "down", check: "L4CON" });
  };
  const { state, summary } = await made.run();
  expect(summary).toContain("write_nodes/db2 is DOWN on lb1 by its check (L4CON): it gets no writes");
  expect(state).toBe("unfinished");
});
