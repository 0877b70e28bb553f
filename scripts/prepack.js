// What `npm pack` and `npm publish` run first: the archive holds the built program, also when it is made from a fresh clone.
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureNodeModules } from "./setup/node-modules.js";
import { run, say } from "./setup/run.js";

const projectDir = dirname(dirname(fileURLToPath(import.meta.url)));

await ensureNodeModules(projectDir);
const built = await run(process.execPath, ["scripts/build.js"], { cwd: projectDir });
// To stderr: `npm pack --json` has our stdout.
say(built.output.trimEnd());
process.exitCode = built.code;
