/** From arguments to an exit code. Everything a command needs is imported when it runs: `--version` must cost next to nothing. */
import type { OpenOperations } from "./commands/change.ts";
import { EXIT } from "./exit-codes.ts";
import { Interrupted } from "./interruption.ts";
import type { CliIo } from "./io.ts";

/** Problems shown at once; more than these only hide the first. */
const MOST_PROBLEMS = 10;

/** Runs one command line (without the program's own name). Resolves with the exit code, never rejects. */
export async function run(argv: readonly string[], io: CliIo, open?: OpenOperations): Promise<number> {
  let isChange = false;
  try {
    if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) {
      const { readVersion } = await import("./version.ts");
      io.stdout.write(`${readVersion()}\n`);
      return EXIT.ok;
    }
    const { buildProgram } = await import("./program.ts");
    let exitCode: number = EXIT.ok;
    const finish = (code: number) => {
      exitCode = code;
    };
    const program = buildProgram(io, finish, open, () => {
      isChange = true;
    });
    await program.parseAsync(argv, { from: "user" });
    return exitCode;
  } catch (error) {
    const exitCode = await reportError(error, io);
    if (isChange && argv.includes("--json")) await reportErrorEvent(error, exitCode, io);
    return exitCode;
  }
}

/** The same for whoever reads only the events of a changing command. */
async function reportErrorEvent(error: unknown, exitCode: number, io: CliIo): Promise<void> {
  if (!(error instanceof Error) || (exitCode !== EXIT.usage && exitCode !== EXIT.config)) return;
  const { formatErrorEvent } = await import("./change/report-json.ts");
  io.stdout.write(formatErrorEvent(io.now(), exitCode, error.message));
}

/** Says in one line (for a configuration: one per problem) what went wrong; returns the exit code for it. */
export async function reportError(error: unknown, io: CliIo): Promise<number> {
  const { ConfigError, UsageError, formatProblem } = await import("../config/config-error.ts");
  const { RequestError } = await import("../operations/errors.ts");
  const { CommanderError } = await import("commander");
  const { printable } = await import("../model/printable.ts");
  const say = (text: string) => io.stderr.write(`${printable(text)}\n`);
  if (error instanceof ConfigError) {
    for (const problem of error.problems.slice(0, MOST_PROBLEMS)) say(formatProblem(problem));
    const more = error.problems.length - MOST_PROBLEMS;
    if (more > 0) say(`signalbox: ${more} more problem${more === 1 ? "" : "s"} in the same configuration`);
    return EXIT.config;
  }
  if (error instanceof UsageError || error instanceof RequestError) {
    say(`signalbox: ${error.message}`);
    return EXIT.usage;
  }
  if (error instanceof Interrupted) return EXIT.interrupted;
  // Commander has printed its message, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  say(`signalbox: internal error: ${error instanceof Error ? error.message : String(error)}`);
  if (io.env.SIGNALBOX_DEBUG && error instanceof Error) io.stderr.write(`${error.stack}\n`);
  const { CrashedError } = await import("./recording/crashed.ts");
  if (error instanceof CrashedError)
    say(`signalbox: what it saw before that can be replayed: signalbox replay ${error.report}`);
  return EXIT.internal;
}
