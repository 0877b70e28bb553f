/** `signalbox demo` as a person meets it: the built program in a terminal, a scenario won by keys, its score on the terminal afterwards. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { scenarios } from "../../src/simulator/training/scenarios.ts";
import { ensureBuilt, PROGRAM, type RunningProgram, startProgram } from "../support/program.ts";

let stateDir: string;
let program: RunningProgram | null = null;

beforeAll(() => ensureBuilt());
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), "sbx-demo-state-"));
});
afterEach(async () => {
  program?.kill();
  await program?.exited;
  program = null;
  rmSync(stateDir, { recursive: true, force: true });
});

function demo(...args: readonly string[]): RunningProgram {
  const env = { SIGNALBOX_STATE_DIR: stateDir };
  program = startProgram({ args: ["demo", ...args], columns: 120, rows: 40, env });
  return program;
}

function runWithoutTerminal(...args: readonly string[]) {
  return spawnSync(process.execPath, [PROGRAM, "demo", ...args], { encoding: "utf8" });
}

it("a scenario is won by keys; its line changes, the score is told at the end, and real journals hear nothing of it", async () => {
  const { waitFor, type, exited } = demo("--scenario", "drain-never-ends");
  await waitFor(/INFO scenario db4 is to be restarted/);
  await waitFor(/db4 .*R.UP/);
  type("2");
  await waitFor(/read_nodes +UP/);
  type("G");
  await waitFor(/▶ +db4 .*UP/);
  type("D");
  await waitFor(/set server read_nodes\/db4 state drain/);
  type("y");
  await waitFor(/Sessions that are left/);
  type("\u001b");
  await waitFor("UNFINISHED");
  type("\u001b");
  await waitFor(/▶ +db4 .*DRAIN/);
  type("X");
  await waitFor(/Type db4 and press Enter/);
  type("db4");
  await waitFor(/> db4/);
  type("\r");
  await waitFor(/drain-never-ends is won: \d+ of 100 points/, 20_000);
  type("\u001b");
  await waitFor(/▶ +db4 .*DRAIN +active +1 +0/);
  type("q");
  expect(await exited).toMatchObject({ exitCode: 0 });
  const screen = await waitFor(/Scenario drain-never-ends: won, \d+ of 100 points/);
  expect(screen.join("\n")).toMatch(/acknowledged writes lost: 0, writes refused: 0, .*changes sent: 2/s);
  expect(readdirSync(stateDir)).toEqual([]);
});

it.each(["r2", "r3", "r4", "r5"])("opens the console on %s", async (shape) => {
  const { waitFor, type, exited } = demo("--cluster-shape", shape);
  await waitFor(/db-?0?1 .*(source|replica) .*UP/);
  type("q");
  expect(await exited).toMatchObject({ exitCode: 0 });
});

it("--list names every scenario with its goal, without a terminal", () => {
  const { status, stdout } = runWithoutTerminal("--list");
  expect(status).toBe(0);
  const lines = stdout.trim().split("\n");
  expect(lines).toHaveLength(scenarios.length);
  for (const [index, { name, goal }] of scenarios.entries()) {
    expect(lines[index]).toContain(name);
    expect(lines[index]).toContain(goal);
  }
});

it.each([
  [["--list", "--scenario", "primary-crahs"], 'no scenario "primary-crahs"; did you mean primary-crash?'],
  [["--list", "--cluster-shape", "r9"], 'no cluster shape "r9"; there are r1, r2, r3, r4, r5'],
  [["--list", "--cluster-shape", "r2", "--scenario", "drill"], "a scenario has a cluster shape of its own"],
  [["--list", "--server", "oracle"], 'no server "oracle"; there are mariadb, mysql'],
  [["--list", "--speed", "0"], '--speed takes a number from 1 to 20, not "0"'],
  [["--scenario", "drill"], "the demo needs a terminal"],
])("%j is refused in words, exit code 64", (args, why) => {
  const { status, stderr } = runWithoutTerminal(...args);
  expect({ status, stderr }).toEqual({ status: 64, stderr: expect.stringContaining(why) });
});
