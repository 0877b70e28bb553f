/** How `npm test` divides the tests on real servers, and that nothing gets lost or hangs unseen. */
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { findUntold, listRealTests, readDurations, splitLanes } from "../../../scripts/setup/lanes.js";
import { runWatched } from "../../../scripts/setup/watched-run.js";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const files = listRealTests(ROOT);
const lanes = splitLanes(files);

describe("the lanes of the tests on real servers", () => {
  it("have every file that is no unit test once", () => {
    expect(files).toContain("test/lab/test-summary.test.ts");
    expect(files).toContain("test/e2e/executable.test.ts");
    expect(files.filter((file) => file.startsWith("test/unit/"))).toEqual([]);
    expect(lanes.flat().sort()).toEqual(files);
  });

  it("never run two promotions side by side", () => {
    const withPromotions = lanes.filter((lane) => lane.some((file) => /promot/.test(file) && file.includes("e2e/")));
    expect(withPromotions).toHaveLength(1);
  });

  it("take about the same time, as far as it was measured", () => {
    const durations = readDurations();
    const [first = 0, second = 0] = lanes.map((lane) => lane.reduce((sum, file) => sum + (durations[file] ?? 0), 0));
    expect(Math.abs(first - second)).toBeLessThan(Math.max(first, second) * 0.2);
  });

  it("are the same at every run", () => {
    expect(splitLanes([...files].reverse().sort())).toEqual(lanes);
  });
});

describe("files that did not run", () => {
  it("are those the report does not name, and all of them where there is none", () => {
    const report = { testResults: [{ name: join(ROOT, "test/a.test.ts") }] };
    expect(findUntold(["test/a.test.ts", "test/b.test.ts"], report, ROOT)).toEqual(["test/b.test.ts"]);
    expect(findUntold(["test/a.test.ts"], undefined, ROOT)).toEqual(["test/a.test.ts"]);
  });
});

describe("a run that is watched", { timeout: 30_000 }, () => {
  const dir = mkdtempSync(join(tmpdir(), "sbx-watched-"));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  const progressFile = join(dir, "progress");
  const IN_AN_HOUR = Date.now() / 1000 + 3_600;
  /** Silent is what has not changed within a millisecond: the file's time says it, not that of the test. */
  const watch = (script: string) =>
    runWatched(process.execPath, ["-e", script], {
      cwd: dir,
      env: { ...process.env, PROGRESS: progressFile, PID_FILE: join(dir, "pid") },
      progressFile,
      silentMs: 1,
      killAfterMs: 100,
    });

  it("is ended with all that it started when it gives no sign, and the open file is told", async () => {
    writeFileSync(progressFile, "begin test/a.test.ts\nend test/a.test.ts\nbegin test/b.test.ts\n");
    utimesSync(progressFile, IN_AN_HOUR, IN_AN_HOUR);
    const spinning = `const fs = require("fs"); const { PID_FILE, PROGRESS } = process.env;
      fs.writeFileSync(PID_FILE, String(process.pid)); fs.utimesSync(PROGRESS, 1, 1); for (;;) {}`;
    const script = `process.on("SIGTERM", () => {}); setInterval(() => {}, 1000);
      require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(spinning)}]);`;
    expect(await watch(script)).toEqual({ code: 1, silent: true, unfinished: ["test/b.test.ts"] });
    const pid = Number(readFileSync(join(dir, "pid"), "utf8"));
    await expect.poll(() => isRunning(pid), { timeout: 10_000 }).toBe(false);
  });

  it("goes on while there are signs, and its code is handed on", async () => {
    writeFileSync(progressFile, "");
    utimesSync(progressFile, IN_AN_HOUR, IN_AN_HOUR);
    expect(await watch("setTimeout(() => process.exit(7), 1000)")).toEqual({ code: 7, silent: false, unfinished: [] });
  });

  it("that cannot begin has failed", async () => {
    const options = { cwd: dir, env: {}, progressFile, silentMs: 60_000 };
    expect(await runWatched("/no/such/program", [], options)).toMatchObject({ code: 1, silent: false });
  });
});

function isRunning(pid: number): boolean {
  try {
    // A zombie that nobody has fetched yet is no running process.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
