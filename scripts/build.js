// Bundles the program: one file to read at start instead of hundreds. `dist/signalbox.js` is the command, `dist/engine.js` the worker.
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

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

/** Text in which every UTF-16 unit is a grapheme of its own: ASCII, ESC, and the signs the console draws with. */
const SIMPLE_TEXT = String.raw`/^[\u001b\u0020-\u007e\u2013\u2026\u2190-\u21ff\u2500-\u25fc]*$/`;

/**
 * Ink takes every line of the screen apart into graphemes several times per frame. One sign such as a tree line sends string-width
 * down its slow path (emoji and Hangul expressions) for all the ASCII around it, and ansi-tokenize always asks Intl.Segmenter.
 * Both get a short cut with the same result; the build fails when a release moves the line it goes into.
 */
const TEXT_SHORTCUTS = [
  {
    filter: /string-width[\\/]index\.js$/,
    find: "for (const {segment} of segmenter.segment(string)) {",
    replace:
      "for (const {segment} of segmenter.segment(string)) { if (segment.length === 1 && segment >= ' ' && segment <= '~') { width += 1; continue; }",
  },
  {
    filter: /ansi-tokenize[\\/]build[\\/]tokenize\.js$/,
    find: "of segmenter.segment(str)) {",
    replace: `of ${SIMPLE_TEXT}.test(str) ? Array.from({ length: str.length }, (_, index) => ({ segment: str[index], index })) : segmenter.segment(str)) {`,
  },
];

const textShortcuts = {
  name: "text-shortcuts",
  setup(builder) {
    for (const { filter, find, replace } of TEXT_SHORTCUTS) {
      builder.onLoad({ filter }, async ({ path }) => {
        const source = await readFile(path, "utf8");
        if (!source.includes(find)) throw new Error(`${path}: "${find}" is gone; look at TEXT_SHORTCUTS again`);
        return { contents: source.replace(find, () => replace), loader: "js" };
      });
    }
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
  minifyWhitespace: true,
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
