// `npm run build`: dist/, what bin/signalbox.js starts.
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { bundle } from "./bundle.js";
import { buildThirdPartyText } from "./third-party.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = new URL("../dist/", import.meta.url);

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
const metafile = await bundle({ entry: "src/cli/entry.ts", outdir: "dist", target: "node20" });
await writeFile(new URL("THIRD-PARTY.txt", dist), buildThirdPartyText(metafile, root));
await writeFile(new URL("meta.json", dist), JSON.stringify(metafile));
await chmod(new URL("../bin/signalbox.js", import.meta.url), 0o755);
const bytes = Object.values(metafile.outputs).reduce((sum, output) => sum + output.bytes, 0);
console.log(`dist: ${Object.keys(metafile.outputs).length} files, ${Math.round(bytes / 1024)} KiB`);
