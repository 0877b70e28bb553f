// `npm run demo`, from a fresh clone: installs and builds what is missing or older than its sources, then starts the demo.
import { spawn } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureNodeModules } from "./setup/node-modules.js";
import { run } from "./setup/run.js";

const projectDir = dirname(dirname(fileURLToPath(import.meta.url)));

/** Newest change below a path, in ms since 1970; 0 when it is not there. */
function newestChange(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newestChange(join(path, name))));
}

async function ensureBuild() {
  const built = newestChange(join(projectDir, "dist"));
  const sources = ["src", "themes", "scripts", "package-lock.json"].map((path) => newestChange(join(projectDir, path)));
  if (built > 0 && built >= Math.max(...sources)) return;
  const result = await run("npm", ["run", "--silent", "build"], { cwd: projectDir });
  if (result.ok) return;
  process.stderr.write(`${result.output}\nbuilding signalbox failed\n`);
  process.exit(1);
}

await ensureNodeModules(projectDir);
await ensureBuild();
const program = join(projectDir, "bin/signalbox.js");
const child = spawn(process.execPath, [program, "demo", ...process.argv.slice(2)], { stdio: "inherit" });
// The terminal sends these to both: the program decides what they mean, not this starter.
for (const signal of ["SIGINT", "SIGQUIT"]) process.on(signal, () => undefined);
for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("close", (code, signal) => {
  process.exitCode = code ?? (signal ? 1 : 0);
});
