/** A screen as `signalbox` runs it, but with a tick every few milliseconds: thousands of ticks in a minute. Runs inside a pseudo-terminal. */
import { appendFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { loadSettings, readSurroundings } from "../src/config/load-settings.ts";
import { createWorkerEngine } from "../src/engine/host.ts";
import type { Engine } from "../src/engine/protocol.ts";
import { runConsole } from "../src/ui/run.tsx";
import { runWatch } from "../src/ui/wall/run.tsx";

const SAMPLE_TICKS = 250;
/** The wall screen draws once a second by itself; here that second is this short, for no two frames are alike and the caches of lines fill. */
const SECOND_MS = 20;

const started = { epochMs: Date.now(), monotonicMs: performance.now() };

/** A clock that runs so much faster. */
function readFastClock(): { readonly epochMs: number; readonly monotonicMs: number } {
  const passed = (performance.now() - started.monotonicMs) * (1_000 / SECOND_MS);
  return { epochMs: started.epochMs + passed, monotonicMs: started.monotonicMs + passed };
}

/** The engine with pictures of that clock. */
function onFastClock(real: Engine): Engine {
  return {
    send: (request) => real.send(request),
    stop: () => real.stop(),
    subscribe: (listener) =>
      real.subscribe((event) => {
        const isPicture = event.type === "snapshot";
        listener(isPicture ? { ...event, snapshot: { ...event.snapshot, at: readFastClock().epochMs } } : event);
      }),
  };
}

const [screen, configPath, workerPath, intervalMs, reportPath] = process.argv.slice(2);
if (screen === undefined || configPath === undefined || workerPath === undefined || reportPath === undefined) {
  throw new Error("usage: console|watch CONFIG WORKER INTERVAL_MS REPORT");
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
  if (ticks % SAMPLE_TICKS !== 0) return;
  // What is alive, not what waits to be collected; of the console the whole of its memory is looked at as it is.
  if (screen === "watch") globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  appendFileSync(reportPath, `${ticks} ${rss} ${heapUsed}\n`);
});
const { stdin, stdout } = process;
process.exitCode =
  screen === "watch"
    ? await runWatch({
        engine: onFastClock(engine),
        settings,
        themeName: "dark",
        colorDepth: "256",
        themes: [],
        rotateMs: null,
        bell: true,
        notify: null,
        stdin,
        stdout,
        onDefect: (error) => {
          throw error;
        },
        tickMs: SECOND_MS,
        clock: readFastClock,
      })
    : await runConsole({
        engine,
        settings,
        version: "bench",
        configPath,
        readOnly: true,
        themeName: "dark",
        color: true,
        stdin,
        stdout,
      });
