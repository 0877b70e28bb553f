/** How long a person waits: `status` until it has printed, the console until its first frame with data. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { PROGRAM, startProgram } from "../test/support/program.ts";
import { median, type Result } from "./measure.ts";

/** A program with its first arguments. */
export type CommandLine = readonly [string, ...string[]];

/** Milliseconds until it has ended. */
export async function timeProgram([file, ...first]: CommandLine, args: readonly string[] = []): Promise<number> {
  const start = performance.now();
  const child = spawn(file, [...first, ...args], { stdio: "ignore" });
  await once(child, "exit");
  return performance.now() - start;
}

/** Milliseconds until the console shows what nodes and HAProxy answered. */
export async function timeFirstData(command: CommandLine, configPath: string): Promise<number> {
  const start = performance.now();
  const program = startProgram({ command, args: ["-c", configPath], columns: 140, rows: 40 });
  try {
    // A version number stands on the screen only when a MySQL node has answered, a session count only when HAProxy has.
    await program.waitFor((screen) => /\b1[01]\.\d+\.\d+/.test(screen.join("\n")) && /\bUP\b/.test(screen.join("\n")));
    return performance.now() - start;
  } finally {
    program.send("q");
    await program.exited;
  }
}

/** Median of so many runs after one that does not count. */
export async function medianOf(times: number, run: () => Promise<number>): Promise<number> {
  await run();
  const values: number[] = [];
  for (let round = 0; round < times; round++) values.push(await run());
  return median(values);
}

const BUILT: CommandLine = [process.execPath, PROGRAM];

export async function measureStartUp(configPath: string, where: string): Promise<Result[]> {
  const bare = await medianOf(15, () => timeProgram([process.execPath, "-e", "0"]));
  const status = await medianOf(15, () => timeProgram(BUILT, ["-c", configPath, "status", "--json"]));
  const firstFrame = await medianOf(9, () => timeFirstData(BUILT, configPath));
  return [
    { name: "node alone starts", value: bare, unit: "ms", budget: null },
    { name: `status on R1 (${where})`, value: status, unit: "ms", budget: 350 },
    { name: `console: first frame with data on R1 (${where})`, value: firstFrame, unit: "ms", budget: 450 },
  ];
}
