/** A changing command on a terminal that goes away, as it does when an SSH session is lost. */
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { spawn } from "@lydell/node-pty";
import { type Lab, waitFor } from "../lab/index.ts";
import { ensureBuilt, PROGRAM } from "../support/program.ts";
import type { Actor } from "./act-runner.ts";

/** Runs on a terminal of its own, closes that when the text is seen, and tells the exit code, which a shell that does not mind keeps. */
export async function closeTerminalAt(
  lab: Lab,
  { stateDir }: Actor,
  text: string,
  args: readonly string[],
): Promise<number> {
  ensureBuilt();
  const file = join(mkdtempSync(join(lab.dir, "code-")), "code");
  const line = `trap "" HUP; "$0" "$@"; echo $? > ${file}`;
  const terminal = spawn("sh", ["-c", line, process.execPath, PROGRAM, ...args, "-c", lab.configPath], {
    cols: 120,
    rows: 40,
    env: { PATH: process.env.PATH, HOME: "/nonexistent", SIGNALBOX_STATE_DIR: stateDir },
  });
  let out = "";
  terminal.onData((data) => {
    out += data;
  });
  await waitFor(`${text} on the terminal`, () => out.includes(text));
  // Not in the type; closes our side, which is what a lost SSH session does.
  (terminal as unknown as { destroy(): void }).destroy();
  await waitFor("the exit code", () => existsSync(file) && readFileSync(file, "utf8") !== "");
  return Number(readFileSync(file, "utf8"));
}
