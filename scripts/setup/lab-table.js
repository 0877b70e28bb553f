import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** The same table that the lab itself reads: which engine comes out of which package or root. */
export const table = JSON.parse(readFileSync(new URL("../../test/lab/engines.json", import.meta.url), "utf8"));

/** Keep in step with labCacheDir() of test/lab/engines.ts. */
export function cacheDir() {
  return (
    process.env.SIGNALBOX_LAB_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "signalbox-lab")
  );
}

/** Rows among the named engines that the system's own packages can bring and that are not there. */
export function missingSystemEngines(engineNames = Object.keys(table.engines)) {
  const engines = engineNames.map((name) => table.engines[name]).filter(Boolean);
  return engines.filter((engine) => engine.system && !existsSync(engine.system));
}
