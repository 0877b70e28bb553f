import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";

/** What vitest's JSON reporter wrote; undefined when it ended before it could write all of it. */
export function readReport(outputFile) {
  try {
    return JSON.parse(readFileSync(outputFile, "utf8"));
  } catch {
    return undefined;
  }
}

/** Counts of a vitest JSON report. A file that failed as a whole (import, hook) counts as one failure: its tests are not in the numbers. */
export function countTests(result) {
  const files = result?.testResults ?? [];
  const tests = files.flatMap((file) => file.assertionResults);
  const count = (...states) => tests.filter((test) => states.includes(test.status)).length;
  const brokenFiles = files.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  ).length;
  return {
    passed: count("passed"),
    failed: count("failed") + brokenFiles,
    skipped: count("skipped", "pending", "todo", "disabled"),
  };
}

/** Lines about everything that did not run: what could not be had, suites with their reason, and single tests by file. */
function listSkips(result, skipFile, problems, projectDir) {
  const suites = existsSync(skipFile) ? [...new Set(readFileSync(skipFile, "utf8").split("\n").filter(Boolean))] : [];
  const perFile = (result?.testResults ?? []).flatMap((file) => {
    const number = file.assertionResults.filter((test) => test.status !== "passed" && test.status !== "failed").length;
    return number > 0 ? [`${number} in ${relative(projectDir, file.name)}`] : [];
  });
  return [...problems.map((text) => `cannot be had: ${text}`), ...suites, ...perFile];
}

/** How long each run took, so that lanes that drift apart are seen. */
function listTimes(runs) {
  return runs.map(({ title, seconds, testResults }) => `${title}: ${testResults.length} files in ${seconds} s`);
}

/**
 * Prints what did not run and why, then `N passed, N failed, N skipped` alone on the last line; every run that broke off and every file that
 * is missing counts as one failure. Returns the exit code: that of the runs, but 1 when no test ran at all or when a failure was counted.
 */
export function printSummary({ runs, skipFile, problems, projectDir }) {
  const result = { testResults: runs.flatMap(({ testResults }) => testResults) };
  const broken = runs.flatMap((each) => each.broken);
  const code = Math.max(0, ...runs.map((each) => each.code));
  const counts = countTests(result);
  const { passed, skipped } = counts;
  const failed = counts.failed + broken.length;
  const skips = listSkips(result, skipFile, problems, projectDir);
  const lines = ["", ...listTimes(runs)];
  if (broken.length > 0) lines.push("", "!! BROKEN OFF:", ...broken.map((line) => `!!   ${line}`));
  if (skips.length > 0)
    lines.push("", "!! NOT EVERYTHING RAN. Skipped, and why:", ...skips.map((line) => `!!   ${line}`));
  if (passed + failed === 0) lines.push("", "no test ran");
  const crashed = code !== 0 && failed === 0 && passed > 0;
  if (crashed) lines.push("", `vitest ended with ${code} although no test failed (see above)`);
  process.stdout.write(`${lines.join("\n")}\n${passed} passed, ${failed} failed, ${skipped} skipped\n`);
  if (code !== 0) return code;
  return failed > 0 || passed === 0 ? 1 : 0;
}
