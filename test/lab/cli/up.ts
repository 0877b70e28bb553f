import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readTail } from "../process.ts";
import { Hopeless, waitFor } from "../wait.ts";
import type { BackgroundOptions } from "./background.ts";
import { ask } from "./control.ts";

/** Starts the background process and waits until its lab is up; returns what to show. */
export async function up(options: BackgroundOptions): Promise<string> {
  const { dir } = options;
  if (await ask(dir, ["status"]).catch(() => undefined))
    throw new Error(`a lab runs in ${dir} already (npm run lab -- down)`);
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const logFile = join(dir, "lab.log");
  const log = openSync(logFile, "a");
  const main = fileURLToPath(new URL("main.ts", import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, main, "background", JSON.stringify(options)], {
    detached: true,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  const state = { ended: false };
  child.on("exit", () => {
    state.ended = true;
  });
  child.unref();
  const status = await waitFor(
    "the lab to come up",
    () => {
      if (state.ended) throw new Hopeless(`the lab did not come up:\n${readTail(logFile, 30)}`);
      return ask(dir, ["status"]);
    },
    { timeoutMs: 120_000, intervalMs: 100 },
  );
  return `${status}\n${buildHints(options, /^config {2}(.*)$/m.exec(status)?.[1] ?? "")}`;
}

function buildHints(options: BackgroundOptions, config: string): string {
  const last =
    options.topology === "single" ? "db1" : options.topology === "r3" || options.topology === "r4" ? "db2" : "db3";
  return `
Try:
  signalbox -c ${config} status
  signalbox -c ${config}
  npm run lab -- fault kill ${last}          (then: fault start ${last})
  npm run lab -- fault stop-applier ${last}
  npm run lab -- haproxy lb1 "show servers state"
  npm run lab -- sql db1 "SELECT @@server_id"
  npm run lab -- traffic start
  npm run lab -- status
  npm run lab -- down`;
}
