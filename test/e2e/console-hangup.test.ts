import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ensureBuilt, type RunningProgram, startProgram } from "../support/program.ts";

let folder = "";
let demo: RunningProgram;
beforeEach(async () => {
  ensureBuilt();
  folder = mkdtempSync(join(tmpdir(), "sbx-hangup-"));
  const env = { TMPDIR: folder, SIGNALBOX_STATE_DIR: join(folder, "state") };
  demo = startProgram({ args: ["demo"], columns: 80, rows: 24, env });
  await demo.waitFor((rows) => rows.filter((row) => /\bdb\d\b.*\bUP\b/.test(row)).length === 4);
  expect(readdirSync(folder).length).toBeGreaterThan(0);
});
afterEach(() => {
  demo.kill();
  rmSync(folder, { recursive: true, force: true });
});

// The end of the terminal is seen first, and the signal that tells it comes while the program is putting things in order.
it("a console whose terminal goes away comes to its end, and is not killed on the way", async () => {
  demo.hangUp();
  expect(await demo.exited).toEqual({ exitCode: 129, signal: 0 });
  expect(readdirSync(folder)).toEqual([]);
});
