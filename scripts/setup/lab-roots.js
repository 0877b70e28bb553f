import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { unpackDebianRoot } from "./debian-root.js";
import { cacheDir, missingSystemEngines, table } from "./lab-table.js";
import { unpackNpmRoot } from "./npm-root.js";
import { say } from "./run.js";

const STAMP = "made-from.json";

function isReady(folder, recipe) {
  const stamp = join(folder, STAMP);
  return existsSync(stamp) && readFileSync(stamp, "utf8") === recipe;
}

async function makeRoot(name, folder, recipe) {
  const parent = join(cacheDir(), "roots");
  mkdirSync(parent, { recursive: true });
  const work = mkdtempSync(join(parent, `.${name}-`));
  try {
    const row = table.roots[name];
    await (row.npm ? unpackNpmRoot(work, row) : unpackDebianRoot(work, row));
    writeFileSync(join(work, STAMP), recipe);
    rmSync(folder, { recursive: true, force: true });
    renameSync(work, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Has one root in the cache. On failure the reason is left beside it (`NAME.failed`), where the lab finds it, and returned. */
async function ensureRoot(name) {
  const folder = join(cacheDir(), "roots", name);
  const failed = `${folder}.failed`;
  const recipe = JSON.stringify(table.roots[name]);
  if (isReady(folder, recipe)) return undefined;
  say(`fetching ${name} into the lab cache…`);
  try {
    await makeRoot(name, folder, recipe);
    rmSync(failed, { force: true });
    return undefined;
  } catch (error) {
    if (isReady(folder, recipe)) return undefined; // another run made it meanwhile
    const reason = `${name} could not be fetched: ${error.message.split("\n", 1)[0]}`;
    mkdirSync(join(cacheDir(), "roots"), { recursive: true });
    writeFileSync(failed, reason);
    return reason;
  }
}

/** Roots that the given engines (default: all) need on this machine. A root whose programs the system has already is not needed. */
function neededRoots(engineNames) {
  const missing = missingSystemEngines(engineNames);
  const engines = engineNames.map((name) => table.engines[name]).filter(Boolean);
  return [
    ...new Set(engines.filter((engine) => !engine.system || missing.includes(engine)).map((engine) => engine.root)),
  ].filter(Boolean);
}

/** Has every root that `engineNames` need in the cache; returns the reasons of those that could not be had. */
export async function ensureRoots(engineNames = Object.keys(table.engines)) {
  if (process.platform !== "linux") return ["the servers of the lab run on Linux only"];
  const reasons = await Promise.all(neededRoots(engineNames).map(ensureRoot));
  return reasons.filter(Boolean);
}
