import { describe, expect, it } from "vitest";
import type { OperationProgress, PromotionProgress } from "../../../../src/model/operation.ts";
import { RefusedError, TargetError } from "../../../../src/operations/errors.ts";
import { buildPromotion, buildPromotionPlan, buildPromotionProgress, HAND_TASK } from "../../../support/plans.ts";
import {
  buildStepProgress,
  buildTestPlan,
  buildTestProgress,
  createFakeOperations,
  PATIENT,
  runChange,
  startChange,
  TERMINAL,
} from "./support.ts";

const request = {
  ...buildTestPlan().request,
  command: "promote",
  targets: ["db2"],
  promotion: { failover: false, acceptLoss: false },
} as const;
const plan = buildPromotionPlan(request, { at: 1_000 });
const PROMOTE = ["promote", "db2", "--yes"];

/** Runs through these looks at the writes, and ends so. */
function movingWrites(looks: readonly Partial<PromotionProgress>[], end: Partial<OperationProgress> = {}, from = plan) {
  return createFakeOperations(from, (each, { onProgress }) => {
    const steps = each.steps.map(({ number }) =>
      buildStepProgress(number, { outcome: "pending", startedAt: null, endedAt: null, message: null }),
    );
    for (const look of looks) {
      const promotion = buildPromotionProgress(look);
      onProgress?.(buildTestProgress(each, { state: "running", steps, promotion, endedAt: null }));
    }
    const last = buildTestProgress(each, { promotion: buildPromotionProgress(looks.at(-1) ?? {}), ...end });
    onProgress?.(last);
    return Promise.resolve(last);
  });
}

const BLOCKED: Partial<PromotionProgress> = {
  stoppedAt: 400,
  waitingFor: "SET GLOBAL super_read_only on db1",
  blockers: [
    { node: "db1", sessionId: 42, account: "batch@10.0.0.9", seconds: 7, query: "UPDATE t SET a=1 \u001b[2J\nWHERE 1" },
    { node: "db1", sessionId: 43, account: "app@10.0.0.7", seconds: null, query: null },
  ],
};
const MOVED: Partial<PromotionProgress> = {
  stoppedAt: 400,
  openedAt: 438,
  gapMs: 38.4,
  pastNoReturn: true,
  byHand: [HAND_TASK],
};

function eventsOf(out: string) {
  return out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

describe("what promote and rejoin ask for", () => {
  it.each([
    ["promote db2", { command: "promote", targets: ["db2"], promotion: { failover: false, acceptLoss: false } }],
    ["promote db2 --failover", { promotion: { failover: true, acceptLoss: false } }],
    [
      "promote db2 --failover --accept-loss --reason fire",
      { promotion: { failover: true, acceptLoss: true }, reason: "fire" },
    ],
    ["rejoin db1 --force", { command: "rejoin", targets: ["db1"], force: true }],
  ])("%s", async (line, asked) => {
    const operations = createFakeOperations(plan);
    expect((await runChange([...line.split(" "), "--yes"], operations)).exitCode).toBe(0);
    expect(operations.plan.mock.calls[0]?.[0]).toMatchObject({ cluster: "shop", haproxy: null, ...asked });
  });

  it.each([
    ["promote", "missing required argument 'node'"],
    ["promote db2 db3", "too many arguments for 'promote'"],
    ["promote db2 --haproxy lb1", 'promote acts on no HAProxy by name; leave out --haproxy "lb1"'],
    ["rejoin db1 --failover", "unknown option '--failover'"],
    ["rejoin", "missing required argument 'node'"],
  ])("%s is one line on stderr and exit code 64", async (line, message) => {
    const operations = createFakeOperations(plan);
    const { exitCode, out, err } = await runChange([...line.split(" "), "--yes"], operations);
    expect({ exitCode, out }).toEqual({ exitCode: 64, out: "" });
    expect(err).toContain(message);
    expect(operations.plan).not.toHaveBeenCalled();
  });

  it.each([
    ["promote", ["--failover", "--accept-loss"]],
    ["rejoin", []],
  ])("%s --help names its options and the exit codes", async (name, more) => {
    const { exitCode, out } = await runChange([name, "--help"], null);
    expect(exitCode).toBe(0);
    for (const text of ["--dry-run", "--yes", "--json", "--reason", "130 interrupted", ...more])
      expect(out).toContain(text);
    expect(out).not.toContain("TARGET");
  });
});

describe("promotions that are refused before there is a plan", () => {
  it.each([
    new TargetError("unknown", "bd2", 'There is no node "bd2": did you mean db2?', ["db2"]),
    new RefusedError("db1 is the primary already."),
  ])("4: $message", async (error) => {
    const operations = createFakeOperations(plan);
    operations.plan.mockRejectedValue(error);
    const { exitCode, out, err } = await runChange(PROMOTE, operations);
    expect({ exitCode, out, err }).toEqual({ exitCode: 4, out: `${error.message} Nothing was changed.\n`, err: "" });
    expect(operations.run).not.toHaveBeenCalled();
  });

  it("4: with what to do instead, also as an event", async () => {
    const operations = createFakeOperations(plan);
    operations.plan.mockRejectedValue(new RefusedError("db9 is in no writer backend", "Add it to write_nodes."));
    const { exitCode, out } = await runChange([...PROMOTE, "--json"], operations);
    expect(exitCode).toBe(4);
    const summary = "db9 is in no writer backend. Nothing was changed. Add it to write_nodes.";
    expect(eventsOf(out)).toMatchObject([{ type: "end", exitCode: 4, state: "refused", id: null, summary }]);
  });

  it("64: a name that cannot be one, as everywhere", async () => {
    const operations = createFakeOperations(plan);
    operations.plan.mockRejectedValue(new TargetError("malformed", "a;b", '"a;b" cannot be a target.'));
    expect((await runChange(PROMOTE, operations)).exitCode).toBe(64);
  });

  it("64: an unknown server of a drain stays a mistake of the command line", async () => {
    const operations = createFakeOperations(plan);
    operations.plan.mockRejectedValue(new TargetError("unknown", "x", 'There is no node "x".'));
    expect((await runChange(["drain", "x", "--yes"], operations)).exitCode).toBe(64);
  });
});

describe("a known loss", () => {
  const promotion = buildPromotion({ mode: "failover", knownLoss: "4 transactions of db1 (1-1-4708…4711)" });
  const failover = { failover: true, acceptLoss: false };
  const unaccepted = buildPromotionPlan({ ...request, promotion: failover }, { promotion });
  const accepted = buildPromotionPlan({ ...request, promotion: { ...failover, acceptLoss: true } }, { promotion });

  it("is refused while nobody has given it up, with --force and in a dry run too", async () => {
    for (const more of [[], ["--force"], ["--dry-run"]]) {
      const operations = createFakeOperations(unaccepted);
      const { exitCode, out } = await runChange([...PROMOTE, "--failover", ...more], operations);
      expect(exitCode).toBe(4);
      expect(out).toContain("KNOWN LOSS: 4 transactions of db1");
      expect(out).toContain("--accept-loss gives them up.\n");
      expect(operations.run).not.toHaveBeenCalled();
    }
  });

  it("stands in the question, and the node's name runs it", async () => {
    const operations = createFakeOperations(accepted);
    const argv = ["promote", "db2", "--failover", "--accept-loss"];
    const { out, type, exit } = startChange(argv, operations, TERMINAL);
    const question = "and this is lost for good: 4 transactions of db1 (1-1-4708…4711): type db2 and press Enter";
    await expect.poll(out, PATIENT).toContain(question);
    type("db2\r");
    expect(await exit).toBe(0);
    expect(operations.run).toHaveBeenCalledOnce();
  });

  it("another name runs nothing", async () => {
    const operations = createFakeOperations(accepted);
    const { out, type, exit } = startChange(["promote", "db2", "--failover", "--accept-loss"], operations, TERMINAL);
    await expect.poll(out, PATIENT).toContain("press Enter");
    type("db3\r");
    expect(await exit).toBe(130);
    expect(operations.run).not.toHaveBeenCalled();
  });
});

describe("a promotion that runs", () => {
  it("0: tells the turns of the writes, the gap, what is left by hand and the way back", async () => {
    const { exitCode, out } = await runChange(PROMOTE, movingWrites([{}, { stoppedAt: 400 }, MOVED]));
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^\S+\.400 {2}writes are stopped, for at most 30 s$/m);
    expect(out).toMatch(/^\S+\.438 {2}writes flow again, after 38\.4 ms$/m);
    expect(out.match(/point of no return passed/g)).toHaveLength(1);
    expect(out).toContain("Promote db2: done and verified.\nwrites stopped for 38.4 ms\nJournal: ");
    expect(out).toContain(`To take it back: signalbox undo ${plan.id}\nLeft to do by hand\n`);
    expect(out.trimEnd().split("\n").slice(-2)).toEqual(HAND_TASK.lines.map((line) => `      ${line}`));
  });

  it("tells what comes at once in the order it happened", async () => {
    const times = [390, 395, 395, 402, 410, 411, 420, 430, 437, 438, 460, 455];
    const steps = times.map((endedAt, index) => buildStepProgress(index + 1, { startedAt: endedAt - 1, endedAt }));
    const end = { steps, promotion: buildPromotionProgress(MOVED) };
    const { out } = await runChange(PROMOTE, movingWrites([], end));
    const told = out.split("\n").filter((line) => /^\d\d:|no return passed/.test(line));
    const order = told.map((line) => /stopped|flow|no return/.exec(line)?.[0] ?? /^\S+ {2}(\d+) /.exec(line)?.[1]);
    const stop = ["stopped", "4", "5", "6", "7", "no return", "8", "9", "10", "flow"];
    expect(order).toEqual(["1", "2", "3", ...stop, "12", "11"]);
  });

  it("tells who is in the way, and nothing of their query reaches the terminal as it is", async () => {
    const { out } = await runChange(PROMOTE, movingWrites([BLOCKED, MOVED]));
    expect(out).toContain(
      "waits for SET GLOBAL super_read_only on db1 (writes stopped for 600 ms of at most 30 s)\n  in the way:\n" +
        "    db1 session 42 of batch@10.0.0.9, for 7 s: UPDATE t SET a=1 \\e[2J\\nWHERE 1\n" +
        "    db1 session 43 of app@10.0.0.7, for an unknown time: runs nothing that is told\n",
    );
  });

  it("5: taken back before the point of no return; the stop is told all the same", async () => {
    const end = { state: "rolled-back", summary: "db2 did not catch up. Everything has been taken back." } as const;
    const back = { stoppedAt: 400, openedAt: 800, gapMs: 400.25 };
    const { exitCode, out } = await runChange(PROMOTE, movingWrites([back], end));
    expect(exitCode).toBe(5);
    expect(out).toContain("writes stopped for 400.3 ms\n");
  });

  it("0: a failover that is done has no way back to the dead primary", async () => {
    const failover = { ...plan, promotion: buildPromotion({ mode: "failover" }) };
    const { exitCode, out } = await runChange([...PROMOTE, "--failover"], movingWrites([MOVED], {}, failover));
    expect(exitCode).toBe(0);
    expect(out).not.toContain("To take it back");
  });

  it("6: past the point of no return there is a way on and none back", async () => {
    const end = { state: "unfinished", summary: "db3 does not answer." } as const;
    const { exitCode, out } = await runChange(PROMOTE, movingWrites([MOVED], end));
    expect(exitCode).toBe(6);
    expect(out).toContain(`To finish it:    signalbox resume ${plan.id}\n`);
    expect(out).not.toContain("To take it back");
  });

  it("6: writes that are still stopped are said to be", async () => {
    const end = { state: "unfinished", summary: "db1 does not answer." } as const;
    const { out } = await runChange(PROMOTE, movingWrites([{ stoppedAt: 400 }], end));
    expect(out).toContain("WRITES ARE STILL STOPPED as far as is known\n");
  });

  it("130: cut by the operator, said as the 5 it would have been", async () => {
    const operations = createFakeOperations(plan, (each, { onProgress, signal }) => {
      const running = { state: "running", promotion: buildPromotionProgress(), endedAt: null } as const;
      onProgress?.(buildTestProgress(each, running));
      return new Promise((resolve) => {
        signal?.addEventListener("abort", () => {
          resolve(buildTestProgress(each, { state: "rolled-back", summary: "Taken back." }));
        });
      });
    });
    const { interrupt, exit, out } = startChange(PROMOTE, operations);
    await expect.poll(() => operations.run.mock.calls.length, PATIENT).toBe(1);
    interrupt();
    expect(await exit).toBe(130);
    expect(out()).toContain("Interrupted. Taken back. (Without the interruption: exit code 5, taken back.)");
  });
});

describe("events of a promotion", () => {
  it("the plan of a dry run has everything the operator is shown", async () => {
    const { exitCode, out } = await runChange(["promote", "db2", "--dry-run", "--json"], createFakeOperations(plan));
    expect(exitCode).toBe(0);
    const [told] = eventsOf(out);
    expect(told).toMatchObject({ type: "plan", confirmWord: "db2", promotion: buildPromotion(), guards: plan.guards });
    expect(told.steps.map(({ section }: { section: string }) => section)).toEqual([
      ...Array(3).fill("before"),
      ...Array(7).fill("write-stop"),
      ...Array(2).fill("after"),
    ]);
    expect(told.steps[3]).toMatchObject({
      limitMs: 5_000,
      noReturn: false,
      onFailure: "undo",
      undo: "SET GLOBAL read_only = 0",
      undoRank: 20,
      undoBefore: [{ kind: "writable", node: "db2", is: false }],
      rescue: [],
    });
    expect(told.steps[7]).toMatchObject({ target: "db2", noReturn: true, undo: null });
    expect(told.steps[10]).toMatchObject({
      onFailure: "go-on",
      rescue: [{ target: "lb1", command: "set server read_nodes/db3 state maint" }],
    });
  });

  it("each turn of the writes is one event, and the end has gap and hand tasks", async () => {
    const operations = movingWrites([{}, BLOCKED, BLOCKED, MOVED]);
    const { out } = await runChange([...PROMOTE, "--json"], operations);
    expect(out).not.toContain("\u001b");
    const events = eventsOf(out);
    const writes = events.filter(({ type }) => type === "promotion");
    expect(writes.map(({ stoppedAt, gapMs }) => [stoppedAt, gapMs])).toEqual([
      [null, null],
      ["1970-01-01T00:00:00.400Z", null],
      ["1970-01-01T00:00:00.400Z", 38.4],
    ]);
    expect(writes[1]).toMatchObject({ id: plan.id, waitingFor: BLOCKED.waitingFor, blockers: BLOCKED.blockers });
    expect(events.at(-1)).toMatchObject({
      type: "end",
      exitCode: 0,
      gapMs: 38.4,
      byHand: [HAND_TASK],
      undo: `signalbox undo ${plan.id}`,
    });
  });

  it("an end of something else has no gap, and nothing is left by hand", async () => {
    const { out } = await runChange(["drain", "db2", "--yes", "--json"], createFakeOperations(buildTestPlan()));
    expect(eventsOf(out).at(-1)).toMatchObject({ gapMs: null, byHand: [] });
  });
});

describe("resume and undo of a promotion", () => {
  it("resume runs the plan that carries on, with its hand tasks", async () => {
    const operations = movingWrites([MOVED], {}, { ...plan, carriesOn: true, doneBefore: [1, 2, 3] });
    const { exitCode, out } = await runChange(["resume", "--yes"], operations);
    expect(exitCode).toBe(0);
    expect(out).toContain("done before, not sent again (ready)");
    expect(out).toContain("writes stopped for 38.4 ms\n");
  });

  it("an undo accepts no loss and asks for none", async () => {
    const promotion = buildPromotion({ knownLoss: "4 transactions" });
    const operations = movingWrites([], {}, { ...plan, promotion, concerns: "20261120T030000-promote-0001" });
    expect((await runChange(["undo", "--yes"], operations)).exitCode).toBe(0);
  });
});
