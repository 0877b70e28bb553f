/** Starts the training cluster of bench/cluster-process.ts and waits until it is ready. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ROOT } from "../test/support/program.ts";

export interface BenchCluster {
  readonly configPath: string;
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

export async function startBenchCluster(size?: {
  readonly servers: number;
  readonly nodes: number;
}): Promise<BenchCluster> {
  const sizes = size === undefined ? [] : [String(size.servers), String(size.nodes)];
  const child = spawn(process.execPath, ["--import", "tsx", join(ROOT, "bench/cluster-process.ts"), ...sizes], {
    cwd: ROOT,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const { configPath } = JSON.parse(line) as { configPath: string };
  return {
    configPath,
    process: child,
    async stop() {
      const gone = once(child, "exit");
      child.stdin.end();
      await gone;
    },
  };
}
