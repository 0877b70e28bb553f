/**
 * Does memory stay flat? The console over 5,000 ticks and the wall screen over 50,000, on the training cluster, measured when caches and the
 * heap have settled. What is alive (the heap right after a collection) rises and falls by a MiB as Ink's caches of lines fill and turn over, so
 * flat means: neither the lowest nor the highest of the second half is above that of the first, and a line through all of it does not rise.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ROOT, startProgram } from "../test/support/program.ts";
import { startBenchCluster } from "./cluster.ts";
import { median, type Result } from "./measure.ts";

interface Run {
  readonly screen: "console" | "watch";
  readonly intervalMs: number;
  readonly ticks: number;
  readonly settledAt: number;
  /** Samples, one every 250 ticks, that are compared: as many at the beginning as at the end. */
  readonly window: number;
  readonly limitMs: number;
}

const CONSOLE: Run = {
  screen: "console",
  intervalMs: 20,
  ticks: 5_000,
  settledAt: 1_000,
  window: 4,
  limitMs: 400_000,
};
const WATCH: Run = {
  screen: "watch",
  intervalMs: 5,
  ticks: 50_000,
  // Ink remembers twice 4,096 lines; until then every new one stays. After it the heap rises and falls every 7,000 ticks or so.
  settledAt: 15_000,
  window: 20,
  limitMs: 1_800_000,
};

interface Sample {
  readonly ticks: number;
  readonly residentMiB: number;
  /** Of the thread that draws, right after a collection. */
  readonly heapMiB: number;
}

function readSamples(path: string): Sample[] {
  try {
    const lines = readFileSync(path, "utf8").trim().split("\n");
    return lines.map((line) => {
      const [ticks = 0, rss = 0, heapUsed = 0] = line.split(" ").map(Number);
      return { ticks, residentMiB: rss / 1_048_576, heapMiB: heapUsed / 1_048_576 };
    });
  } catch {
    return [];
  }
}

async function collectSamples(reportPath: string, { ticks, limitMs }: Run): Promise<Sample[]> {
  const giveUp = Date.now() + limitMs;
  for (;;) {
    const samples = readSamples(reportPath);
    if ((samples.at(-1)?.ticks ?? 0) >= ticks) return samples;
    if (Date.now() > giveUp) throw new Error(`only ${samples.at(-1)?.ticks ?? 0} ticks in ${limitMs / 1000} s`);
    await delay(500);
  }
}

async function runTicks(run: Run): Promise<Sample[]> {
  const cluster = await startBenchCluster();
  const folder = mkdtempSync(join(tmpdir(), "signalbox-ticks-"));
  const reportPath = join(folder, "ticks");
  const { screen, intervalMs } = run;
  const program = startProgram({
    script: ["--expose-gc", "--import", "tsx", join(ROOT, "bench/many-ticks-process.ts")],
    args: [screen, cluster.configPath, join(ROOT, "dist/engine.js"), String(intervalMs), reportPath],
    columns: 140,
    rows: 40,
    env: { NODE_ENV: "production" },
  });
  try {
    return (await collectSamples(reportPath, run)).filter(({ ticks }) => ticks >= run.settledAt);
  } finally {
    program.kill();
    await program.exited;
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function compare(samples: readonly Sample[], window: number, figure: (sample: Sample) => number) {
  const early = median(samples.slice(0, window).map(figure));
  return { early, growth: median(samples.slice(-window).map(figure)) - early };
}

/** Bytes a tick leaves behind: the slope of a straight line through all samples. */
function bytesPerTick(samples: readonly Sample[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const ticks = mean(samples.map((sample) => sample.ticks));
  const heap = mean(samples.map((sample) => sample.heapMiB));
  const shared = mean(samples.map((sample) => (sample.ticks - ticks) * (sample.heapMiB - heap)));
  return (shared / mean(samples.map((sample) => (sample.ticks - ticks) ** 2))) * 1_048_576;
}

export async function measureManyTicks(): Promise<Result[]> {
  return [...(await measureConsole()), ...(await measureWatch())];
}

async function measureConsole(): Promise<Result[]> {
  const { settledAt, ticks, window } = CONSOLE;
  const resident = compare(await runTicks(CONSOLE), window, ({ residentMiB }) => residentMiB);
  return [
    {
      name: `resident memory at tick ${settledAt}`,
      value: resident.early,
      unit: "MiB",
      budget: null,
      note: "run from sources",
    },
    { name: `growth from tick ${settledAt} to ${ticks}`, value: resident.growth, unit: "MiB", budget: 10 },
  ];
}

async function measureWatch(): Promise<Result[]> {
  const { settledAt, ticks } = WATCH;
  const samples = await runTicks(WATCH);
  const heaps = samples.map(({ heapMiB }) => heapMiB);
  const half = Math.floor(heaps.length / 2);
  const [first, second] = [heaps.slice(0, half), heaps.slice(half)];
  // What the system takes back and when is not ours to say: only the lowest tells something.
  const residents = samples.map(({ residentMiB }) => residentMiB);
  const resident = Math.min(...residents.slice(half)) - Math.min(...residents.slice(0, half));
  const span = `watch, tick ${settledAt} to ${ticks}`;
  const lowest = Math.min(...second) - Math.min(...first);
  const highest = Math.max(...second) - Math.max(...first);
  return [
    { name: `${span}: lowest heap`, value: Math.min(...heaps), unit: "MiB", budget: null },
    { name: `${span}: highest heap`, value: Math.max(...heaps), unit: "MiB", budget: null },
    { name: `${span}: growth of the lowest`, value: lowest, unit: "MiB", budget: 0.5 },
    { name: `${span}: growth of the highest`, value: highest, unit: "MiB", budget: 0.5 },
    { name: `${span}: left behind by a tick`, value: bytesPerTick(samples), unit: "B", budget: 30 },
    { name: `${span}: growth of the lowest resident memory`, value: resident, unit: "MiB", budget: 15 },
  ];
}
