/** The configuration file itself, for machines without ssh: `Host`, `Match all` and `Include`; other `Match` blocks are passed over. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { matchesHost, matchesPattern } from "../known-hosts/match.ts";
import { type ConfigValues, splitWords } from "./host-config.ts";

/** Keywords that may stand several times, each adding to the others; of all others the first counts. */
const REPEATED: ReadonlySet<string> = new Set(["identityfile", "certificatefile"]);
/** Files within files; ssh allows 16. */
const DEEPEST = 16;

/** What the file says of `alias`. A file that is not there says nothing. @throws the system's error for one that cannot be read */
export function readConfigFile(path: string, alias: string, homeDir: string): ConfigValues {
  const values = new Map<string, string[]>();
  readInto(values, path, alias, homeDir, 0);
  return values;
}

function readInto(values: Map<string, string[]>, path: string, alias: string, homeDir: string, depth: number): void {
  let applies = true;
  for (const [keyword, rest] of parseLines(readIfThere(path))) {
    if (keyword === "host") applies = matchesHost(splitWords(rest).join(","), alias);
    else if (keyword === "match") applies = rest.trim().toLowerCase() === "all";
    else if (!applies) continue;
    else if (keyword === "include") {
      if (depth >= DEEPEST) throw new Error(`${path} includes too many files`);
      for (const file of splitWords(rest).flatMap((written) => listIncluded(written, homeDir)))
        readInto(values, file, alias, homeDir, depth + 1);
    } else if (!values.has(keyword)) values.set(keyword, [rest]);
    else if (REPEATED.has(keyword)) values.get(keyword)?.push(rest);
  }
}

function parseLines(text: string): readonly (readonly [keyword: string, rest: string])[] {
  return text.split(/\r?\n/).flatMap((line): readonly (readonly [string, string])[] => {
    const match = /^\s*([A-Za-z0-9]+)(?:\s*=\s*|\s+)(.*?)\s*$/.exec(line);
    return match === null ? [] : [[(match[1] ?? "").toLowerCase(), match[2] ?? ""]];
  });
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}

/** Relative names count from `~/.ssh`; patterns are understood in the last part of the path. */
function listIncluded(written: string, homeDir: string): readonly string[] {
  const path = written.startsWith("~/") ? join(homeDir, written.slice(2)) : written;
  const full = path.startsWith("/") ? path : join(homeDir, ".ssh", path);
  if (!/[*?]/.test(full)) return [full];
  const folder = dirname(full);
  try {
    const names = readdirSync(folder).sort();
    return names.map((name) => join(folder, name)).filter((file) => matchesPattern(full, file));
  } catch {
    return [];
  }
}
