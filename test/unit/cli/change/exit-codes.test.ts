import { describe, expect, it } from "vitest";
import { DriverError } from "../../../../src/drivers/errors.ts";
import type { OperationProgress } from "../../../../src/model/operation.ts";
import { RequestError, TargetError } from "../../../../src/operations/errors.ts";
import { PlanChangedError, type RunOptions } from "../../../../src/operations/operations.ts";
import {
  buildBlock,
  buildStepProgress,
  buildTestPlan,
  buildTestProgress,
  createFakeOperations,
  ID,
  PATIENT,
  runChange,
  startChange,
} from "./support.ts";

const DRAIN = ["drain", "read_nodes/db2", "--yes"];
const plan = buildTestPlan();

function endingIn(patch: Partial<OperationProgress>) {
  return createFakeOperations(plan, (each, { onProgress }) => {
    const end = buildTestProgress(each, patch);
    onProgress?.(end);
    return Promise.resolve(end);
  });
}

describe("exit codes of changing commands", () => {
  it("0: done and verified, with the journal's id and the way back", async () => {
    const operations = createFakeOperations(plan);
    const { exitCode, out, err } = await runChange(DRAIN, operations);
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
    expect(out).toContain("lb1  set server read_nodes/db2 state drain  ready, weight 1, 3 sessions\n");
    expect(out).toContain("1 lb1 drain read_nodes/db2  done in 14 ms: it is so\n");
    expect(out).toContain("Drain read_nodes/db2: done and verified.\n");
    expect(out).toContain(`Journal: ${ID} `);
    expect(out).toContain(`To take it back: signalbox undo ${ID}\n`);
    expect(operations.close).toHaveBeenCalledOnce();
  });

  it("4: a guard blocks; nothing is run and no question is asked", async () => {
    const operations = createFakeOperations(buildTestPlan({ guards: [buildBlock()] }));
    const { exitCode, out } = await runChange(["drain", "read_nodes/db2"], operations);
    expect(exitCode).toBe(4);
    expect(out).toContain("BLOCK   last-usable-server, lb1 read_nodes: db2 is the last usable server");
    expect(out).toContain("Bring another server back first.");
    expect(out).toContain("Refused by last-usable-server: nothing was changed. --force would override it.\n");
    expect(operations.run).not.toHaveBeenCalled();
  });

  it("4: a guard that could not be checked refuses as one that blocks", async () => {
    const guards = [buildBlock({ verdict: "unknown", forceable: false })];
    const operations = createFakeOperations(buildTestPlan({ guards }));
    const { exitCode, out } = await runChange([...DRAIN, "--force"], operations);
    expect(exitCode).toBe(4);
    expect(out).toContain("UNKNOWN last-usable-server");
    expect(out).not.toContain("--force would");
    expect(operations.run).not.toHaveBeenCalled();
  });

  it("--force runs over a guard that may be overridden, and says which", async () => {
    const operations = createFakeOperations(buildTestPlan({ guards: [buildBlock()] }));
    const { exitCode, out } = await runChange([...DRAIN, "--force"], operations);
    expect(exitCode).toBe(0);
    expect(out).toContain("(overridden by --force)");
    expect(operations.plan.mock.calls[0]?.[0].force).toBe(true);
  });

  it("4: a guard said no right before a step", async () => {
    const steps = plan.steps.map(({ number }) =>
      buildStepProgress(number, { outcome: "skipped", startedAt: null, endedAt: null, message: null }),
    );
    const summary = "Refused: it has changed. Nothing was changed.";
    const operations = endingIn({ state: "refused", refusals: [buildBlock()], steps, summary });
    const { exitCode, out } = await runChange(DRAIN, operations);
    expect(exitCode).toBe(4);
    expect(out).toContain("Refused: db2 is the last usable server of read_nodes on lb1. Bring another server back");
    expect(out).not.toContain("Journal:");
  });

  it("5: one HAProxy refused, what the other did was taken back; each is told with its own words", async () => {
    const steps = [
      buildStepProgress(1, { outcome: "undone", message: "read_nodes/db2 is ready on lb1" }),
      buildStepProgress(2, { outcome: "failed", message: "lb2 refuses: Permission denied\u001b[2J" }),
    ];
    const operations = endingIn({
      state: "rolled-back",
      steps,
      summary: "lb2 refused. Everything has been taken back.",
    });
    const { exitCode, out } = await runChange(DRAIN, operations);
    expect(exitCode).toBe(5);
    expect(out).toContain("1 lb1 drain read_nodes/db2  taken back: read_nodes/db2 is ready on lb1\n");
    expect(out).toContain("2 lb2 drain read_nodes/db2  FAILED in 14 ms: lb2 refuses: Permission denied\\e[2J\n");
    expect(out).not.toContain("signalbox undo");
  });

  it("6: not fully taken back; the ways on are told", async () => {
    const steps = [buildStepProgress(1), buildStepProgress(2, { outcome: "unknown", message: "no answer" })];
    const operations = endingIn({ state: "unfinished", steps, summary: "lb2 does not answer." });
    const { exitCode, out } = await runChange(DRAIN, operations);
    expect(exitCode).toBe(6);
    expect(out).toContain("2 lb2 drain read_nodes/db2  UNKNOWN in 14 ms: no answer\n");
    expect(out).toContain(`To finish it:    signalbox resume ${ID}\nTo take it back: signalbox undo ${ID}\n`);
  });

  it.each([
    new TargetError("unknown", "bd2", 'There is no node "bd2": did you mean db2?', ["db2"]),
    new TargetError("ambiguous", "db2", '"db2" is node db2 and also server write_nodes/db2: give BACKEND/SERVER.'),
    new TargetError("malformed", "a;b", '"a;b" cannot be a target: names have no ";".'),
    new RequestError("sessionId", "Give the number of the session."),
  ])("64: $message", async (error) => {
    const operations = createFakeOperations(plan);
    operations.plan.mockRejectedValue(error);
    expect(await runChange(DRAIN, operations)).toEqual({
      exitCode: 64,
      out: "",
      err: `signalbox: ${error.message}\n`,
    });
    expect(operations.close).toHaveBeenCalledOnce();
  });

  it("64: started read-only, with where that is said; nothing is opened", async () => {
    const flag = await runChange([...DRAIN, "--read-only"], null);
    expect(flag).toEqual({
      exitCode: 64,
      out: "",
      err: "signalbox: drain changes servers, and --read-only was given; nothing was sent\n",
    });
    const operations = createFakeOperations(plan);
    await runChange([...DRAIN, "--read-only", "--dry-run"], operations);
    expect(operations.plan).not.toHaveBeenCalled();
    expect(operations.run).not.toHaveBeenCalled();
  });

  it("4: a node whose version is not known cannot be planned for; nothing was changed", async () => {
    const operations = createFakeOperations(plan);
    const message = "db9 has never answered";
    operations.plan.mockRejectedValue(new DriverError({ kind: "unreachable", target: "db9", operation: "x", message }));
    const { exitCode, out } = await runChange(["replica", "stop", "db9", "--yes"], operations);
    expect({ exitCode, out }).toEqual({ exitCode: 4, out: "db9 has never answered. Nothing was changed.\n" });
  });

  it("4: no HAProxy answers, so nobody knows what the target means", async () => {
    const operations = createFakeOperations(plan);
    operations.plan.mockRejectedValue(new TargetError("unreadable", "db2", "lb1 cannot be read (refused)."));
    const { exitCode, out } = await runChange(DRAIN, operations);
    expect({ exitCode, out }).toEqual({ exitCode: 4, out: "lb1 cannot be read (refused). Nothing was changed.\n" });
  });

  it("4: a journal that cannot be written; nothing was changed", async () => {
    const operations = createFakeOperations(plan);
    operations.run.mockRejectedValue(new RequestError("journal", "The journal cannot be opened: nothing was changed."));
    expect((await runChange(DRAIN, operations)).exitCode).toBe(4);
  });

  it("0: nothing to do is said, and nothing is run", async () => {
    const operations = createFakeOperations(buildTestPlan({ steps: [] }));
    const { exitCode, out } = await runChange(DRAIN, operations);
    expect(exitCode).toBe(0);
    expect(out).toContain("Drain read_nodes/db2: nothing to do, it is so already.\n");
    expect(operations.run).not.toHaveBeenCalled();
  });

  it("an undo without steps is run all the same: it closes the operation in the journal", async () => {
    const operations = createFakeOperations(buildTestPlan({ steps: [], concerns: "another" }));
    expect((await runChange(["undo", "--yes"], operations)).exitCode).toBe(0);
    expect(operations.run).toHaveBeenCalledOnce();
  });

  it.each([
    [[] as string[], 0],
    [["--force"], 0],
  ])("--dry-run %j shows the plan and changes nothing", async (more, code) => {
    const operations = createFakeOperations(plan);
    const { exitCode, out } = await runChange(["drain", "read_nodes/db2", "--dry-run", ...more], operations);
    expect(exitCode).toBe(code);
    expect(out).toContain("Order: 1+2 (those joined by + at the same time)\n");
    expect(out).toContain("Dry run: nothing was changed.\n");
    expect(operations.run).not.toHaveBeenCalled();
  });

  it("--dry-run is 4 when a guard blocks", async () => {
    const operations = createFakeOperations(buildTestPlan({ guards: [buildBlock()] }));
    const { exitCode, out } = await runChange([...DRAIN, "--dry-run"], operations);
    expect(exitCode).toBe(4);
    expect(out).toContain("nothing was changed (dry run)");
  });
});

describe("a request to stop", () => {
  /** Runs until it is stopped, then ends as told. */
  function runsUntilStopped(patch: Partial<OperationProgress>) {
    return createFakeOperations(plan, (each, { onProgress, signal }: RunOptions) => {
      onProgress?.(buildTestProgress(each, { state: "running", endedAt: null }));
      return new Promise((resolve) => {
        signal?.addEventListener("abort", () => {
          const end = buildTestProgress(each, patch);
          onProgress?.(end);
          resolve(end);
        });
      });
    });
  }

  async function stopOnceRunning(operations: ReturnType<typeof createFakeOperations>, times = 1) {
    const started = startChange(DRAIN, operations);
    await expect.poll(() => operations.run.mock.calls.length, PATIENT).toBe(1);
    for (let time = 0; time < times; time += 1) started.interrupt();
    return { exitCode: await started.exit, out: started.out() };
  }

  it.each([
    ["rolled-back", 5],
    ["unfinished", 6],
  ] as const)("that ends in %s is 130 and says what it would have been", async (state, code) => {
    const steps = [
      buildStepProgress(1, { outcome: state === "rolled-back" ? "undone" : "done" }),
      buildStepProgress(2, { outcome: "skipped", startedAt: null, endedAt: null, message: null }),
    ];
    const operations = runsUntilStopped({ state, steps, summary: "Stopped between two steps." });
    const { exitCode, out } = await stopOnceRunning(operations);
    expect(exitCode).toBe(130);
    expect(out).toContain("Stopping at the next safe point");
    expect(out).toContain(`Interrupted. Stopped between two steps. (Without the interruption: exit code ${code}, `);
    expect(out).toContain("Not sent: 2 lb2 drain read_nodes/db2\n");
  });

  it("that comes twice is answered twice and cuts nothing", async () => {
    const operations = runsUntilStopped({ state: "rolled-back", summary: "Stopped." });
    const { exitCode, out } = await stopOnceRunning(operations, 2);
    expect(exitCode).toBe(130);
    expect(out).toContain("Still stopping. A change that is under way is never cut");
  });

  it("that came too late changes nothing about success", async () => {
    const { exitCode, out } = await stopOnceRunning(runsUntilStopped({}));
    expect(exitCode).toBe(0);
    expect(out).not.toContain("Interrupted");
  });

  it("while the plan is made ends at once: 130, nothing was changed", async () => {
    const operations = createFakeOperations(plan);
    operations.plan.mockReturnValue(new Promise(() => undefined));
    const started = startChange(DRAIN, operations);
    await expect.poll(() => operations.plan.mock.calls.length, PATIENT).toBe(1);
    started.interrupt();
    expect(await started.exit).toBe(130);
    expect(started.out()).toBe("Interrupted while the plan was being made. Nothing was changed.\n");
    expect(operations.run).not.toHaveBeenCalled();
  });
});

describe("a plan that no longer holds", () => {
  const fresh = buildTestPlan({ fingerprint: "f2", notes: ["It is another one now."] });

  it("is shown again and run with --yes", async () => {
    const operations = createFakeOperations(plan);
    operations.run.mockRejectedValueOnce(new PlanChangedError("The cluster has changed.", fresh));
    const { exitCode, out } = await runChange(DRAIN, operations);
    expect(exitCode).toBe(0);
    expect(out).toContain("The cluster has changed.\n");
    expect(out).toContain("It is another one now.");
    expect(operations.run.mock.calls[1]?.[0]).toBe(fresh);
  });

  it("is not run when guards block it now", async () => {
    const blocked = { ...fresh, guards: [buildBlock()] };
    const operations = createFakeOperations(plan);
    operations.run.mockRejectedValueOnce(new PlanChangedError("The cluster has changed.", blocked));
    expect((await runChange(DRAIN, operations)).exitCode).toBe(4);
    expect(operations.run).toHaveBeenCalledOnce();
  });

  it("is run without a word when only its age changed", async () => {
    const operations = createFakeOperations(plan);
    operations.run.mockRejectedValueOnce(new PlanChangedError("The plan is older than 30 seconds", buildTestPlan()));
    const { exitCode, out } = await runChange(DRAIN, operations);
    expect(exitCode).toBe(0);
    expect(out).not.toContain("older than");
  });

  it("is given up after three", async () => {
    const operations = createFakeOperations(plan);
    let count = 0;
    operations.run.mockImplementation(() => {
      count += 1;
      throw new PlanChangedError("The cluster has changed.", { ...fresh, fingerprint: `f${count + 1}` });
    });
    const { exitCode, out } = await runChange(DRAIN, operations);
    expect(exitCode).toBe(4);
    expect(operations.run).toHaveBeenCalledTimes(3);
    expect(out).toContain("The cluster changes faster than plans are made. Nothing was changed.\n");
  });
});
