import { statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { run, say } from "./run.js";

function changedAt(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/**
 * `npm ci` when node_modules is missing or older than the lockfile; ends the process when that fails: nothing works without.
 * Where a registry lacks optional binaries of other platforms, a lockfile made there cannot name them and `npm ci` refuses it
 * ("Missing: @biomejs/cli-android-arm64@ from lock file"). `npm install --no-save` takes the same locked versions and lets those be missing.
 */
export async function ensureNodeModules(projectDir) {
  const installed = changedAt(join(projectDir, "node_modules/.package-lock.json"));
  if (installed > 0 && installed >= changedAt(join(projectDir, "package-lock.json"))) return;
  say("installing node_modules…");
  // --include=dev: an environment with NODE_ENV=production would leave the test runner out.
  const options = ["--include=dev", "--no-audit", "--no-fund"];
  const strict = await run("npm", ["ci", ...options], { cwd: projectDir });
  const lenient = /Missing: .* from lock file/.test(strict.output)
    ? await run("npm", ["install", "--no-save", ...options], { cwd: projectDir })
    : strict;
  if (lenient.ok) {
    // npm leaves this file as it is when nothing had to change; its age is what we go by.
    utimesSync(join(projectDir, "node_modules/.package-lock.json"), new Date(), new Date());
    return;
  }
  say(lenient.output.trimEnd());
  say("installing node_modules failed");
  process.exit(1);
}
