import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

const summary = new URL("../../scripts/setup/test-summary.js", import.meta.url).href;
const dir = mkdtempSync(join(tmpdir(), "sbx-summary-"));

interface FileReport {
  readonly status: string;
  readonly tests: readonly string[];
}

/** Runs the summary of `npm test` over a report; the program is plain JavaScript that runs before node_modules exist. */
function summarise(
  files: readonly FileReport[],
  code: number,
  { skips = "", broken = [] }: { readonly skips?: string; readonly broken?: readonly string[] } = {},
): { exitCode: number; lines: string[] } {
  const skipFile = join(dir, "skips.txt");
  const testResults = files.map(({ status, tests }) => ({
    name: "/p/test/a.test.ts",
    status,
    assertionResults: tests.map((each) => ({ status: each })),
  }));
  writeFileSync(skipFile, skips);
  const runs = [{ title: "lane 1", code, seconds: 7, testResults, broken }];
  const options = JSON.stringify({ runs, skipFile, problems: [], projectDir: "/p" });
  const script = `const { printSummary } = await import(${JSON.stringify(summary)}); console.log(printSummary(${options}));`;
  const lines = execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" })
    .trimEnd()
    .split("\n");
  return { exitCode: Number(lines.pop()), lines };
}

describe("the last lines of npm test", () => {
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it("counts passed, failed and skipped tests in the very last line", () => {
    const { exitCode, lines } = summarise([{ status: "passed", tests: ["passed", "passed", "skipped"] }], 0);
    expect(exitCode).toBe(0);
    expect(lines.at(-1)).toBe("2 passed, 0 failed, 1 skipped");
  });

  it("says what was skipped and why, each reason once", () => {
    const reason = '"R1" needs mysql-9.7: sid could not be fetched\n';
    const { lines } = summarise([{ status: "passed", tests: ["passed", "skipped"] }], 0, { skips: reason + reason });
    expect(lines.filter((line) => line.includes("sid could not be fetched"))).toHaveLength(1);
    expect(lines.some((line) => line.includes("1 in test/a.test.ts"))).toBe(true);
  });

  it("fails when no test ran, whatever the runner says", () => {
    expect(summarise([], 0)).toMatchObject({ exitCode: 1 });
    expect(summarise([{ status: "passed", tests: ["skipped"] }], 0).exitCode).toBe(1);
  });

  it("counts a file that failed as a whole as a failure", () => {
    const { exitCode, lines } = summarise(
      [
        { status: "failed", tests: ["skipped"] },
        { status: "passed", tests: ["passed"] },
      ],
      1,
    );
    expect(exitCode).toBe(1);
    expect(lines.at(-1)).toBe("1 passed, 1 failed, 1 skipped");
  });

  it("names a lane that broke off and a file that never ran, and counts each as a failure", () => {
    const broken = [
      "lane 1 gave no sign of life for 360 s and was ended during test/a.test.ts",
      "test/b.test.ts did not run",
    ];
    const { exitCode, lines } = summarise([{ status: "passed", tests: ["passed"] }], 0, { broken });
    expect(exitCode).toBe(1);
    expect(lines).toEqual(expect.arrayContaining(broken.map((line) => `!!   ${line}`)));
    expect(lines.at(-1)).toBe("1 passed, 2 failed, 0 skipped");
  });

  it("says how long each lane took", () => {
    expect(summarise([{ status: "passed", tests: ["passed"] }], 0).lines).toContain("lane 1: 1 files in 7 s");
  });

  it("keeps the runner's exit code", () => {
    expect(summarise([{ status: "passed", tests: ["passed"] }], 3).exitCode).toBe(3);
  });
});
