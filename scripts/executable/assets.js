import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";

const START = new URL("../../src/cli/executable/", import.meta.url);

/**
 * Configuration of a single-executable application whose assets are all modules below `modules`, with the start files of
 * src/cli/executable; written into `work`. Returns its path and that of the blob Node makes of it.
 */
export function writeSeaConfig({ modules, work }) {
  const files = readdirSync(modules, { recursive: true }).filter((name) => statSync(join(modules, name)).isFile());
  const names = join(work, "names.txt");
  writeFileSync(names, files.map((name) => name.replaceAll("\\", "/")).join("\n"));
  const blob = join(work, "signalbox.blob");
  const config = {
    main: relative(process.cwd(), new URL("main.cjs", START).pathname),
    output: blob,
    disableExperimentalSEAWarning: true,
    // main.cjs is four lines: there is nothing to gain. A snapshot cannot hold what is loaded when it is needed, nor the worker.
    useCodeCache: false,
    useSnapshot: false,
    assets: {
      "load.mjs": new URL("load.mjs", START).pathname,
      "names.txt": names,
      ...Object.fromEntries(files.map((name) => [name, join(modules, name)])),
    },
  };
  const path = join(work, "sea-config.json");
  writeFileSync(path, JSON.stringify(config));
  return { path, blob, bytes: files.reduce((sum, name) => sum + readFileSync(join(modules, name)).length, 0) };
}
