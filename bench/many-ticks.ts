/** Does memory stay flat? The console over 5,000 ticks on the training cluster, measured from the 1,000th, when caches and the heap have settled. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ROOT, startProgram } from "../test/support/program.ts";
import { startBenchCluster } from "./cluster.ts";
import { median, type Result } from "./measure.ts";

const INTERVAL_MS = 20;
const TICKS = 5_000;
const SETTLED_AT = 1_000;
const LIMIT_MS = 400_000;

interface Sample {
  readonly ticks: number;
  readonly mebibytes: number;
}

function readSamples(path: string): Sample[] {
  try {
    const lines = readFileSync(path, "utf8").trim().split("\n");
    return lines.map((line) => {
      const [ticks = 0, bytes = 0] = line.split(" ").map(Number);
      return { ticks, mebibytes: bytes / 1_048_576 };
    });
  } catch {
    return [];
  }
}

async function collectSamples(reportPath: string): Promise<Sample[]> {
  const giveUp = Date.now() + LIMIT_MS;
  for (;;) {
    const samples = readSamples(reportPath);
    if ((samples.at(-1)?.ticks ?? 0) >= TICKS) return samples;
    if (Date.now() > giveUp) throw new Error(`only ${samples.at(-1)?.ticks ?? 0} ticks in ${LIMIT_MS / 1000} s`);
    await delay(500);
  }
}

export async function measureManyTicks(): Promise<Result[]> {
  const cluster = await startBenchCluster();
  const folder = mkdtempSync(join(tmpdir(), "signalbox-ticks-"));
  const reportPath = join(folder, "ticks");
  const program = startProgram({
    script: ["--import", "tsx", join(ROOT, "bench/many-ticks-process.ts")],
    args: [cluster.configPath, join(ROOT, "dist/engine.js"), String(INTERVAL_MS), reportPath],
    columns: 140,
    rows: 40,
    env: { NODE_ENV: "production" },
  });
  try {
    const samples = (await collectSamples(reportPath)).filter(({ ticks }) => ticks >= SETTLED_AT);
    const mebibytes = samples.map((sample) => sample.mebibytes);
    const early = median(mebibytes.slice(0, 4));
    const late = median(mebibytes.slice(-4));
    return [
      {
        name: `resident memory at tick ${SETTLED_AT}`,
        value: early,
        unit: "MiB",
        budget: null,
        note: "run from sources",
      },
      { name: `growth from tick ${SETTLED_AT} to ${TICKS}`, value: late - early, unit: "MiB", budget: 10 },
    ];
  } finally {
    program.kill();
    await program.exited;
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
