// `npm test`, from a fresh clone: brings what is missing, runs the tests, says at the end what could not run.
// Arguments go to vitest: npm test -- test/unit, npm test -- --project unit
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
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

function runVitest(outputFile, skipFile) {
  return new Promise((resolve) => {
    const vitest = join(projectDir, "node_modules/vitest/vitest.mjs");
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${outputFile}`];
    const child = spawn(process.execPath, [vitest, "run", ...reporters, ...vitestArguments], {
      cwd: projectDir,
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, SIGNALBOX_LAB_SKIPS: skipFile },
    });
    child.on("error", () => resolve(1));
    child.on("close", (code) => resolve(code ?? 1));
  });
}

await ensureNodeModules(projectDir);
const unitOnly = /--project[= ]unit\b/.test(vitestArguments.join(" "));
const problems = unitOnly ? [] : await prepareServers();
const work = mkdtempSync(join(tmpdir(), "sbx-test-"));
const outputFile = join(work, "result.json");
const skipFile = join(work, "skips.txt");
const code = await runVitest(outputFile, skipFile);
process.exitCode = printSummary({ code, outputFile, skipFile, problems, projectDir });
rmSync(work, { recursive: true, force: true });
