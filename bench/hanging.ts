/** What a hanging node and a hanging terminal may cost: a stale mark in time, and no delayed poll of anybody else. Needs real servers. */
import { setTimeout as delay } from "node:timers/promises";
import type { Lab, LabNode } from "../test/lab/index.ts";
import { startProgram } from "../test/support/program.ts";
import { percentile, type Result } from "./measure.ts";

async function questions(node: LabNode): Promise<number> {
  const rows = await node.query("SHOW GLOBAL STATUS LIKE 'Questions'");
  return Number((rows[0] as { Value: string }).Value);
}

/** Samples how many statements a node has answered; returns the longest time without one beside our own question, in ms. */
async function longestSilenceMs(node: LabNode, overMs: number): Promise<number> {
  const started = performance.now();
  let last = await questions(node);
  let lastChange = started;
  let longest = 0;
  while (performance.now() - started < overMs) {
    await delay(50);
    const now = await questions(node);
    // Our own connection asks a few statements per sample: anything above what an idle sample adds is a poll.
    if (now - last > OWN_STATEMENTS) {
      longest = Math.max(longest, performance.now() - lastChange);
      lastChange = performance.now();
    }
    last = now;
  }
  return Math.max(longest, performance.now() - lastChange);
}

let OWN_STATEMENTS = 1;

async function calibrate(node: LabNode): Promise<void> {
  const samples: number[] = [];
  let last = await questions(node);
  for (let round = 0; round < 20; round++) {
    const now = await questions(node);
    samples.push(now - last);
    last = now;
  }
  OWN_STATEMENTS = percentile(samples, 0.5);
}

/** db3 is stopped; its row must turn stale within interval + 1 s while db2 is asked at its usual pace. */
export async function measureHangingNode(lab: Lab): Promise<Result[]> {
  const [frozen, other] = [lab.node("db4"), lab.node("db3")];
  await calibrate(other);
  const program = startProgram({ args: ["-c", lab.configPath], columns: 160, rows: 40 });
  try {
    await program.waitFor(/\bUP\b/, 20_000);
    await delay(4_000);
    const calm = await longestSilenceMs(other, 6_000);
    const start = performance.now();
    await frozen.freeze();
    await program.waitFor((screen) => screen.some((line) => /\bdb4\b.*(stale|~\s?\d|timeout|\?)/.test(line)), 10_000);
    const staleAfter = performance.now() - start;
    const during = await longestSilenceMs(other, 6_000);
    return [
      { name: "a node that stops answering shows as stale after", value: staleAfter, unit: "ms", budget: 2_000 },
      { name: "longest pause of another node's polls, all well", value: calm, unit: "ms", budget: null },
      { name: "longest pause of another node's polls, one node hanging", value: during, unit: "ms", budget: 1_500 },
    ];
  } finally {
    await frozen.thaw();
    program.kill();
    await program.exited;
  }
}

/** Nobody reads the terminal for 10 s: the polls of a node must go on at their pace. */
export async function measureHangingTerminal(lab: Lab): Promise<Result[]> {
  const node = lab.node("db3");
  await calibrate(node);
  const program = startProgram({ args: ["-c", lab.configPath], columns: 200, rows: 60 });
  try {
    await program.waitFor(/\bUP\b/, 20_000);
    await delay(3_000);
    program.stopReading();
    // Keys make it draw until the pipe is full: a terminal at rest would take minutes to fill.
    for (let round = 0; round < 400; round++) program.type(["2", "3", "1", "?", "\x1b"][round % 5] ?? "1");
    const pause = await longestSilenceMs(node, 10_000);
    return [
      {
        name: "longest pause of a node's polls, terminal not reading for 10 s",
        value: pause,
        unit: "ms",
        budget: 1_500,
      },
    ];
  } finally {
    program.resumeReading();
    program.kill();
    await program.exited;
  }
}
