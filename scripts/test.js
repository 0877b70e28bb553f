// `npm test`, from a fresh clone: brings what is missing, runs the tests, says at the end what could not run.
// Arguments go to vitest: npm test -- test/unit, npm test -- --project unit
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureRoots } from "./setup/lab-roots.js";
import { findUntold, listRealTests, measureDurations, splitLanes, writeDurations } from "./setup/lanes.js";
import { ensureNodeModules } from "./setup/node-modules.js";
import { run } from "./setup/run.js";
import { ensureSystemPackages } from "./setup/system-packages.js";
import { printSummary, readReport } from "./setup/test-summary.js";
import { runWatched } from "./setup/watched-run.js";

const projectDir = dirname(dirname(fileURLToPath(import.meta.url)));
const vitestArguments = process.argv.slice(2);

/** Everything the real-server tests need; returns why something could not be had. */
async function prepareServers() {
  const failed = await ensureSystemPackages();
  return [...(failed ? [failed] : []), ...(await ensureRoots())];
}

/** No single test may take as long; hooks of the lab have three minutes. */
const SILENT_MS = Number(process.env.SIGNALBOX_TEST_SILENT_MS ?? 6 * 60_000);

/**
 * One run of vitest over `files` (empty: all it finds). Resolves to its exit code, its report, the seconds it took, and in words what kept
 * some of it from running.
 */
async function runVitest({ title, args, files, work, skipFile, env = {} }) {
  const outputFile = join(work, `${title.replace(/\W+/g, "-")}.json`);
  const progressFile = join(work, `${title.replace(/\W+/g, "-")}.progress`);
  const reporters = ["default", "json", "./scripts/setup/lane-reporter.js"].map((name) => `--reporter=${name}`);
  const vitest = join(projectDir, "node_modules/vitest/vitest.mjs");
  const startedMs = Date.now();
  const { code, silent, unfinished } = await runWatched(
    process.execPath,
    [vitest, "run", ...reporters, `--outputFile.json=${outputFile}`, ...args, ...files],
    {
      cwd: projectDir,
      env: { ...process.env, ...env, SIGNALBOX_LAB_SKIPS: skipFile, SIGNALBOX_PROGRESS: progressFile },
      progressFile,
      silentMs: SILENT_MS,
    },
  );
  const report = readReport(outputFile);
  const during = unfinished.length === 0 ? "" : ` during ${unfinished.join(", ")}`;
  const broken = silent
    ? [`${title} gave no sign of life for ${Math.round(SILENT_MS / 1000)} s and was ended${during}`]
    : report === undefined
      ? [`${title} ended with ${code} and without a report${during}`]
      : [];
  const untold = findUntold(files, report, projectDir).map((file) => `${file} did not run to its end`);
  const seconds = Math.round((Date.now() - startedMs) / 1000);
  return { title, code, seconds, testResults: report?.testResults ?? [], broken: [...broken, ...untold] };
}

/** Ports of a lane's own (test/lab/ports.ts): a server that is restarted must find its port as it left it. */
function selectPorts(lane) {
  const lowest = 20_000 + lane * 6_000;
  return `${lowest}-${lowest + 5_999}`;
}

/** Unit tests first, which use every core; then the lanes, side by side: tests on real servers wait more than they compute. */
async function runEverything(work, skipFile) {
  // Once, before lanes that would both find it missing.
  const built = await run(process.execPath, ["scripts/build.js"], { cwd: projectDir, show: true });
  if (!built.ok) return [{ title: "the build", code: 1, seconds: 0, testResults: [], broken: ["the build failed"] }];
  const unit = await runVitest({ title: "unit tests", args: ["--project", "unit"], files: [], work, skipFile });
  const lanes = splitLanes(listRealTests(projectDir)).map((files, index) =>
    runVitest({
      title: `lane ${index + 1}`,
      args: ["--project", "real"],
      files,
      work,
      skipFile,
      env: { SIGNALBOX_LAB_PORTS: selectPorts(index) },
    }),
  );
  return [unit, ...(await Promise.all(lanes))];
}

await ensureNodeModules(projectDir);
const unitOnly = /--project[= ]unit\b/.test(vitestArguments.join(" "));
const problems = unitOnly ? [] : await prepareServers();
const work = mkdtempSync(join(tmpdir(), "sbx-test-"));
const skipFile = join(work, "skips.txt");
const runs =
  vitestArguments.length === 0
    ? await runEverything(work, skipFile)
    : [await runVitest({ title: "tests", args: vitestArguments, files: [], work, skipFile })];
const testResults = runs.flatMap((each) => each.testResults);
if (process.env.SIGNALBOX_WRITE_DURATIONS)
  writeDurations(
    measureDurations(
      testResults.filter(({ name }) => !name.includes("/test/unit/")),
      projectDir,
    ),
  );
process.exitCode = printSummary({ runs, skipFile, problems, projectDir });
rmSync(work, { recursive: true, force: true });
