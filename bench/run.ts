/** Runs every budget of the program against the built program. Exit 1 when one is over. Words after the command choose benches by name. */
import { startLab } from "../test/lab/index.ts";
import { ensureBuilt } from "../test/support/program.ts";
import { measureActing } from "./acting.ts";
import { measureAtRest, measureLargeCluster } from "./at-rest.ts";
import { startBenchCluster } from "./cluster.ts";
import { measureExecutable } from "./executable.ts";
import { measureHangingNode, measureHangingTerminal } from "./hanging.ts";
import { measureManyTicks } from "./many-ticks.ts";
import { formatResults, isWithinBudget, type Result } from "./measure.ts";
import { measurePromotion } from "./promotion.ts";
import { measureSsh } from "./ssh.ts";
import { measureSshLeaks } from "./ssh-leaks.ts";
import { measureStartUp } from "./start-up.ts";

const chosen = process.argv.slice(2);

async function bench(name: string, run: () => Promise<Result[]>): Promise<Result[]> {
  if (chosen.length > 0 && !chosen.some((word) => name.includes(word))) return [];
  process.stderr.write(`bench ${name}…\n`);
  const results = await run();
  process.stdout.write(`${formatResults(results)}\n`);
  return results;
}

async function onLab(run: (lab: Awaited<ReturnType<typeof startLab>>) => Promise<Result[]>): Promise<Result[]> {
  const lab = await startLab({ topology: "r1" });
  try {
    return await run(lab);
  } finally {
    await lab.stop();
  }
}

async function onSimulator(
  run: (configPath: string) => Promise<Result[]>,
  size?: { readonly servers: number; readonly nodes: number },
): Promise<Result[]> {
  const cluster = await startBenchCluster(size);
  try {
    return await run(cluster.configPath);
  } finally {
    await cluster.stop();
  }
}

ensureBuilt();
const results: Result[] = [
  ...(await bench("start-up", () => onLab((lab) => measureStartUp(lab.configPath, "real servers")))),
  ...(await bench("executable", () => onLab(measureExecutable))),
  ...(await bench("at-rest", () => onSimulator(measureAtRest))),
  ...(await bench("large", () => onSimulator(measureLargeCluster, { servers: 1_000, nodes: 50 }))),
  ...(await bench("hanging-node", () => onLab(measureHangingNode))),
  ...(await bench("hanging-terminal", () => onLab(measureHangingTerminal))),
  ...(await bench("acting", measureActing)),
  ...(await bench("promotion", measurePromotion)),
  ...(await bench("many-ticks", measureManyTicks)),
  ...(await bench("ssh", measureSsh)),
  ...(await bench("ssh-leaks", measureSshLeaks)),
];
const over = results.filter((result) => !isWithinBudget(result));
process.stdout.write(`\n${results.length} figures, ${over.length} over budget\n`);
process.exitCode = over.length === 0 ? 0 : 1;
