import { statSync } from "node:fs";
import { join } from "node:path";
import { lastWords, run, say } from "./run.js";

function changedAt(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** `npm ci` when node_modules is missing or older than the lockfile. Ends the process when that fails: nothing works without. */
export async function ensureNodeModules(projectDir) {
  const installed = changedAt(join(projectDir, "node_modules/.package-lock.json"));
  if (installed > 0 && installed >= changedAt(join(projectDir, "package-lock.json"))) return;
  say("installing node_modules (npm ci)…");
  // --include=dev: an environment with NODE_ENV=production would leave the test runner out.
  const result = await run("npm", ["ci", "--include=dev", "--no-audit", "--no-fund"], { cwd: projectDir });
  if (result.ok) return;
  say(result.output.trimEnd());
  say(`npm ci failed: ${lastWords(result.output)}`);
  process.exit(1);
}
