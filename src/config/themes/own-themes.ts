/** Themes of the user: which folders are looked in, which names there are, and the one that was asked for. */
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { findNearMatch } from "../../model/near-match.ts";
import { printable } from "../../model/printable.ts";
import { BUILT_IN_THEMES, type OwnTheme } from "../../model/theme.ts";
import { ConfigError, formatProblem, ProblemList, UsageError } from "../config-error.ts";
import { quoteValue } from "../decode/scalar.ts";
import type { Located } from "../decode/value.ts";
import { type Surroundings, selectConfigHome } from "../find-config-file.ts";
import { parseThemeFile } from "./theme-file.ts";

const EXTENSIONS: readonly string[] = [".yaml", ".yml", ".json"];
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const LARGEST_BYTES = 65_536;
/** A folder with more is none of ours. */
const MOST_THEMES = 100;

/** The user's own folder, then the one beside the configuration file: of two themes of one name the first counts. */
export function listThemeFolders(around: Surroundings, configPath: string | null): readonly string[] {
  const own = join(selectConfigHome(around), "signalbox", "themes");
  return configPath === null ? [own] : [...new Set([own, join(dirname(configPath), "themes")])];
}

interface ThemeEntry {
  readonly name: string;
  readonly path: string;
}

async function listFiles(folder: string): Promise<readonly ThemeEntry[]> {
  let files: string[] = [];
  try {
    files = await readdir(folder);
  } catch {
    // No folder, no themes; one that may not be read has none for this user.
  }
  return files
    .filter((file) => EXTENSIONS.includes(extname(file)) && NAME.test(basename(file, extname(file))))
    .sort((a, b) => EXTENSIONS.indexOf(extname(a)) - EXTENSIONS.indexOf(extname(b)) || (a < b ? -1 : 1))
    .slice(0, MOST_THEMES)
    .map((file) => ({ name: basename(file, extname(file)), path: join(folder, file) }));
}

/** Every file that is the first of its name. */
async function listEntries(folders: readonly string[]): Promise<readonly ThemeEntry[]> {
  const first = new Map<string, ThemeEntry>();
  for (const entry of (await Promise.all(folders.map(listFiles))).flat())
    if (!first.has(entry.name)) first.set(entry.name, entry);
  return [...first.values()];
}

const isBuiltIn = (name: string): boolean => BUILT_IN_THEMES.some((theme) => theme === name);

/** Names of themes beside those of the program. */
export async function listOwnThemeNames(folders: readonly string[]): Promise<readonly string[]> {
  return (await listEntries(folders)).map(({ name }) => name).filter((name) => !isBuiltIn(name));
}

/** @throws ConfigError that names file, line and column of everything that is wrong */
async function readTheme({ name, path }: ThemeEntry): Promise<OwnTheme> {
  const problems = new ProblemList();
  const fail = (message: string) => problems.add({ file: path, line: null, column: null }, message);
  let theme: OwnTheme | null = null;
  try {
    // Asked before it is opened: reading a pipe would wait for its writer.
    const status = await stat(path);
    if (!status.isFile()) fail("is no regular file");
    else if (status.size > LARGEST_BYTES) fail("is larger than 64 kB; this is no theme");
    else theme = parseThemeFile(path, name, await readFile(path, "utf8"), problems);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    fail(`cannot be read (${(error as NodeJS.ErrnoException).code ?? "error"})`);
  }
  problems.throwIfAny();
  if (theme === null) throw new ConfigError([]);
  return theme;
}

/**
 * Looks that the theme asked for exists and can be used. Built-in ones cost no look at the disk.
 * @param asked of the command line as a text, of the file with its place
 * @param problems where those of a configuration file and of a theme file go
 * @throws UsageError for a name on the command line
 */
export async function checkTheme(
  asked: string | Located<string>,
  folders: readonly string[],
  problems: ProblemList,
): Promise<void> {
  const name = typeof asked === "string" ? asked : asked.value;
  if (isBuiltIn(name)) return;
  const entries = await listEntries(folders);
  const entry = entries.find((each) => each.name === name);
  if (entry !== undefined) {
    await readTheme(entry).catch((error: unknown) => {
      if (!(error instanceof ConfigError)) throw error;
      for (const problem of error.problems) problems.add(problem, problem.message, problem.hint);
    });
    return;
  }
  const own = entries.map((each) => each.name).filter((each) => !isBuiltIn(each));
  const near = findNearMatch(name, [...BUILT_IN_THEMES, ...own]);
  const meant = near === null ? "" : ` (did you mean ${near}?)`;
  const known = `${[...BUILT_IN_THEMES, ...own].join(", ")}${meant}`;
  const message = `${quoteValue(name)} is not a theme`;
  if (typeof asked === "string") throw new UsageError(`--theme ${message}; ${known}`);
  problems.add(asked.place, `${asked.path} ${message}`, known);
}

export interface OwnThemes {
  readonly themes: readonly OwnTheme[];
  /** One line each; a theme that cannot be used is left out and told of. */
  readonly warnings: readonly string[];
}

/** Every theme of the folders. */
export async function readOwnThemes(folders: readonly string[]): Promise<OwnThemes> {
  const entries = await listEntries(folders);
  const themes: OwnTheme[] = [];
  const warnings: string[] = [];
  const [ownFolder = ""] = folders;
  for (const entry of entries) {
    if (isBuiltIn(entry.name)) {
      // Beside a configuration file may lie a copy of the program's own themes.
      if (dirname(entry.path) === ownFolder)
        warnings.push(`${entry.path} is never used: ${entry.name} comes with the program; give the file another name`);
      continue;
    }
    const theme = await readTheme(entry).catch((error: unknown) => describeFailure(entry, error));
    if (typeof theme === "string") warnings.push(theme);
    else themes.push(theme);
  }
  return { themes, warnings };
}

function describeFailure({ name, path }: ThemeEntry, error: unknown): string {
  if (!(error instanceof ConfigError)) return printable(`${path} cannot be used as a theme: ${String(error)}`);
  const [first] = error.problems;
  const more = error.problems.length > 1 ? ` (and ${error.problems.length - 1} more)` : "";
  const text = first === undefined ? `${path}: no theme` : formatProblem({ ...first, hint: null });
  return `theme ${name} cannot be used: ${text}${more}; ${first?.hint ?? "correct the file"}`;
}
