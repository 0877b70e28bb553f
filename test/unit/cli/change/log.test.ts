import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { buildTestPlan, createFakeOperations, dir, ID, runChange } from "./support.ts";

it("--log keeps plan, steps and end, each line with its time and harmless", async () => {
  const file = join(dir, "act.log");
  const plan = buildTestPlan({ title: "Drain read_nodes/db2 \u001b[2J" });
  const { exitCode } = await runChange(["drain", "read_nodes/db2", "--yes", "--log", file], createFakeOperations(plan));
  expect(exitCode).toBe(0);
  const at = "1970-01-01T00:00:01.000Z shop";
  expect(readFileSync(file, "utf8").trimEnd().split("\n")).toEqual([
    `${at} plan ${ID}: Drain read_nodes/db2 \\e[2J`,
    `${at} ${ID} step 1 done: it is so`,
    `${at} ${ID} step 2 done: it is so`,
    `${at} exit code 0: Drain read_nodes/db2 \\e[2J: done and verified.`,
  ]);
});
