// The bundle, as the npm package and the one-file executable share it: one file to read at start instead of hundreds.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { textShortcuts } from "./text-shortcuts.js";

const root = fileURLToPath(new URL("..", import.meta.url));

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

/** Version in package.json. */
export async function readPackageVersion() {
  return JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8")).version;
}

/**
 * Bundles the program into `outdir`: `signalbox.js` is the command, `engine.js` the worker. Returns esbuild's metafile.
 * @param entry the program's first file
 * @param target of esbuild, such as node20
 */
export async function bundle({ entry, outdir, target }) {
  const result = await build({
    absWorkingDir: root,
    entryPoints: { signalbox: entry, engine: "src/engine/entry.ts" },
    outdir,
    bundle: true,
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    format: "esm",
    platform: "node",
    target,
    // The bundle names the file of each CommonJS package. With a linked node_modules that must not be where it lies on
    // the machine of the build: the package would tell it, and be another one on every machine.
    preserveSymlinks: true,
    // Identifiers keep their names: stack traces and profiles stay readable, and esbuild's keepNames costs time in hot paths.
    minifyWhitespace: process.env.SIGNALBOX_BUILD_PLAIN === undefined,
    minifySyntax: true,
    legalComments: "none",
    external: ["*.node"],
    plugins: [devtoolsStub, textShortcuts],
    define: {
      "process.env.NODE_ENV": '"production"',
      __SIGNALBOX_VERSION__: JSON.stringify(await readPackageVersion()),
    },
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
  return result.metafile;
}
