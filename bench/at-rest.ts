/** What the console costs while nobody touches it, on a small cluster and on a large one, and how fast a key shows. */
import { setTimeout as delay } from "node:timers/promises";
import { type RunningProgram, residentMiB, startProgram } from "../test/support/program.ts";
import { cpuPercent, percentile, type Result } from "./measure.ts";

const SETTLE_MS = 6_000;
const WATCH_MS = 30_000;

export async function measureAtRest(configPath: string): Promise<Result[]> {
  const program = startProgram({ args: ["-c", configPath], columns: 140, rows: 40 });
  try {
    await program.waitFor(/\bUP\b/);
    await delay(SETTLE_MS);
    const bytesBefore = program.bytesWritten();
    const cpu = await cpuPercent(program.pid, WATCH_MS);
    const bytesPerSecond = (program.bytesWritten() - bytesBefore) / (WATCH_MS / 1000);
    return [
      { name: "CPU at rest, 1 s interval, 140x40, R1 with traffic", value: cpu, unit: "%", budget: 2.5 },
      { name: "bytes to the terminal at rest", value: bytesPerSecond, unit: "B/s", budget: 1_000 },
      { name: "resident memory", value: residentMiB(program.pid), unit: "MiB", budget: 140 },
    ];
  } finally {
    program.kill();
    await program.exited;
  }
}

/** Until the mark of the selected row has moved: figures that change with a tick must not count as the answer to the key. */
async function keyToScreenMs(program: RunningProgram, key: string): Promise<number> {
  const selected = (screen: readonly string[]) => screen.findIndex((line) => line.startsWith("▶"));
  const before = selected(program.screen());
  const start = performance.now();
  program.send(key);
  await program.waitFor((screen) => selected(screen) !== before && selected(screen) >= 0, 2_000);
  return performance.now() - start;
}

export async function measureLargeCluster(configPath: string): Promise<Result[]> {
  const program = startProgram({ args: ["-c", configPath], columns: 140, rows: 40 });
  try {
    await program.waitFor(/\bUP\b/, 20_000);
    await delay(SETTLE_MS);
    const cpu = await cpuPercent(program.pid, WATCH_MS);
    const latencies: number[] = [];
    for (let round = 0; round < 200; round++) {
      latencies.push(await keyToScreenMs(program, round % 20 < 10 ? "j" : "k"));
      await delay(23);
    }
    return [
      { name: "CPU with 1,000 servers and 50 nodes", value: cpu, unit: "%", budget: 8 },
      { name: "key to screen with 1,000 servers, p50", value: percentile(latencies, 0.5), unit: "ms", budget: null },
      { name: "key to screen with 1,000 servers, p99", value: percentile(latencies, 0.99), unit: "ms", budget: 50 },
      {
        name: "resident memory with 1,000 servers and 50 nodes",
        value: residentMiB(program.pid),
        unit: "MiB",
        budget: null,
      },
    ];
  } finally {
    program.kill();
    await program.exited;
  }
}
