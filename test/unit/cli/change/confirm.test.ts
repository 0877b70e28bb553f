import { describe, expect, it } from "vitest";
import type { OperationChoice, OperationProgress, OperationQuestion } from "../../../../src/model/operation.ts";
import type { RunOptions } from "../../../../src/operations/operations.ts";
import {
  buildTestPlan,
  buildTestProgress,
  createFakeOperations,
  PATIENT,
  runChange,
  startChange,
  TERMINAL,
} from "./support.ts";

const DRAIN = ["drain", "read_nodes/db2"];
const ESC = "\u001b";
const disruptive = buildTestPlan({ danger: "disruptive" });

/** Starts on a terminal and waits for the question. */
async function startAsking(plan = buildTestPlan(), question = "Run it? y runs it, n leaves: ") {
  const operations = createFakeOperations(plan);
  const started = startChange(DRAIN, operations, TERMINAL);
  await expect.poll(started.out, PATIENT).toContain(question);
  return { ...started, operations };
}

const askWord = () => startAsking(disruptive, "type db2 and press Enter");

describe("the question of a reversible plan", () => {
  it.each(["y", "y\r", "y\n"])("%j runs it", async (keys) => {
    const { type, exit, operations, isRaw } = await startAsking();
    expect(isRaw()).toBe(true);
    type(keys);
    expect(await exit).toBe(0);
    expect(operations.run).toHaveBeenCalledOnce();
    expect(isRaw()).toBe(false);
  });

  it.each(["n", "q", ESC])("%j leaves: 130, nothing was changed", async (keys) => {
    const { type, exit, out, operations } = await startAsking();
    type(keys);
    expect(await exit).toBe(130);
    expect(out()).toContain("Not confirmed. Nothing was changed.");
    expect(operations.run).not.toHaveBeenCalled();
  });

  it.each([`${ESC}[200~y${ESC}[201~`, "yy", "yes, drain it", "Y", "\r", `${ESC}[A`])(
    "%j confirms nothing, and an n after it leaves",
    async (keys) => {
      const { type, exit, operations } = await startAsking();
      type(keys);
      await new Promise((resolve) => setImmediate(resolve));
      type("n");
      expect(await exit).toBe(130);
      expect(operations.run).not.toHaveBeenCalled();
    },
  );

  it("what was typed before the question stood there is thrown away", async () => {
    const operations = createFakeOperations(buildTestPlan());
    const started = startChange(DRAIN, operations, TERMINAL);
    started.type("y");
    started.type("y\r");
    await expect.poll(started.out, PATIENT).toContain("Run it?");
    started.type("n");
    expect(await started.exit).toBe(130);
    expect(operations.run).not.toHaveBeenCalled();
  });

  it("a terminal that goes away is no yes", async () => {
    const { endInput, exit, out, operations } = await startAsking();
    endInput();
    expect(await exit).toBe(130);
    expect(out()).toContain("The terminal gave no answer. Nothing was changed.");
    expect(operations.run).not.toHaveBeenCalled();
  });

  it.each([
    ["\u0003", "Interrupted. Nothing was changed."],
    ["\u0004", "The terminal gave no answer. Nothing was changed."],
  ])("Ctrl-C and Ctrl-D (%j) leave", async (keys, told) => {
    const { type, exit, out, operations } = await startAsking();
    type(keys);
    expect(await exit).toBe(130);
    expect(out()).toContain(told);
    expect(operations.run).not.toHaveBeenCalled();
  });

  it("a signal leaves as well", async () => {
    const { interrupt, exit, operations } = await startAsking();
    interrupt();
    expect(await exit).toBe(130);
    expect(operations.run).not.toHaveBeenCalled();
  });
});

describe("the question of a disruptive plan", () => {
  it.each([["db2\r"], ["d", "b", "2", "\r"], ["dx", "\u007f", "b2\r"], ["nonsense", "\u0015", "db2\r"]])(
    "%j typed runs it",
    async (...chunks) => {
      const { type, exit, operations } = await askWord();
      for (const chunk of chunks) {
        type(chunk);
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(await exit).toBe(0);
      expect(operations.run).toHaveBeenCalledOnce();
    },
  );

  it.each(["y\r", "db3\r", "\r", "DB2\r", `${ESC}[200~db2${ESC}[201~\r`])("%j leaves", async (keys) => {
    const { type, exit, out, operations } = await askWord();
    type(keys);
    expect(await exit).toBe(130);
    expect(out()).toContain("Not confirmed. Nothing was changed.");
    expect(operations.run).not.toHaveBeenCalled();
  });
});

describe("without anybody to ask", () => {
  it.each([
    ["no terminal", {}],
    ["no terminal to type on", { stdoutIsTty: true }],
    ["no terminal to read on", { stdinIsTty: true }],
  ])("%s and no --yes: the plan is shown, exit code 64", async (_what, io) => {
    const operations = createFakeOperations(buildTestPlan());
    const { exitCode, out, err } = await runChange(DRAIN, operations, io);
    expect(exitCode).toBe(64);
    expect(out).toContain("set server read_nodes/db2 state drain");
    expect(err).toBe(
      "signalbox: there is no terminal to confirm on; give --yes to run the plan, or --dry-run to see it\n",
    );
    expect(operations.run).not.toHaveBeenCalled();
  });

  it("--json asks nothing even on a terminal", async () => {
    const operations = createFakeOperations(buildTestPlan());
    const { exitCode, out, err } = await runChange([...DRAIN, "--json"], operations, TERMINAL);
    expect(exitCode).toBe(64);
    expect(err).toContain("--json asks no question; give --yes");
    expect(
      out
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).type),
    ).toEqual(["plan", "error"]);
    expect(operations.run).not.toHaveBeenCalled();
  });

  it("--yes on a terminal asks nothing, later neither", async () => {
    const operations = createFakeOperations(buildTestPlan());
    expect((await runChange([...DRAIN, "--yes"], operations, TERMINAL)).exitCode).toBe(0);
    expect(operations.run.mock.calls[0]?.[1]?.decide).toBeUndefined();
  });
});

describe("an operation that stands still", () => {
  const failed: OperationQuestion = { kind: "partly-failed", text: "lb2 refuses.", choices: ["retry", "undo", "keep"] };
  const remain: OperationQuestion = {
    kind: "sessions-remain",
    text: "After 60 s 3 sessions are left.",
    choices: ["shutdown-sessions", "wait-longer", "keep", "undo"],
  };

  async function answer(question: OperationQuestion, keys: readonly string[]) {
    const choices: OperationChoice[] = [];
    const carry = async (plan: OperationProgress["plan"], { decide, signal }: RunOptions) => {
      if (decide !== undefined && signal !== undefined) choices.push(await decide(question, signal));
      return buildTestProgress(plan);
    };
    const started = startChange(DRAIN, createFakeOperations(buildTestPlan(), carry), TERMINAL);
    await expect.poll(started.out, PATIENT).toContain("Run it?");
    started.type("y");
    const questions = ["What now?", "type db2", "What now?"];
    for (const [index, key] of keys.entries()) {
      const expected = questions[index] ?? "";
      await expect.poll(() => started.out().split(expected).length, PATIENT).toBeGreaterThan(index === 2 ? 2 : 1);
      if (key === "EOF") started.endInput();
      else started.type(key);
    }
    return { choices, exitCode: await started.exit, out: started.out() };
  }

  it.each([
    ["r", "retry"],
    ["u", "undo"],
    ["k", "keep"],
    ["\u0003", "undo"],
    ["EOF", "undo"],
  ])("that failed partly: %j is %s", async (key, choice) => {
    const { choices, out } = await answer(failed, [key]);
    expect(choices).toEqual([choice]);
    expect(out).toContain("\nlb2 refuses.\n");
    expect(out).toContain("What now? r tries again what failed, u takes back what was done, k keeps it as it is: ");
  });

  it.each([
    [["w"], "wait-longer"],
    [["k"], "keep"],
    [["EOF"], "keep"],
    [["x", "db2\r"], "shutdown-sessions"],
    [["x", "no\r", "k"], "keep"],
  ])("with sessions left: %j is %s", async (keys, choice) => {
    expect((await answer(remain, keys)).choices).toEqual([choice]);
  });
});
