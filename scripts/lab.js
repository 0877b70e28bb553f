// `npm run lab -- …`, from a fresh clone: brings node_modules and the servers that the command asks for, then runs the lab's command line.
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureRoots } from "./setup/lab-roots.js";
import { table } from "./setup/lab-table.js";
import { ensureNodeModules } from "./setup/node-modules.js";
import { say } from "./setup/run.js";
import { ensureSystemPackages } from "./setup/system-packages.js";

const projectDir = dirname(dirname(fileURLToPath(import.meta.url)));
const lab = process.argv.slice(2);

/** Engines that an `up` line asks for, and the HAProxy that goes with them. */
function wantedEngines() {
  const named = lab.flatMap((word) => word.split("=")).filter((word) => table.engines[word]);
  const servers = named.some((name) => table.engines[name].haproxy) ? named : [...named, "mariadb-10.11"];
  return [...servers, ...servers.map((name) => table.engines[name].haproxy).filter(Boolean)];
}

await ensureNodeModules(projectDir);
if (lab[0] === "up") {
  const wanted = wantedEngines();
  const failed = await ensureSystemPackages(wanted);
  for (const problem of [failed, ...(await ensureRoots(wanted))].filter(Boolean)) say(problem);
}
const tsx = join(projectDir, "node_modules/tsx/dist/cli.mjs");
const child = spawn(process.execPath, [tsx, join(projectDir, "test/lab/cli/main.ts"), ...lab], { stdio: "inherit" });
child.on("close", (code) => {
  process.exitCode = code ?? 1;
});
