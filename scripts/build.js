// Bundles the program: one file to read at start instead of hundreds. `dist/signalbox.js` is the command, `dist/engine.js` the worker.
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { textShortcuts } from "./text-shortcuts.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const { version } = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8"));

/** Ink imports react-devtools-core only when DEV=true is set; it is no dependency of ours, so the bundle gets an empty one. */
const devtoolsStub = {
  name: "devtools-stub",
  setup(builder) {
    builder.onResolve({ filter: /^react-devtools-core$/ }, () => ({ path: "devtools", namespace: "stub" }));
    builder.onLoad({ filter: /.*/, namespace: "stub" }, () => ({
      contents: "export default { initialize() {}, connectToDevTools() {} };",
    }));
  },
};

await rm(new URL("../dist", import.meta.url), { recursive: true, force: true });
await mkdir(new URL("../dist", import.meta.url), { recursive: true });
const result = await build({
  absWorkingDir: root,
  entryPoints: { signalbox: "src/cli/entry.ts", engine: "src/engine/entry.ts" },
  outdir: "dist",
  bundle: true,
  splitting: true,
  chunkNames: "chunks/[name]-[hash]",
  format: "esm",
  platform: "node",
  target: "node20",
  // Identifiers keep their names: stack traces and profiles stay readable, and esbuild's keepNames costs time in hot paths.
  minifyWhitespace: process.env.SIGNALBOX_BUILD_PLAIN === undefined,
  minifySyntax: true,
  legalComments: "none",
  external: ["*.node"],
  plugins: [devtoolsStub, textShortcuts],
  define: { "process.env.NODE_ENV": '"production"', __SIGNALBOX_VERSION__: JSON.stringify(version) },
  // CommonJS packages inside an ES module bundle still expect these three names.
  banner: {
    js: [
      'import { createRequire as __createRequire } from "node:module";',
      'import { fileURLToPath as __fileURLToPath } from "node:url";',
      'import { dirname as __dirnameOf } from "node:path";',
      "const require = __createRequire(import.meta.url);",
      "const __filename = __fileURLToPath(import.meta.url);",
      "const __dirname = __dirnameOf(__filename);",
    ].join("\n"),
  },
  metafile: true,
  logLevel: "warning",
});
await writeFile(new URL("../dist/meta.json", import.meta.url), JSON.stringify(result.metafile));
await chmod(new URL("../bin/signalbox.js", import.meta.url), 0o755);
const bytes = Object.values(result.metafile.outputs).reduce((sum, output) => sum + output.bytes, 0);
console.log(`dist: ${Object.keys(result.metafile.outputs).length} files, ${Math.round(bytes / 1024)} KiB`);
