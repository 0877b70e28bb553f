import { describe, expect, it } from "vitest";
import { createHumanReporter } from "../../../../src/cli/change/report-human.ts";
import type { DrainProgress } from "../../../../src/model/operation.ts";
import { createFakeIo } from "../fake-io.ts";
import { buildTestPlan, buildTestProgress } from "./support.ts";

const drain: DrainProgress = {
  sessions: 3,
  queued: 0,
  leavingPerSecond: null,
  emptyInSeconds: null,
  deadlineAt: null,
  clients: [],
  perHaproxy: [{ haproxy: "lb1", server: "read_nodes/db2", sessions: 3, queued: 0 }],
  stillFed: false,
};

describe("lines of a drain", () => {
  it("tell who is left as soon as that is known, also when no number changes", () => {
    let now = 1_000;
    const fake = createFakeIo({});
    const report = createHumanReporter({ ...fake.io, now: () => now }, false);
    const tell = (clients: DrainProgress["clients"]) =>
      report.progress(
        buildTestProgress(buildTestPlan(), {
          state: "draining",
          steps: [],
          endedAt: null,
          drain: { ...drain, clients },
        }),
      );
    tell([]);
    now += 1_100;
    tell([{ user: "app", host: "10.0.0.7", count: 3 }]);
    now += 1_100;
    tell([{ user: "app", host: "10.0.0.7", count: 3 }]);
    expect(
      fake
        .out()
        .split("\n")
        .filter((line) => line.includes("draining"))
        .map((line) => line.includes("app@10.0.0.7 x3")),
    ).toEqual([false, true]);
  });
});
