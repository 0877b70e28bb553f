/** The command line as commander knows it: names, options, help. What a command does is in its own file, loaded when it runs. */
import { Argument, Command, Option } from "commander";
import { UsageError } from "../config/config-error.ts";
import { findNearMatch } from "../model/near-match.ts";
import { addChangeCommands } from "./change/add-change-commands.ts";
import type { OpenOperations } from "./commands/change.ts";
import type { ConsoleOptions } from "./commands/console.ts";
import type { DoctorOptions } from "./commands/doctor.ts";
import type { InitOptions } from "./commands/init.ts";
import type { OperationsOptions } from "./commands/operations.ts";
import type { RecordOptions } from "./commands/record.ts";
import type { ReportOptions } from "./commands/report.ts";
import type { StatusOptions } from "./commands/status.ts";
import type { WatchOptions } from "./commands/watch.ts";
import { COMPLETE_COMMAND, SHELLS, type Shell } from "./completion/script.ts";
import type { DemoOptions } from "./demo/options.ts";
import { addGlobalOptions, collect, type GlobalOptions } from "./global-options.ts";
import type { CliIo } from "./io.ts";
import { requireTerminal } from "./require-terminal.ts";
import { readVersion } from "./version.ts";

/**
 * Builds the parser. `finish` takes the exit code of the command that ran; `open` stands in for the real operations in tests; `onChange` is called
 * when the command line turns out to be that of a changing command, before anything of it is looked at.
 */
export function buildProgram(
  io: CliIo,
  finish: (exitCode: number) => void,
  open?: OpenOperations,
  onChange: () => void = () => undefined,
): Command {
  const program = new Command("signalbox");
  program
    .description("Terminal operations console for MySQL and MariaDB replication clusters behind HAProxy.")
    .version(readVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      // One line, also where commander adds its "did you mean" on a second one.
      outputError: (text, write) => write(`signalbox: ${toOneLine(text)}\n`),
    })
    .exitOverride((error) => {
      throw Object.assign(error, { message: toOneLine(error.message) });
    });
  addGlobalOptions(program);
  addConsole(program, io, finish);
  addWatch(program, io, finish);
  addStatus(program, io, finish);
  addDoctor(program, io, finish);
  addInit(program, io, finish);
  addDemo(program, io, finish);
  const others = new Set(program.commands);
  addChangeCommands(program, async (ask, options) => {
    const { runChangeCommand } = await import("./commands/change.ts");
    finish(await runChangeCommand(io, options, ask, open ?? (await import("../engine/operations.ts")).openOperations));
  });
  const changing = new Set(program.commands.filter((command) => !others.has(command)));
  program.hook("preSubcommand", (_program, command) => {
    if (changing.has(command)) onChange();
  });
  addOperations(program, io, finish);
  addRecordings(program, io, finish);
  addReport(program, io, finish);
  addCompletion(program, io, finish);
  program.addHelpText("after", HELP_END);
  return program;
}

function toOneLine(text: string): string {
  return text
    .replace(/^error: /, "")
    .trim()
    .replace(/\s*\n\s*/g, " ");
}

/** As in ui/wall/announce.ts, which is not loaded for a list of words; the types keep them the same. */
const NOTIFY_WAYS: readonly NonNullable<WatchOptions["notify"]>[] = ["osc9", "osc777"];

const HELP_END = `
Configuration: --config, $SIGNALBOX_CONFIG, ./signalbox.yaml, $XDG_CONFIG_HOME/signalbox/config.yaml, /etc/signalbox/config.yaml.
Exit codes: status and doctor 0 healthy, 1 warning, 2 critical, 3 cannot tell; 64 usage, 78 configuration, 130 interrupted.
Changing commands 0 done and verified, 4 refused, 5 failed and rolled back, 6 failed and not fully rolled back.`;

function addConsole(program: Command, io: CliIo, finish: (exitCode: number) => void): void {
  program
    .command("console", { isDefault: true })
    .description("the interactive console (default)")
    .option("--metrics <host:port>", "serve OpenMetrics text there, e.g. 127.0.0.1:9599")
    // Commander hands every word it does not know to the default command.
    .allowExcessArguments()
    .action(async (_options: unknown, command: Command) => {
      const [word] = command.args;
      if (word !== undefined) throw unknownCommand(program, word);
      requireTerminal(io, "the console");
      const { runConsoleCommand } = await import("./commands/console.ts");
      finish(await runConsoleCommand(io, command.optsWithGlobals<ConsoleOptions>()));
    });
}

function addWatch(program: Command, io: CliIo, finish: (exitCode: number) => void): void {
  program
    .command("watch")
    .description("wall screen, read from across a room; never asks, acts or ends by itself")
    .option("--rotate <time>", "one cluster at a time for this long, e.g. 20s; without it all as tiles")
    .option("--bell", "ring the terminal's bell when something gets worse")
    .addOption(
      new Option("--notify <way>", "notification of the terminal when something gets worse").choices(NOTIFY_WAYS),
    )
    .option("--metrics <host:port>", "serve OpenMetrics text there, e.g. 127.0.0.1:9599")
    .action(async (_options: unknown, command: Command) => {
      requireTerminal(io, "watch");
      const { runWatchCommand } = await import("./commands/watch.ts");
      finish(await runWatchCommand(io, command.optsWithGlobals<WatchOptions>()));
    });
}

function addStatus(program: Command, io: CliIo, finish: (exitCode: number) => void): void {
  program
    .command("status")
    .description("one look at the clusters, printed")
    .option("--json", "print JSON (docs/status.schema.json)")
    .action(async (_options: unknown, command: Command) => {
      const [{ runStatusCommand }, { observeOnce }] = await Promise.all([
        import("./commands/status.ts"),
        import("../engine/in-process.ts"),
      ]);
      finish(await runStatusCommand(io, command.optsWithGlobals<StatusOptions>(), observeOnce));
    });
}

const HAPROXY_CONFIG_OPTION =
  "haproxy.cfg of the HAProxies, in order; found by itself where one runs here or behind SSH";

function addDoctor(program: Command, io: CliIo, finish: (exitCode: number) => void): void {
  program
    .command("doctor")
    .description("what would keep each action from working, with the fix; changes nothing")
    .option("--json", "print JSON (docs/doctor.md)")
    .addOption(new Option("--haproxy-config <file>", HAPROXY_CONFIG_OPTION).argParser(collect))
    .action(async (_options: unknown, command: Command) => {
      const [{ runDoctorCommand }, { openDoctorParts }] = await Promise.all([
        import("./commands/doctor.ts"),
        import("./doctor/open-parts.ts"),
      ]);
      finish(await runDoctorCommand(io, command.optsWithGlobals<DoctorOptions>(), openDoctorParts));
    });
}

function addInit(program: Command, io: CliIo, finish: (exitCode: number) => void): void {
  program
    .command("init")
    .description("discovers servers and nodes from --haproxy and --mysql, and prints a commented configuration")
    .option("-o, --output <file>", "write it to this file, which must not exist yet")
    .option("--force", "overwrite the file")
    .addOption(new Option("--haproxy-config <file>", HAPROXY_CONFIG_OPTION).argParser(collect))
    .action(async (_options: unknown, command: Command) => {
      const [{ runInitCommand }, { openDoctorParts }] = await Promise.all([
        import("./commands/init.ts"),
        import("./doctor/open-parts.ts"),
      ]);
      finish(await runInitCommand(io, command.optsWithGlobals<InitOptions>(), openDoctorParts));
    });
}

function addDemo(program: Command, io: CliIo, finish: (exitCode: number) => void): void {
  program
    .command("demo")
    .description("training simulator: a whole cluster in one process")
    .option("--scenario <name>", "something to solve, with hints and a score")
    .option("--list", "list the scenarios")
    .option("--cluster-shape <shape>", "r1, r2, r3, r4 or r5 (default r1)")
    .option("--tour", "begin with a tour of two minutes")
    .option("--server <product>", "what its databases are: mariadb or mysql (default mariadb)")
    .option("--speed <factor>", "how much faster than the clock the cluster lives, 1 to 20 (default 1)")
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<DemoOptions>();
      if (options.list !== true) requireTerminal(io, "the demo");
      const { runDemoCommand } = await import("./commands/demo.ts");
      finish(await runDemoCommand(io, options));
    });
}

function addOperations(program: Command, io: CliIo, finish: (exitCode: number) => void): void {
  const load = () => Promise.all([import("./commands/operations.ts"), import("../engine/operations.ts")]);
  const operations = program
    .command("operations")
    .description("journal of operations")
    .option("--json", "print JSON")
    .option("--limit <number>", "newest ones to list (default 50)")
    .action(async (_options: unknown, command: Command) => {
      const [{ runOperationsCommand }, { openJournal }] = await load();
      finish(await runOperationsCommand(io, command.optsWithGlobals<OperationsOptions>(), openJournal(io.env)));
    });
  operations
    .command("show")
    .argument("<id>")
    .description("one operation with every line of its journal")
    .option("--json", "print JSON")
    .option("--markdown", "print a report for an incident channel")
    .action(async (id: string, _options: unknown, command: Command) => {
      const [{ runShowOperation }, { openJournal }] = await load();
      finish(await runShowOperation(io, command.optsWithGlobals<OperationsOptions>(), openJournal(io.env), id));
    });
}

function addRecordings(program: Command, io: CliIo, finish: (exitCode: number) => void): void {
  program
    .command("record")
    .argument("<file>", "where to, a new file")
    .description("records what the console would see into a file, until Ctrl-C; changes nothing")
    .option("--for <time>", "end after this time, such as 10m")
    .option(
      "--with-queries",
      "with the sessions of the writer and the texts of their statements, which are left out otherwise",
    )
    .option("--force", "replace a file that is there")
    .action(async (file: string, _options: unknown, command: Command) => {
      const { runRecordCommand } = await import("./commands/record.ts");
      finish(await runRecordCommand(io, command.optsWithGlobals<RecordOptions>(), file));
    });
  program
    .command("replay")
    .argument("<file>", "a recording, or a crash report")
    .description("the console on a recording, with a timeline; connects to nothing")
    .action(async (file: string, _options: unknown, command: Command) => {
      requireTerminal(io, "replay");
      const { runReplayCommand } = await import("./commands/replay.ts");
      finish(await runReplayCommand(io, command.optsWithGlobals<GlobalOptions>(), file));
    });
}

function addReport(program: Command, io: CliIo, finish: (exitCode: number) => void): void {
  program
    .command("report")
    .argument("[file]", "a recording: with state changes and alerts; without it the journal of this machine")
    .description("what happened, and who did what with which commands: Markdown for an incident channel")
    .option("--since <time>", "how far back, such as 30m or 24h (default 1h; of a recording all of it)")
    .option("--json", "print JSON")
    .action(async (file: string | undefined, _options: unknown, command: Command) => {
      const load = [import("./commands/report.ts"), import("../engine/operations.ts")] as const;
      const [{ runReportCommand }, { openJournal }] = await Promise.all(load);
      const options = command.optsWithGlobals<ReportOptions>();
      finish(await runReportCommand(io, options, openJournal(io.env), file ?? null));
    });
}

function addCompletion(program: Command, io: CliIo, finish: (exitCode: number) => void): void {
  const load = () => import("./commands/completion.ts");
  program
    .command("completion")
    .description("prints the completion script of a shell")
    .addArgument(new Argument("<shell>", "whose script").choices(SHELLS))
    .action(async (shell: Shell) => finish((await load()).printCompletionScript(io, shell)));
  program
    .command(COMPLETE_COMMAND, { hidden: true })
    .argument("<shell>")
    .argument("[words...]")
    .action(async (shell: string, words: string[]) =>
      finish(await (await load()).answerCompletion(io, program, shell, words)),
    );
}

function unknownCommand(program: Command, word: string): UsageError {
  const near = findNearMatch(
    word,
    program.commands.map((command) => command.name()),
  );
  const meant = near === null ? "signalbox --help lists the commands" : `did you mean ${near}?`;
  return new UsageError(`unknown command ${JSON.stringify(word)}; ${meant}`);
}
