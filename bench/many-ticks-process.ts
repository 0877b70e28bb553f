/** The console as `signalbox` runs it, but with a tick every few milliseconds: thousands of ticks in a minute. Runs inside a pseudo-terminal. */
import { appendFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { loadSettings, readSurroundings } from "../src/config/load-settings.ts";
import { createWorkerEngine } from "../src/engine/host.ts";
import { runConsole } from "../src/ui/run.tsx";

const [configPath, workerPath, intervalMs, reportPath] = process.argv.slice(2);
if (configPath === undefined || workerPath === undefined || reportPath === undefined) {
  throw new Error("usage: CONFIG WORKER INTERVAL_MS REPORT");
}
const loaded = await loadSettings(
  {
    configFile: configPath,
    cluster: null,
    haproxyUrls: [],
    mysqlUrls: [],
    interval: null,
    theme: null,
    readOnly: true,
  },
  readSurroundings(process.env, process.cwd()),
);
const settings = { ...loaded.settings, intervalMs: Number(intervalMs) };
const engine = createWorkerEngine(settings, pathToFileURL(workerPath));
let ticks = 0;
engine.subscribe((event) => {
  if (event.type !== "snapshot") return;
  ticks++;
  if (ticks % 250 === 0) appendFileSync(reportPath, `${ticks} ${process.memoryUsage.rss()}\n`);
});
process.exitCode = await runConsole({
  engine,
  settings,
  version: "bench",
  configPath,
  readOnly: true,
  themeName: "dark",
  color: true,
  stdin: process.stdin,
  stdout: process.stdout,
});
