/** A promotion on real servers, recorded by the console that makes it. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Lab } from "../lab/index.ts";
import { type RunningProgram, startProgram } from "../support/program.ts";

const RUN_MS = 30_000;

/** The row of a node with its role, as it is on screen. */
export const shows = (node: string, role: string) => (screen: readonly string[]) =>
  screen.some((line) => new RegExp(`\\b${node}\\b.*\\b${role}\\b`).test(line));

/** Promotes db2 of an R1 while the console records. Resolves with the path of the recording. */
export async function recordPromotion(lab: Lab, stateDir: string): Promise<string> {
  const env = { SIGNALBOX_STATE_DIR: stateDir, SUDO_USER: "ann" };
  const program = startProgram({ args: ["-c", lab.configPath], columns: 120, rows: 30, env });
  try {
    // Not only that nobody complains: that everybody has answered.
    await program.waitFor("no alerts", RUN_MS);
    await program.waitFor(shows("db1", "source"));
    for (const node of ["db2", "db3", "db4"]) await program.waitFor(shows(node, "replica"));
    program.type("v");
    await program.waitFor(/REC .*\d\d:\d\d:\d\d/);
    await promote(program);
    program.type("v");
    await program.waitFor("recorded ");
    program.type("q");
    await program.exited;
  } finally {
    program.kill();
  }
  const [name] = readdirSync(join(stateDir, "recordings"));
  if (name === undefined) throw new Error("nothing was recorded");
  return join(stateDir, "recordings", name);
}

async function promote(program: RunningProgram): Promise<void> {
  program.type("/db2\r");
  await program.waitFor((screen) => screen.some((line) => /^▶.*\bdb2\b/.test(line)));
  program.type("P");
  await program.waitFor("Type db2 and press Enter");
  await program.waitFor("no guard objects");
  program.type("db2");
  await program.waitFor("> db2", 3_000);
  program.type("\r");
  await program.waitFor(/^ {2}DONE/m, RUN_MS);
  program.type("\u001b");
  await program.waitFor((screen) => !/^operation /.test(screen[2] ?? ""));
  program.type("\u001b");
  await program.waitFor(shows("db2", "source"));
  await program.waitFor(shows("db1", "replica"));
}
