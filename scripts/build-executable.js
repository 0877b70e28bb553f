// `npm run build:executable [FILE]`: signalbox as one file that needs no Node, for Linux on this machine's processor; FILE is
// executable/signalbox unless told. The licences of all that is in it are written beside it.
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureRoots } from "./setup/lab-roots.js";
import { cacheDir } from "./setup/lab-table.js";
import { ensureNodeModules } from "./setup/node-modules.js";
import { lastWords, run } from "./setup/run.js";

const root = fileURLToPath(new URL("..", import.meta.url));
/** Node that becomes the executable, pinned with its checksum in test/lab/engines.json. 26 needs libatomic, which bare systems lack. */
const NODE = "node-24";

async function must(what, command, args, options) {
  const result = await run(command, args, options);
  if (!result.ok) throw new Error(`${what}: ${lastWords(result.output)}`);
  return result.output;
}

async function findNode() {
  const [reason] = await ensureRoots([NODE]);
  if (reason !== undefined) throw new Error(reason);
  return join(cacheDir(), "roots", NODE, "package");
}

/** Builds in `work`, so that a failure leaves no half of an executable where one is expected. */
async function build(work) {
  const { bundle, readPackageVersion } = await import("./bundle.js");
  const { writeSeaConfig } = await import("./executable/assets.js");
  const { buildThirdPartyText } = await import("./third-party.js");
  const node = await findNode();
  const modules = join(work, "modules");
  const metafile = await bundle({ entry: "src/cli/executable/entry.ts", outdir: modules, target: "node24" });
  const config = writeSeaConfig({ modules, work });
  const program = join(work, "signalbox");
  copyFileSync(join(node, "bin/node"), program);
  chmodSync(program, 0o755);
  await must("making the blob", program, ["--experimental-sea-config", config.path], { cwd: root });
  await must("putting the blob into Node", process.execPath, ["scripts/executable/inject.js", program, config.blob], {
    cwd: root,
  });
  const version = await readPackageVersion();
  const said = await must("trying the executable", program, ["--version"]);
  if (said.trim() !== version) throw new Error(`the executable says ${JSON.stringify(said)} instead of ${version}`);
  const licences = [
    readFileSync(join(root, "LICENSE"), "utf8"),
    buildThirdPartyText(metafile, root),
    "Node.js\n",
    readFileSync(join(node, "LICENSE"), "utf8"),
  ];
  return { program, licences: licences.join(`\n${"=".repeat(78)}\n\n`), bytes: config.bytes };
}

if (process.platform !== "linux") {
  process.stderr.write("the executable is built on Linux, for Linux\n");
  process.exit(1);
}
await ensureNodeModules(root);
const target = resolve(process.argv[2] ?? join(root, "executable/signalbox"));
mkdirSync(dirname(target), { recursive: true });
// Beside the target: what is finished is moved there in one step, also over an executable that is running.
const work = mkdtempSync(join(dirname(target), ".build-"));
try {
  const { program, licences, bytes } = await build(work);
  writeFileSync(`${target}.licences.txt`, licences);
  renameSync(program, target);
  const mib = (size) => (size / 1024 / 1024).toFixed(1);
  console.log(`${target}: ${mib(statSync(target).size)} MiB, of which the program ${mib(bytes)} MiB`);
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
