/** One line of the runtime socket to its answer: `;` pipelines, words, levels, help and unknown commands, as 2.6.12 does them. */
import { changeCommands } from "./change-commands.ts";
import { accepted, type CliLevel, type Command, type CommandContext, say } from "./command.ts";
import { sessionCommands } from "./session-commands.ts";
import { showCommands } from "./show-commands.ts";

const rank: Record<CliLevel, number> = { user: 0, operator: 1, admin: 2 };
const closingWords = new Set(["prompt", "quit"]);
const commands: readonly Command[] = [...changeCommands, ...showCommands, ...sessionCommands].sort((left, right) =>
  left.words.join(" ") < right.words.join(" ") ? -1 : 1,
);

/** Parts of a line between `;`, where `\` takes the meaning from the character after it. */
export function splitCommands(line: string): string[] {
  const parts = [""];
  for (let index = 0; index < line.length; index += 1) {
    const character = line[index] ?? "";
    const last = parts.length - 1;
    if (character === "\\") {
      index += 1;
      parts[last] += line[index] ?? "";
    } else if (character === ";") parts.push("");
    else parts[last] += character;
  }
  return parts;
}

function matches(command: Command, words: readonly string[]): boolean {
  return command.words.every((word, index) => words[index] === word);
}

function listCommands(heading: string, wanted: (command: Command) => boolean): string {
  const listed = commands.filter((command) => wanted(command) && !closingWords.has(command.words[0] ?? ""));
  const lines = [
    ...listed.map((command) => command.help),
    "help [<command>]                        : list matching or all commands",
  ];
  const tail = commands.filter((command) => closingWords.has(command.words[0] ?? "")).map((command) => command.help);
  return say([heading, ...[...lines, ...tail].map((line) => `  ${line}`)].join("\n"));
}

function answerHelp(words: readonly string[]): string {
  return listCommands("The following commands are valid at this level:", (command) =>
    words.every((word, index) => command.words[index]?.startsWith(word) ?? false),
  );
}

function answerUnknown(words: readonly string[]): string {
  const near = (command: Command): boolean => command.words[0] === words[0];
  if (!commands.some(near))
    return listCommands("Unknown command. Please enter one of the following commands only:", () => true);
  return listCommands("Unknown command, but maybe one of the following ones is a better match:", near);
}

const severityNumbers: Readonly<Record<string, string>> = { error: "3", info: "6" };

/** Severity prefix of feedback; dumps and empty answers have none. */
function withSeverity(context: CommandContext, command: Command | undefined, answer: string): string {
  const { severity } = context.session;
  const dump = command !== undefined && command.level !== "admin" && command.words.join(" ") !== "show cli level";
  if (severity === "none" || answer === "\n" || dump) return answer;
  const level = command?.level === "admin" ? "error" : "info";
  return `[${severity === "number" ? severityNumbers[level] : level}]: ${answer}`;
}

function runOne(context: CommandContext, text: string): string {
  const words = text.split(/[ \t\r]+/).filter((word) => word !== "");
  if (words[0] === "help") return answerHelp(words.slice(1));
  const command = commands.find((candidate) => matches(candidate, words));
  if (command === undefined) return withSeverity(context, undefined, answerUnknown(words));
  if (rank[context.session.level] < rank[command.level]) return say("Permission denied");
  const answer = command.run(context, words.slice(command.words.length));
  if (command.level === "admin" && answer === accepted) context.world.ledger.commands += 1;
  return withSeverity(context, command, answer);
}

/** A line of many dumps may not make us hold more than this. */
const longestAnswer = 64 * 1024 * 1024;

/** Answers of all commands of the line, one after the other; with a prompt after each while the session has one. */
export function runLine(context: CommandContext, line: string): string {
  let output = "";
  for (const part of splitCommands(line)) {
    if (context.session.closing || output.length > longestAnswer) break;
    context.haproxy.cliRequests += 1;
    output += runOne(context, part);
    if (context.session.prompt && !context.session.closing) output += "> ";
  }
  return output;
}
