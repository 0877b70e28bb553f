/** Options of an option file and of all it includes. */
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isReadableByOthers } from "../find-config-file.ts";
import { expandPath } from "../paths.ts";
import { TextError } from "../text-error.ts";
import { parseOptionFile } from "./option-file.ts";
import { describeOpenFile, describeReadError, readSecretFile } from "./secret-file.ts";

export interface FoundOptions {
  readonly user: string | null;
  readonly password: string | null;
  /** Included files that could not be read, with the reason. */
  readonly unread: readonly string[];
}

export interface OptionSearch {
  readonly groups: readonly string[];
  readonly homeDir: string;
  readonly warnings: Set<string>;
}

/** A circle, most likely: nothing found so far is worth anything. */
class IncludesTooDeep extends TextError {}

/** As many as mysql follows. */
const deepest = 10;

/**
 * User and password of the groups. As in mysql the last line wins, wherever it stands: an included file counts at the place of its
 * `!include`. Included files that cannot be read are passed over. @throws TextError when the file itself cannot be read
 */
export async function readOptions(path: string, search: OptionSearch): Promise<FoundOptions> {
  const found = new Map<string, string>();
  const unread: string[] = [];

  const readFrom = async (file: string, depth: number): Promise<void> => {
    if (depth > deepest) throw new IncludesTooDeep(`names a file that includes others more than ${deepest} deep`);
    const { bytes, mode } = await readSecretFile(file);
    for (const line of parseOptionFile(bytes.toString("utf8"))) {
      if (line.kind === "option") {
        if (!search.groups.includes(line.group)) continue;
        found.set(line.name, line.value);
        const isOpen = line.name === "password" && line.value !== "" && isReadableByOthers(mode);
        if (isOpen) search.warnings.add(describeOpenFile(file));
      } else {
        const included = expandPath(line.path, dirname(file), search.homeDir);
        const files = line.kind === "include" ? [included] : await listFolder(included, unread);
        for (const each of files) await readIncluded(each, depth + 1);
      }
    }
  };
  const readIncluded = async (file: string, depth: number): Promise<void> => {
    try {
      await readFrom(file, depth);
    } catch (error) {
      if (!(error instanceof TextError) || error instanceof IncludesTooDeep) throw error;
      unread.push(error.message.replace(/^names /, ""));
    }
  };

  await readFrom(path, 0);
  return { user: found.get("user") || null, password: found.get("password") || null, unread };
}

/** Files that end in .cnf, by name: mysql promises no order, so at least ours is always the same. */
async function listFolder(folder: string, unread: string[]): Promise<readonly string[]> {
  try {
    const names = await readdir(folder);
    return names
      .filter((name) => name.endsWith(".cnf"))
      .sort()
      .map((name) => join(folder, name));
  } catch (error) {
    unread.push(`${folder}, ${describeReadError(error)}`);
    return [];
  }
}
