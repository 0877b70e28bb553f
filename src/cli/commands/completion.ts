/** `signalbox completion SHELL`: the script for a shell; and what that script asks at every Tab. */
import type { Command } from "commander";
import { readConfiguredNames } from "../../config/configured-names.ts";
import { readSurroundings } from "../../config/load-settings.ts";
import { BUILT_IN_THEMES } from "../../model/theme.ts";
import { complete } from "../completion/complete.ts";
import { SCRIPTS, SHELLS, type Shell } from "../completion/script.ts";
import { EXIT } from "../exit-codes.ts";
import type { CliIo } from "../io.ts";

export function printCompletionScript(io: CliIo, shell: Shell): number {
  io.stdout.write(SCRIPTS[shell]);
  return EXIT.ok;
}

/** One candidate per line, with what it is about after a tab. Says nothing where it cannot: a shell is no place for our errors. */
export async function answerCompletion(
  io: CliIo,
  program: Command,
  given: string,
  words: readonly string[],
): Promise<number> {
  const shell = SHELLS.find((each) => each === given) ?? "bash";
  const around = readSurroundings(io.env, io.cwd);
  const nothing = { clusters: [], haproxies: [], nodes: [], servers: [], themes: BUILT_IN_THEMES };
  const expand = (path: string | null) => (path?.startsWith("~/") ? `${around.homeDir}${path.slice(1)}` : path);
  const found = await complete(program, shell, words, (config, cluster) =>
    readConfiguredNames(expand(config), cluster, around).catch(() => nothing),
  );
  const lines = found.map(({ word, about }) => (about === "" ? word : `${word}\t${about.replace(/\s+/g, " ")}`));
  io.stdout.write(lines.map((line) => `${line}\n`).join(""));
  return EXIT.ok;
}
