/**
 * `npm run screens`: the screens of the README, taken from the built program in a pseudo-terminal, over a cluster of real servers (R1 with
 * two HAProxies, under traffic) in which the same has gone wrong every time. Replaces what stands between their markers.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { setThread } from "../test/lab/faults.ts";
import { type Lab, startLab, startTraffic } from "../test/lab/index.ts";
import { ensureBuilt, type RunningProgram, startProgram } from "../test/support/program.ts";
import { replaceScreen } from "./readme/markers.ts";
import { SCREENS, type ScreenSpec } from "./readme/screens.ts";

const README = new URL("../README.md", import.meta.url);

/** db4 falls behind and catches up; later it stops for good, and somebody drains db3 on one HAProxy only. */
async function spoil(lab: Lab): Promise<void> {
  await delay(18_000);
  await setThread(lab.node("db4"), "sql", false);
  await delay(9_000);
  await setThread(lab.node("db4"), "sql", true);
  await delay(20_000);
  await setThread(lab.node("db4"), "sql", false);
  await lab.haproxy("lb1").command("set server read_nodes/db3 state drain");
  await delay(8_000);
}

async function take(program: RunningProgram, { keys, until }: ScreenSpec): Promise<string[]> {
  for (const { key, shown } of keys) {
    await program.waitFor(shown, 20_000);
    program.type(key);
  }
  await program.waitFor(until, 20_000);
  // A frame comes in pieces: the next tick is most of a second away once nothing has moved for this long.
  for (;;) {
    const before = program.screen();
    await delay(200);
    if (before.join() === program.screen().join()) return before;
  }
}

ensureBuilt();
const lab = await startLab({ topology: "r1", haproxies: 2 });
const traffic = startTraffic({ port: lab.writePort, rate: 40 });
const programs = SCREENS.map(({ columns, rows }) => startProgram({ args: ["-c", lab.configPath], columns, rows }));
try {
  await spoil(lab);
  let text = readFileSync(README, "utf8");
  for (const [index, screen] of SCREENS.entries()) {
    const program = programs[index];
    if (program !== undefined) text = replaceScreen(text, screen.id, await take(program, screen));
  }
  writeFileSync(README, text);
} finally {
  await traffic.stop();
  for (const program of programs) {
    program.kill();
    await program.exited;
  }
  await lab.stop();
}
