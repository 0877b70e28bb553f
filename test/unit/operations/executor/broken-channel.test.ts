import { expect, it } from "vitest";
import type { PlanStep } from "../../../../src/model/operation.ts";
import { selectSourceStep } from "../../../../src/operations/executor/broken-channel.ts";

const base = { group: 1, title: "", command: "", before: [], after: [], undo: null, found: "" };
const source = (number: number, node: string, login: "keep" | "configured"): PlanStep => ({
  ...base,
  number,
  target: { kind: "node", node },
  change: {
    kind: "change-source",
    node,
    channel: "",
    host: "h",
    port: 1,
    follow: "file",
    position: null,
    login: { kind: login },
  },
});
const threads = (number: number, node: string, action: "start" | "stop"): PlanStep => ({
  ...base,
  number,
  target: { kind: "node", node },
  change: { kind: "replication", node, action, thread: "both", channel: "" },
});
const refusedWith = (serverCode: number) => ({
  failure: { kind: "rejected", target: "", operation: "", message: "", advice: null, serverCode } as const,
});

const STEPS = [
  source(1, "db1", "configured"),
  source(2, "db3", "keep"),
  threads(3, "db1", "start"),
  threads(4, "db3", "start"),
];
const find = (step: PlanStep, code = 1872, outcome = "done") =>
  selectSourceStep({ plan: { steps: STEPS }, outcome: () => outcome }, step, refusedWith(code))?.number ?? null;

it("A channel that its server cannot read is given its source again, where the plan has given it one", () => {
  expect(find(threads(3, "db1", "start"))).toBe(1);
  expect(find(threads(4, "db3", "start"), 1201)).toBe(2);
});

it.each([
  ["another error", () => find(threads(3, "db1", "start"), 1593)],
  ["a stop", () => find(threads(3, "db1", "stop"))],
  ["a node that the plan points nowhere", () => find(threads(5, "db4", "start"))],
  ["a source that was not changed", () => find(threads(3, "db1", "start"), 1872, "failed")],
  ["a start before the change", () => find(threads(0, "db1", "start"))],
])("nothing is done again for %s", (_, found) => {
  expect(found()).toBeNull();
});
