/** Whether a demo offers the tour: the first one of a user does. */
import { access, writeFile } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import { makeFolder } from "../../operations/journal/make-folder.ts";
import type { CliIo } from "../io.ts";
import type { TrainingOptions } from "../open-console.ts";
import type { DemoOptions } from "./options.ts";

/**
 * Runs the demo with the tour as it is to be: under way with `--tour`, offered in the first demo of this user, else left to its key.
 * Not offered where nobody may be looking (CI), and where it could not be remembered that it was.
 */
export async function withTour(
  io: CliIo,
  options: DemoOptions,
  run: (training: TrainingOptions) => Promise<number>,
): Promise<number> {
  const mark = selectMark(io.env);
  const isFirst = mark !== null && !io.env.CI && !(await exists(mark));
  if (options.tour !== true && !isFirst) return run({ training: true });
  const exitCode = await run({ training: true, tour: options.tour === true ? "running" : "offered" });
  if (mark !== null) await keepMark(mark);
  return exitCode;
}

/** `$XDG_STATE_HOME/signalbox/tour`, else `~/.local/state/signalbox/tour`; null without a home. */
function selectMark({ XDG_STATE_HOME: state, HOME: home }: CliIo["env"]): string | null {
  if (state !== undefined && isAbsolute(state)) return join(state, "signalbox", "tour");
  return home === undefined || home === "" ? null : join(home, ".local", "state", "signalbox", "tour");
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** A home that cannot be written to is no reason to end a demo with an error: the tour is offered again. */
async function keepMark(path: string): Promise<void> {
  try {
    await makeFolder(dirname(path));
    await writeFile(path, "The tour of signalbox was offered. Without this file it is offered again.\n", {
      mode: 0o600,
    });
  } catch {
    // See above.
  }
}
