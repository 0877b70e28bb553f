import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openLog } from "../../../src/cli/log-file.ts";
import { UsageError } from "../../../src/config/config-error.ts";
import { buildSnapshot, START } from "../../support/snapshots.ts";

const dir = mkdtempSync(join(tmpdir(), "sbx-log-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe("--log", () => {
  it("appends what the engine says and what changed, escaped, in a file for its owner only", () => {
    for (const line of ["first", "esc \u001b[2J\nsecond line"]) {
      const log = openLog("run.log", dir);
      log.record({ type: "log", at: START, line });
      log.close();
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
    log.close();
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

  it("a place that cannot be written is a usage error", () => {
    expect(() => openLog("no/such/folder.log", dir)).toThrow(UsageError);
    expect(() => openLog("no/such/folder.log", dir)).toThrow(
      `--log: ${dir}/no/such/folder.log cannot be written (ENOENT)`,
    );
  });
});
