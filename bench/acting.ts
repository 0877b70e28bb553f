/** From the key to the effect: `y` in the drain panel until HAProxy says DRAIN, on one HAProxy and on ten. */
import { setTimeout as delay } from "node:timers/promises";
import { buildPlan } from "../src/operations/plan.ts";
import { type Lab, startLab } from "../test/lab/index.ts";
import { type RunningProgram, startProgram } from "../test/support/program.ts";
import { buildRequest } from "../test/support/requests.ts";
import { buildWide } from "../test/unit/operations/support/scenes.ts";
import { median, type Result } from "./measure.ts";

const ROUNDS = 7;

/** Waits until the server reads as drained, or as not, on every HAProxy; asks one after the other, so that asking is no load of its own. */
async function untilEverywhere(lab: Lab, drained: boolean): Promise<void> {
  const giveUp = performance.now() + 10_000;
  for (const haproxy of lab.haproxies) {
    while (/^read_nodes,db3,.*,DRAIN,/m.test(await haproxy.command("show stat read_nodes 4 -1")) !== drained) {
      if (performance.now() > giveUp) throw new Error(`db3 did not become ${drained ? "drained" : "ready"}`);
      await delay(2);
    }
  }
}

/** Opens the panel of an action key, waits until it may be confirmed, and returns how long `y` took to be seen in show stat. */
async function confirmMs(program: RunningProgram, lab: Lab, key: string, drained: boolean): Promise<number> {
  program.send(key);
  await program.waitFor(/\by\b.*(run|confirm)/i, 10_000);
  await delay(300);
  const start = performance.now();
  program.send("y");
  await untilEverywhere(lab, drained);
  const took = performance.now() - start;
  await program.waitFor(/done and verified/, 10_000);
  program.send("\u001b");
  await program.waitFor((screen) => !screen.join("\n").includes("done and verified"), 10_000);
  return took;
}

async function measureOn(haproxies: number): Promise<number> {
  const lab = await startLab({ topology: "r1", haproxies });
  const program = startProgram({ args: ["-c", lab.configPath], columns: 140, rows: 40 });
  try {
    await program.waitFor((screen) => /db3.*UP/.test(screen.join("\n")), 20_000);
    program.send("jj");
    await program.waitFor((screen) => screen.some((line) => line.startsWith("▶") && line.includes("db3")));
    const drains: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      drains.push(await confirmMs(program, lab, "D", true));
      await confirmMs(program, lab, "E", false);
    }
    return median(drains);
  } finally {
    program.kill();
    await program.exited;
    await lab.stop();
  }
}

/** A plan for 50 marked servers of 51, guards included; the first builds warm the code up and do not count. */
function measurePlanMs(): number {
  const scene = buildWide(51);
  const cluster = scene.snapshot();
  const request = buildRequest({
    command: "drain",
    targets: Array.from({ length: 50 }, (_, index) => `wide/s${index}`),
  });
  const values: number[] = [];
  for (let round = 0; round < 20; round++) {
    const start = performance.now();
    buildPlan({
      request,
      cluster,
      settings: scene.settings,
      now: scene.now,
      random: () => "abcd",
      record: null,
      sessions: new Map(),
      stickTables: new Map(),
      preflight: null,
      commandText: (change) => change.kind,
    });
    values.push(performance.now() - start);
  }
  return median(values.slice(5));
}

export async function measureActing(): Promise<Result[]> {
  return [
    { name: "plan for 50 marked servers", value: measurePlanMs(), unit: "ms", budget: 50 },
    { name: "y to DRAIN in show stat, one HAProxy", value: await measureOn(1), unit: "ms", budget: 150 },
    { name: "y to DRAIN in show stat on all of ten HAProxies", value: await measureOn(10), unit: "ms", budget: 150 },
  ];
}
