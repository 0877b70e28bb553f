/** The replay of a recording in a pseudo-terminal, and the crash report of a console that failed. No server runs here but the simulator of the demo. */
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { ChangeEvent } from "../../src/model/change.ts";
import { ensureBuilt, PROGRAM, ROOT, type RunningProgram, startProgram } from "../support/program.ts";
import { buildAlert, START } from "../support/snapshots.ts";
import { at, encode, HEAD, seen, writeChunks } from "../unit/recording/support.ts";

/** A machine with other things to do starts a program slowly. */
const START_MS = 30_000;
const FIXTURE = join(ROOT, "test/fixtures/recordings/promotion.sbrec");

let dir: string;
let program: RunningProgram | null = null;

beforeAll(() => {
  ensureBuilt();
  dir = mkdtempSync(join(tmpdir(), "sb-replay-"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));
afterEach(async () => {
  program?.kill();
  await program?.exited;
});

function start(path: string, columns = 80, rows = 24): RunningProgram {
  program = startProgram({ args: ["replay", path], columns, rows, env: { TZ: "UTC" } });
  return program;
}

describe("replay", () => {
  it("looks like the console, and like nothing that is live", async () => {
    const screen = await start(FIXTURE).waitFor(/change 0\/\d+/, START_MS);
    expect(screen[0]).toMatch(/REPLAY \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/);
    expect(screen[22]).toMatch(/^REPLAY . paused x1 \d\d:\d\d:\d\d .* \d\d:\d\d:\d\d {2}change 0\/\d+$/);
    expect(screen.join("\n")).toMatch(/db1 +source .*RW/);
  });

  it("opens no socket and binds no key that acts", async () => {
    const running = start(FIXTURE);
    await running.waitFor(/change 0\/\d+/, START_MS);
    const before = running
      .screen()
      .join("\n")
      .replace(/^a recording by.*$/m, "");
    for (const key of ["D", "M", "E", "W", "X", "S", "P", "U", "R", "d", "p", "f", "v", "b", "\u0012"])
      running.type(key);
    // Answered after all of them.
    running.type("?");
    const help = (await running.waitFor("keys type to search")).join("\n");
    expect(help).toContain("play or pause");
    running.type("drain");
    await running.waitFor('No key matches "drain"');
    running.type("\u001b");
    await running.waitFor(/db1 +source/);
    expect(
      running
        .screen()
        .join("\n")
        .replace(/^(a recording by|1-6).*$/m, ""),
    ).toBe(before);
    running.type(":promote\r");
    await running.waitFor('no command matches "promote"');
    const links = readdirSync(`/proc/${running.pid}/fd`).map((fd) => {
      try {
        return readlinkSync(`/proc/${running.pid}/fd/${fd}`);
      } catch {
        return "";
      }
    });
    expect(links.filter((link) => link.startsWith("socket:"))).toEqual([]);
  });

  it("plays by itself to the end, as fast as it is told, and goes where it is told", async () => {
    const running = start(FIXTURE);
    await running.waitFor(/change 0\/\d+/, START_MS);
    for (let press = 0; press < 6; press += 1) running.type("+");
    await running.waitFor("paused max");
    running.type(" ");
    const end = await running.waitFor(/paused max .*change (\d+)\/\1$/m, START_MS);
    expect(end.join("\n")).toMatch(/db2 +source/);
    running.type("t");
    await running.waitFor("go to ");
    running.type("-1h\r");
    await running.waitFor(/paused max .*change 0\//);
    running.type("t12:99\r");
    await running.waitFor("12:99 is no time of day");
    running.type("$");
    await running.waitFor(/change (\d+)\/\1$/m);
    running.type("q");
    expect((await running.exited).exitCode).toBe(0);
  });

  it("lets nothing that stands in a recording reach the terminal as it is", async () => {
    const evil = "\u001b]0;owned\u0007\u001b[31m\u202e\r\n";
    const path = join(dir, "evil.sbrec");
    const cluster = { name: `shop${evil}`, alerts: [buildAlert({ message: evil, subject: evil, advice: evil })] };
    const change = {
      cluster: cluster.name,
      kind: "node",
      severity: "critical",
      subject: evil,
      before: evil,
      after: evil,
    };
    const first = at(0, cluster, { changes: [{ at: START, ...change } as ChangeEvent] });
    await writeChunks(path, encode([seen(first), seen(at(1, cluster))]), { ...HEAD, operator: evil, host: evil });
    const running = start(path, 160, 40);
    await running.waitFor("a recording by \\e]0;owned", START_MS);
    const panes = { "4": "[Timeline]", "2": "[HAProxy]", "3": "[Replication]", "6": "[Sessions]", "1": "[Nodes]" };
    for (const [key, title] of Object.entries(panes)) {
      running.type(key);
      await running.waitFor(title);
    }
    running.type("$");
    await running.waitFor(/change 1\/1/);
    running.type("a");
    await running.waitFor(/^alerts/m);
    running.type("?");
    await running.waitFor("keys type to search");
    expect(running.raw()).not.toContain("\u001b]0;");
    expect(running.raw()).not.toContain("\u202e");
  });

  it("refuses what is no recording in one line", async () => {
    const path = join(dir, "none.sbrec");
    writeFileSync(path, "\u001b]0;owned\u0007");
    const running = start(path, 200);
    await running.waitFor(`signalbox: ${path} is not a recording of signalbox`, START_MS);
    expect((await running.exited).exitCode).toBe(64);
  });
});

describe("a console that fails", () => {
  it("gives the terminal back, says where its last minutes are, and they can be replayed", async () => {
    const trap = join(dir, "trap.mjs");
    writeFileSync(
      trap,
      'process.on("SIGUSR2", () => setImmediate(() => { throw new Error("a defect for the test"); }));',
    );
    const script = ["--import", pathToFileURL(trap).href, PROGRAM];
    const env = { SIGNALBOX_STATE_DIR: dir };
    const failing = startProgram({ args: ["demo"], script, columns: 200, rows: 24, env });
    program = failing;
    await failing.waitFor(/db1 +source/, START_MS);
    process.kill(failing.pid, "SIGUSR2");
    expect((await failing.exited).exitCode).toBe(70);
    await failing.waitFor("signalbox: internal error: a defect for the test");
    await failing.waitFor("signalbox replay ");
    const [name = ""] = readdirSync(join(dir, "recordings")).filter((each) => each.endsWith("-crash.sbrec"));
    const path = join(dir, "recordings", name);
    const lines = failing.screen().filter((line) => line !== "");
    expect(lines.at(-1)?.endsWith(`signalbox replay ${path}`), lines.join("\n")).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, "latin1").startsWith("signalbox recording 1\n")).toBe(true);
    const screen = await start(path, 120, 30).waitFor("a crash report by", START_MS);
    expect(screen[0]).toContain("REPLAY");
    program?.type("$");
    await program?.waitFor(/db1 +source/);
  });
});
