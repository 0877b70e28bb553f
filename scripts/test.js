// `npm test`, from a fresh clone: brings what is missing, runs the tests, says at the end what could not run.
// Arguments go to vitest: npm test -- test/unit, npm test -- --project unit
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureRoots } from "./setup/lab-roots.js";
import { ensureNodeModules } from "./setup/node-modules.js";
import { ensureSystemPackages } from "./setup/system-packages.js";
import { printSummary } from "./setup/test-summary.js";

const projectDir = dirname(dirname(fileURLToPath(import.meta.url)));
const vitestArguments = process.argv.slice(2);

/** Everything the real-server tests need; returns why something could not be had. */
async function prepareServers() {
  const failed = await ensureSystemPackages();
  return [...(failed ? [failed] : []), ...(await ensureRoots())];
}

/**
 * Tests on real servers run in two lanes side by side, each one file after the other: they wait more than they compute, and one after the other
 * takes twice as long. About half of the time is spent in these.
 */
const FIRST_LANE = /^test\/(e2e\/(promotion\/|console)|stories\/|lab\/)/;

/** Every test file that is no unit test, in two lists. */
function splitLanes() {
  const files = readdirSync(join(projectDir, "test"), { recursive: true })
    .map((name) => `test/${name.replaceAll("\\", "/")}`)
    .filter((name) => /\.test\.tsx?$/.test(name) && !/^test\/(unit\/|[^/]+$)/.test(name));
  return [files.filter((name) => FIRST_LANE.test(name)), files.filter((name) => !FIRST_LANE.test(name))];
}

function runNode(script, args, env = process.env) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(projectDir, script), ...args], {
      cwd: projectDir,
      stdio: ["ignore", "inherit", "inherit"],
      env,
    });
    child.on("error", () => resolve(1));
    child.on("close", (code) => resolve(code ?? 1));
  });
}

function runVitest(args, outputFile, skipFile) {
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${outputFile}`];
  const env = { ...process.env, SIGNALBOX_LAB_SKIPS: skipFile };
  return runNode("node_modules/vitest/vitest.mjs", ["run", ...reporters, ...args], env);
}

/** Unit tests first, which use every core; then the lanes. One report is made of all. */
async function runEverything(outputFile, skipFile) {
  // Once, before lanes that would both find it missing.
  if ((await runNode("scripts/build.js", [])) !== 0) return 1;
  const reports = [];
  const run = (args) => {
    const report = `${outputFile}.${reports.length}`;
    reports.push(report);
    return runVitest(args, report, skipFile);
  };
  const codes = [await run(["--project", "unit"])];
  const lanes = splitLanes().map((files) => run(["--project", "real", ...files]));
  codes.push(...(await Promise.all(lanes)));
  const testResults = reports.flatMap((file) =>
    existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).testResults : [],
  );
  writeFileSync(outputFile, JSON.stringify({ testResults }));
  // A lane that died without a report must not pass for one without tests.
  const died = reports.some((file) => !existsSync(file));
  return died ? 1 : Math.max(...codes);
}

await ensureNodeModules(projectDir);
const unitOnly = /--project[= ]unit\b/.test(vitestArguments.join(" "));
const problems = unitOnly ? [] : await prepareServers();
const work = mkdtempSync(join(tmpdir(), "sbx-test-"));
const outputFile = join(work, "result.json");
const skipFile = join(work, "skips.txt");
const code = await (vitestArguments.length === 0
  ? runEverything(outputFile, skipFile)
  : runVitest(vitestArguments, outputFile, skipFile));
process.exitCode = printSummary({ code, outputFile, skipFile, problems, projectDir });
rmSync(work, { recursive: true, force: true });
