/** What a hanging node and a hanging terminal may cost: a stale mark in time, and no delayed poll of anybody else. Needs real servers. */
import { setTimeout as delay } from "node:timers/promises";
import type { Lab, LabNode } from "../test/lab/index.ts";
import { startProgram } from "../test/support/program.ts";
import type { Result } from "./measure.ts";

/** Counts what only the console asks: HAProxy's checks and our own question are no replica status. */
async function polls(node: LabNode): Promise<number> {
  const rows = await node.query("SHOW GLOBAL STATUS LIKE 'Com_show_slave_status'");
  return Number((rows[0] as { Value: string }).Value);
}

/** The longest time without a poll of the node, in ms; samples every 20 ms. */
async function longestSilenceMs(node: LabNode, overMs: number): Promise<number> {
  const started = performance.now();
  let last = await polls(node);
  let lastChange = started;
  let longest = 0;
  while (performance.now() - started < overMs) {
    await delay(20);
    const now = await polls(node);
    if (now === last) continue;
    longest = Math.max(longest, performance.now() - lastChange);
    lastChange = performance.now();
    last = now;
  }
  return Math.max(longest, performance.now() - lastChange);
}

/** db4 is stopped; its row must turn stale within interval + 1 s while db2 is asked at its usual pace. */
export async function measureHangingNode(lab: Lab): Promise<Result[]> {
  const [frozen, other] = [lab.node("db4"), lab.node("db3")];
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
  const program = startProgram({ args: ["-c", lab.configPath], columns: 200, rows: 60 });
  try {
    await program.waitFor(/\bUP\b/, 20_000);
    await delay(3_000);
    program.stopReading();
    // Keys make it draw until the pipe is full: a terminal at rest would take minutes to fill.
    for (let round = 0; round < 400; round++) program.send(["2", "3", "1", "?", "\x1b"][round % 5] ?? "1");
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
