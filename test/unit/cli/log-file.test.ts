import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { openLog } from "../../../src/cli/log-file.ts";
import { UsageError } from "../../../src/config/config-error.ts";
import { buildSnapshot, START } from "../../support/snapshots.ts";

const dir = mkdtempSync(join(tmpdir(), "sbx-log-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe("--log", () => {
  it("appends what the engine says and what changed, escaped, in a file for its owner only", async () => {
    for (const line of ["first", "esc \u001b[2J\nsecond line"]) {
      const log = openLog("run.log", dir);
      log.record({ type: "log", at: START, line });
      await log.close();
    }
    const log = openLog("run.log", dir);
    const change = {
      at: START,
      cluster: "shop",
      kind: "server",
      severity: "warning",
      subject: "lb1 r/db2",
      before: "UP",
      after: "DRAIN",
    } as const;
    log.record({ type: "snapshot", snapshot: buildSnapshot({ changes: [change] }) });
    await log.close();
    expect(readFileSync(join(dir, "run.log"), "utf8")).toBe(
      [
        "2026-11-20T03:00:00.000Z first",
        "2026-11-20T03:00:00.000Z esc \\e[2J\\nsecond line",
        "2026-11-20T03:00:00.000Z shop warning lb1 r/db2: UP -> DRAIN",
        "",
      ].join("\n"),
    );
    expect(statSync(join(dir, "run.log")).mode & 0o777).toBe(0o600);
  });

  it("never waits for who reads a pipe, and says how much is missing", async () => {
    const path = join(dir, "pipe");
    execFileSync("mkfifo", [path]);
    expect(() => openLog(path, dir)).toThrow(`--log: ${path} cannot be written (ENXIO)`);
    const reader = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    onTestFinished(() => closeSync(reader));
    const log = openLog(path, dir);
    const line = "x".repeat(9_000);
    // More than a pipe holds, and more than is kept for it.
    for (let count = 0; count < 300; count += 1) log.note(START, line);
    let read = "";
    const piece = Buffer.alloc(1 << 20);
    const drain = () => {
      try {
        read += piece.toString("utf8", 0, readSync(reader, piece));
      } catch {
        // Nothing in it now.
      }
      return read;
    };
    await expect.poll(drain).toContain(line);
    await expect
      .poll(() => {
        log.note(START, "again");
        return drain();
      })
      .toMatch(/\n2026-11-20T03:00:00\.000Z \d+ lines are missing here: the log took no more\n/);
    await log.close();
  });

  it("a place that cannot be written is a usage error", () => {
    expect(() => openLog("no/such/folder.log", dir)).toThrow(UsageError);
    expect(() => openLog("no/such/folder.log", dir)).toThrow(
      `--log: ${dir}/no/such/folder.log cannot be written (ENOENT)`,
    );
  });
});
