/** Candidates for the word at the cursor, from the table of commands as commander knows it and the names of the configuration. */
import type { Command, Option } from "commander";
import type { ConfiguredNames } from "../../config/configured-names.ts";
import { type Candidate, plain } from "./candidate.ts";
import { FILES, type Shell } from "./script.ts";

/** @param config, cluster values given before the cursor; null without one */
export type ReadNames = (config: string | null, cluster: string | null) => Promise<ConfiguredNames>;

/** Where the words before the cursor lead. */
interface Place {
  readonly command: Command;
  /** Options that may be given here: those of the command, of its parents, and of the program. */
  readonly options: readonly Option[];
  /** Set when the cursor is at the value of an option. */
  readonly wants: Option | null;
  /** Operands of the command so far. */
  readonly operands: readonly string[];
  /** Values of options so far, by long name. */
  readonly values: ReadonlyMap<string, string>;
  /** After `--` everything is an operand. */
  readonly ended: boolean;
}

const findOption = (options: readonly Option[], flag: string): Option | null =>
  options.find(({ short, long }) => flag === short || flag === long) ?? null;

const takesValue = (option: Option): boolean => option.required || option.optional;

/** An option among the words; its value too when it is in the same word. The option itself when its value is the next word, else null. */
function readOption(options: readonly Option[], word: string, values: Map<string, string>): Option | null {
  const [flag = "", ...rest] = word.split("=");
  const option = findOption(options, flag);
  if (option === null || !takesValue(option)) return null;
  if (rest.length === 0) return option;
  values.set(option.long ?? "", rest.join("="));
  return null;
}

function findPlace(program: Command, words: readonly string[]): Place {
  let command = program;
  let options = [...program.options];
  let wants: Option | null = null;
  let ended = false;
  const operands: string[] = [];
  const values = new Map<string, string>();
  for (const word of words) {
    const isOption = !ended && word.startsWith("-");
    const next: Command | undefined = ended || operands.length > 0 ? undefined : findCommand(command, word);
    if (wants !== null) {
      values.set(wants.long ?? "", word);
      wants = null;
    } else if (isOption && word === "--") ended = true;
    else if (isOption) wants = readOption(options, word, values);
    else if (next === undefined) operands.push(word);
    else {
      command = next;
      options = [...next.options, ...options];
    }
  }
  return { command, options, wants, operands, values, ended };
}

function findCommand(parent: Command, word: string): Command | undefined {
  return listCommands(parent).find((command) => command.name() === word);
}

/** Hidden ones are not for people. */
function listCommands(parent: Command): readonly Command[] {
  return parent.createHelp().visibleCommands(parent);
}

const files: readonly Candidate[] = [{ word: FILES, about: "" }];

/** By what they mean; a value of free text has none. */
async function listValues(option: Option, place: Place, read: ReadNames): Promise<readonly Candidate[]> {
  if (option.argChoices !== undefined) return plain(option.argChoices);
  if (/[<[]file[>\]]/.test(option.flags)) return files;
  if (place.command.name() === "demo" && place.command.options.includes(option)) {
    const { DEMO_VALUES } = await import("./demo-values.ts");
    return DEMO_VALUES[option.long ?? ""] ?? [];
  }
  const { clusters, haproxies, themes } = await readNames(place, read);
  switch (option.long) {
    case "--cluster":
      return plain(clusters);
    case "--haproxy":
      return plain(haproxies);
    case "--theme":
      return plain(themes);
    default:
      return [];
  }
}

const readNames = ({ values }: Place, read: ReadNames): Promise<ConfiguredNames> =>
  read(values.get("--config") ?? null, values.get("--cluster") ?? null);

async function listOperands(place: Place, read: ReadNames): Promise<readonly Candidate[]> {
  const { command, operands } = place;
  const words = operands.length > 0 ? [] : listCommands(command);
  if (words.length > 0) return words.map((each) => ({ word: each.name(), about: each.description() }));
  const last = command.registeredArguments.at(-1);
  const argument = command.registeredArguments[operands.length] ?? (last?.variadic ? last : undefined);
  if (argument === undefined) return [];
  if (argument.argChoices !== undefined) return plain(argument.argChoices);
  const name = argument.name();
  if (name === "file") return files;
  if (name !== "node" && name !== "target" && name !== "host") return [];
  const { haproxies, nodes, servers } = await readNames(place, read);
  // The address goes to a host with a HAProxy, which is one of its names.
  const fitting = name === "host" ? haproxies : name === "node" ? nodes : [...nodes, ...servers];
  return plain(fitting.filter((each) => !operands.includes(each)));
}

function listOptions({ options }: Place, words: readonly string[]): readonly Candidate[] {
  const isFree = (option: Option): boolean => option.parseArg !== undefined || !words.includes(option.long ?? "");
  const shown = options.filter((option) => !option.hidden && option.long !== undefined && isFree(option));
  const all = shown.map(({ long, description }) => ({ word: long ?? "", about: description }));
  return [...all, { word: "--help", about: "print help" }];
}

/** Bash cuts words at these, in the words it hands over and in what it puts in. */
const BASH_BREAK = /^[:=@]+$/;

function joinBashWords(words: readonly string[]): readonly string[] {
  const joined: string[] = [];
  let glue = false;
  for (const word of words) {
    const isBreak = BASH_BREAK.test(word);
    if ((glue || isBreak) && joined.length > 0) joined.push(`${joined.pop()}${word}`);
    else joined.push(word);
    glue = isBreak;
  }
  return joined;
}

/** A name that a shell would take for something else is not offered. */
const SAFE = /^[\p{L}\p{N}_.:/@+%=,-]+$/u;

/** @param words the words after the program's name; the last one is the one at the cursor, which may be empty */
export async function complete(
  program: Command,
  shell: Shell,
  words: readonly string[],
  read: ReadNames,
): Promise<readonly Candidate[]> {
  const whole = shell === "bash" ? joinBashWords(words) : words;
  const current = whole.at(-1) ?? "";
  const before = whole.slice(0, -1);
  const place = findPlace(program, before);
  const [flag = "", ...rest] = current.split("=");
  const inner = place.wants === null && !place.ended && rest.length > 0 ? findOption(place.options, flag) : null;
  const found = await listFor(place, inner, current, before, read);
  if (found === files) return files;
  const prefix = inner === null ? "" : `${flag}=`;
  const cut = shell === "bash" ? Math.max(...[":", "=", "@"].map((mark) => current.lastIndexOf(mark))) + 1 : 0;
  return found
    .filter(({ word }) => SAFE.test(word))
    .map(({ word, about }) => ({ word: `${prefix}${word}`, about }))
    .filter(({ word }) => word.startsWith(current))
    .map(({ word, about }) => ({ word: word.slice(cut), about }));
}

function listFor(
  place: Place,
  inner: Option | null,
  current: string,
  before: readonly string[],
  read: ReadNames,
): Promise<readonly Candidate[]> {
  const option = place.wants ?? inner;
  if (option !== null) return listValues(option, place, read);
  if (current.startsWith("-") && !place.ended) return Promise.resolve(listOptions(place, before));
  return listOperands(place, read);
}
