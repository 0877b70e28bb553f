import { describe, expect, it } from "vitest";
import { TargetError } from "../../../../src/operations/errors.ts";
import {
  buildBlock,
  buildStepProgress,
  buildTestPlan,
  buildTestProgress,
  createFakeOperations,
  ID,
  runChange,
} from "./support.ts";

const JSON_DRAIN = ["drain", "read_nodes/db2", "--yes", "--json", "--reason", "kernel"];

function eventsOf(out: string) {
  return out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

const drain = {
  sessions: 3,
  queued: 0,
  leavingPerSecond: 1.5,
  emptyInSeconds: 2,
  deadlineAt: 61_000,
  clients: [{ user: "app", host: "10.0.0.7", count: 3 }],
  perHaproxy: [{ haproxy: "lb1", server: "read_nodes/db2", sessions: 3, queued: 0 }],
  stillFed: false,
};

describe("events as JSON lines", () => {
  it("tell plan, steps, drain and end, each line an object of its own", async () => {
    const operations = createFakeOperations(buildTestPlan(), (plan, { onProgress }) => {
      const running = buildStepProgress(1, { outcome: "running", endedAt: null, message: null });
      const waiting = buildStepProgress(2, { outcome: "pending", startedAt: null, endedAt: null, message: null });
      onProgress?.(buildTestProgress(plan, { state: "running", steps: [running, waiting], endedAt: null }));
      onProgress?.(buildTestProgress(plan, { state: "draining", drain, endedAt: null }));
      const end = buildTestProgress(plan, { drain });
      onProgress?.(end);
      return Promise.resolve(end);
    });
    const { exitCode, out, err } = await runChange(JSON_DRAIN, operations);
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
    const events = eventsOf(out);
    expect(events.map(({ type, number, outcome }) => [type, number, outcome])).toEqual([
      ["plan", undefined, undefined],
      ["step", 1, "running"],
      ["step", 1, "done"],
      ["step", 2, "done"],
      ["drain", undefined, undefined],
      ["end", undefined, undefined],
    ]);
    expect(events[0]).toMatchObject({
      schema: 1,
      id: ID,
      cluster: "shop",
      command: "drain",
      danger: "reversible",
      dryRun: false,
      refused: false,
      steps: [
        {
          number: 1,
          group: 1,
          on: "haproxy",
          target: "lb1",
          command: "set server read_nodes/db2 state drain",
          undo: "set server read_nodes/db2 state ready",
          found: "ready, weight 1, 3 sessions",
        },
        { number: 2, target: "lb2" },
      ],
    });
    expect(events[2]).toMatchObject({ id: ID, target: "lb1", tookMs: 14, message: "it is so", failure: null });
    expect(events[4]).toMatchObject({ sessions: 3, clients: drain.clients, deadlineAt: "1970-01-01T00:01:01.000Z" });
    expect(events[5]).toMatchObject({
      exitCode: 0,
      state: "done",
      id: ID,
      interrupted: false,
      undo: `signalbox undo ${ID}`,
      resume: null,
    });
    for (const { at } of events) expect(at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it("a refusal: plan and end, with the guards", async () => {
    const operations = createFakeOperations(buildTestPlan({ guards: [buildBlock()] }));
    const { exitCode, out } = await runChange([...JSON_DRAIN, "--dry-run"], operations);
    expect(exitCode).toBe(4);
    const [plan, end] = eventsOf(out);
    expect(plan).toMatchObject({ type: "plan", dryRun: true, refused: true });
    expect(end).toMatchObject({ type: "end", exitCode: 4, state: "refused", refusals: [buildBlock()], id: null });
  });

  it("a dry run ends in state dry-run", async () => {
    const { exitCode, out } = await runChange([...JSON_DRAIN, "--dry-run"], createFakeOperations(buildTestPlan()));
    expect(exitCode).toBe(0);
    expect(eventsOf(out).at(-1)).toMatchObject({ type: "end", exitCode: 0, state: "dry-run", id: null });
  });

  it("a mistake is an event and a line on stderr", async () => {
    const operations = createFakeOperations(buildTestPlan());
    operations.plan.mockRejectedValue(new TargetError("unknown", "bd2", 'There is no node "bd2".'));
    const { exitCode, out, err } = await runChange(JSON_DRAIN, operations);
    expect({ exitCode, err }).toEqual({ exitCode: 64, err: 'signalbox: There is no node "bd2".\n' });
    expect(eventsOf(out)).toMatchObject([{ type: "error", exitCode: 64, message: 'There is no node "bd2".' }]);
  });

  it.each([
    [["weight", "db2", "300", "--json"], /^a weight of "300" cannot be set/],
    [["drain", "db2", "--json", "--yes", "--timeout", "0s"], /^--timeout "0s" is too short/],
    [["drain", "--json"], /^missing required argument 'target'$/],
    [
      ["replica", "stop", "db2", "--json", "--thread", "both"],
      /^option '--thread <thread>' argument 'both' is invalid/,
    ],
    [["promote", "db2", "--json", "--bogus"], /^unknown option '--bogus'$/],
  ])("a mistake of the command line itself is one, too: %j", async (argv, message) => {
    const { exitCode, out, err } = await runChange(argv, createFakeOperations(buildTestPlan()));
    expect(exitCode).toBe(64);
    expect(eventsOf(out)).toMatchObject([{ type: "error", exitCode: 64, message: expect.stringMatching(message) }]);
    expect(err).toMatch(/^signalbox: .*\n$/);
  });

  it("help is no mistake", async () => {
    const { exitCode, out } = await runChange(["drain", "--json", "--help"], createFakeOperations(buildTestPlan()));
    expect(exitCode).toBe(0);
    expect(out).not.toContain('"type"');
  });

  it("what a server says cannot reach a terminal unescaped, and is the same after parsing", async () => {
    const hostile = "\u001b[2J\u009b31m\u202eevil";
    const operations = createFakeOperations(buildTestPlan(), (plan, { onProgress }) => {
      const end = buildTestProgress(plan, { steps: [buildStepProgress(1, { message: hostile })] });
      onProgress?.(end);
      return Promise.resolve(end);
    });
    const { out } = await runChange(JSON_DRAIN, operations);
    expect(out).not.toMatch(/[\u001b\u009b\u202e]/);
    expect(eventsOf(out)[1].message).toBe(hostile);
  });
});
