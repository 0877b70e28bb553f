/** man/signalbox.1 from the tables of commands and keys that the help is made from. */
import type { Argument, Command, Option } from "commander";
import { KEYMAP, type KeyBinding, keyLabel, paneTitle } from "../../src/ui/keymap.ts";
import { ENVIRONMENT, EXIT_STATUS, FILES } from "./facts.ts";
import { bold, entry, escapeText, section, subsection, withVariables } from "./roff.ts";

const DESCRIPTION = `.B signalbox
shows MySQL and MariaDB replication clusters behind HAProxy, one row per node: who gets writes, who serves reads, who follows whom and how far
behind, and where these contradict each other. It takes servers out and puts them back, and moves the writes to another node. Every change is a
plan with the exact commands first, asked of guards, confirmed, written to a journal, read back, and can be undone.
.PP
Without a command it opens the console. Options of the program may stand before or after the command.
`;

const EXAMPLES = [
  ["A training cluster in one process:", "signalbox demo"],
  ["Look once, without a configuration file:", "signalbox status --haproxy unix:///run/haproxy/admin.sock"],
  [
    "Write a configuration of what is there:",
    "signalbox init --haproxy unix:///run/haproxy/admin.sock -o signalbox.yaml",
  ],
  ["Take a server out and wait until its sessions have gone:", "signalbox drain read_nodes/db2 --wait"],
  ["Show the whole plan of a promotion, and change nothing:", "signalbox promote db2 --dry-run"],
] as const;

function formatOption(option: Option): string {
  const choices = option.argChoices === undefined ? "" : `; one of ${option.argChoices.join(", ")}`;
  return entry(withVariables(option.flags), option.description + choices);
}

function formatArgument(argument: Argument): string {
  const choices = argument.argChoices === undefined ? "" : `: ${argument.argChoices.join(", ")}`;
  return entry(withVariables(`<${argument.name()}>`), `${argument.description}${choices}`);
}

const visibleCommands = (command: Command): readonly Command[] => command.createHelp().visibleCommands(command);
const visibleOptions = (command: Command): readonly Option[] =>
  command
    .createHelp()
    .visibleOptions(command)
    .filter(({ long }) => long !== "--help");

const keyOf = (option: Option): string => `${option.flags} ${option.description}`;
const withBelow = (command: Command): readonly Command[] => [command, ...visibleCommands(command).flatMap(withBelow)];

/** So many commands take the same option that it is told once for all of them. */
const MANY = 6;

interface Shared {
  readonly options: readonly Option[];
  readonly commands: readonly string[];
}

/** Options that most commands share, all with the same words: those of commands that change something. */
function findShared(program: Command): Shared {
  const commands = visibleCommands(program).flatMap(withBelow);
  const all = commands.flatMap(visibleOptions);
  const many = all.filter((option) => all.filter((each) => keyOf(each) === keyOf(option)).length >= MANY);
  const options = [...new Map(many.map((option) => [keyOf(option), option])).values()];
  const takesAll = (command: Command) => {
    const own = visibleOptions(command).map(keyOf);
    return options.length > 0 && options.every((option) => own.includes(keyOf(option)));
  };
  const names = visibleCommands(program).filter((command) => withBelow(command).some(takesAll));
  return { options, commands: names.map((command) => command.name()) };
}

function formatTaken(argument: Argument): string {
  const word = `${withVariables(`<${argument.name()}>`)}${argument.variadic ? "..." : ""}`;
  return argument.required ? word : `[${word}]`;
}

/** A command and those below it, each with what it takes of its own. */
function formatCommand(command: Command, above: string, shared: Shared): string {
  const name = `${above}${command.name()}`;
  const below = visibleCommands(command).map((each) => formatCommand(each, `${name} `, shared));
  const takes = below.length > 0 ? [] : command.registeredArguments;
  const line = [bold(name), ...takes.map(formatTaken)];
  const isShared = (option: Option) => shared.options.some((each) => keyOf(each) === keyOf(option));
  const options = visibleOptions(command).filter((option) => !isShared(option));
  const described = takes.filter(({ description, argChoices }) => description !== "" || argChoices !== undefined);
  const own = `.PP\n${line.join(" ")}\n.RS 4\n${escapeText(command.description())}\n`;
  const details = [...described.map(formatArgument), ...options.map(formatOption)];
  return `${own}${details.join("")}.RE\n${below.join("")}`;
}

function formatCommands(program: Command): string {
  const shared = findShared(program);
  const own = visibleCommands(program).map((command) => formatCommand(command, "", shared));
  const who = `${shared.commands.map(bold).join(", ")} take these too:\n`;
  const common = subsection(
    "Options of commands that change something",
    who + shared.options.map(formatOption).join(""),
  );
  return own.join("") + common;
}

function formatKeys(bindings: readonly KeyBinding[]): string {
  return bindings
    .map(({ keys, title, panes, changes }) => {
      const tag = keys.length === 0 ? ":" : keys.map((key) => keyLabel(key, false)).join(", ");
      const where = panes === "all" ? "" : ` (${panes.map(paneTitle).join(", ")})`;
      return entry(bold(tag), `${title}${where}${changes ? "; not in read-only mode" : ""}`);
    })
    .join("");
}

function formatKeymap(): string {
  const groups = [...new Set(KEYMAP.map(({ group }) => group))];
  const intro = "The console lists its keys at ?, and finds every action by any of its names at : (a colon).";
  return `${escapeText(intro)}\n${groups
    .map((group) => subsection(group, formatKeys(KEYMAP.filter((binding) => binding.group === group))))
    .join("")}`;
}

const formatRows = (rows: readonly (readonly [string, string])[]): string =>
  rows.map(([what, about]) => entry(bold(what), about)).join("");

const SYNOPSIS = `.B signalbox
.RI [ options ]
.RI [ command ]
.RI [ arguments ]
`;

/** @param program the parser with all its commands */
export function buildManPage(program: Command, version: string): string {
  const examples = EXAMPLES.map(
    ([about, line]) => `.PP\n${escapeText(about)}\n.PP\n.RS 4\n.EX\n${escapeText(line)}\n.EE\n.RE\n`,
  );
  const parts = [
    '.\\" Made by "npm run man" from the tables of commands and keys; do not edit by hand.\n',
    `.TH SIGNALBOX 1 "" "signalbox ${version}" "User Commands"\n`,
    section(
      "NAME",
      `signalbox \\- ${escapeText(
        program
          .description()
          .replace(/^\w/, (letter) => letter.toLowerCase())
          .replace(/\.$/, ""),
      )}\n`,
    ),
    section("SYNOPSIS", SYNOPSIS),
    section("DESCRIPTION", DESCRIPTION),
    section(
      "OPTIONS",
      visibleOptions(program).map(formatOption).join("") +
        entry(withVariables("-h, --help"), "print help, also of a command"),
    ),
    section("COMMANDS", formatCommands(program)),
    section("KEYS", formatKeymap()),
    section('"EXIT STATUS"', formatRows(EXIT_STATUS)),
    section("ENVIRONMENT", formatRows(ENVIRONMENT)),
    section("FILES", formatRows(FILES)),
    section("EXAMPLES", examples.join("")),
    section('"SEE ALSO"', ".BR mysql (1),\n.BR haproxy (1),\n.BR ssh_config (5)\n"),
  ];
  return parts.join("");
}
