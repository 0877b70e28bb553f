import { readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { ProblemList } from "../config-error.ts";
import { isReadableByOthers, type Surroundings } from "../find-config-file.ts";
import { expandPath } from "../paths.ts";
import { TextError } from "../text-error.ts";
import { parseMyCnf } from "./parse-my-cnf.ts";
import { runPasswordCommand } from "./run-password-command.ts";
import type { SecretKey, SecretSource } from "./source.ts";

export interface Credentials {
  /** Only an option file brings a user along. */
  readonly user: string | null;
  readonly password: string | null;
}

export interface SecretReader {
  /** Looks once per distinct source; a failure becomes a problem at the place of its key, and null credentials. */
  read(source: SecretSource): Promise<Credentials>;
  /** Notes that a secret stands in a file itself: a warning when everyone can read that file. */
  noteInline(file: string): void;
}

export interface SecretSurroundings {
  readonly around: Surroundings;
  readonly problems: ProblemList;
  readonly warnings: Set<string>;
  /** Path of the configuration file when everyone on this machine can read it, else null. */
  readonly openFile: string | null;
  readonly commandTimeoutMs: number;
}

const NONE: Credentials = { user: null, password: null };

type Fetch = (source: SecretSource, from: SecretSurroundings) => Promise<Credentials> | Credentials;

const FETCH: Readonly<Record<SecretKey, Fetch>> = {
  password: ({ value, place }, from) => {
    noteInline(place.file, from);
    return { user: null, password: value };
  },
  password_env: ({ value }, { around }) => {
    const password = around.env[value];
    // Somebody may have written the password itself here: only what looks like a variable is repeated.
    const shown = /^[A-Z_][A-Z0-9_]*$/.test(value) ? `the variable ${value}` : "a variable";
    if (password === undefined) throw new TextError(`names ${shown}, which is not set`, "export it before the start");
    if (password === "") throw new TextError(`names ${shown}, which is empty`);
    return { user: null, password };
  },
  password_command: async ({ value, place }, { around, commandTimeoutMs }) => ({
    user: null,
    password: await runPasswordCommand(value, {
      env: around.env,
      cwd: dirname(place.file),
      timeoutMs: commandTimeoutMs,
    }),
  }),
  password_file: async (source, from) => {
    const password = (await readSecretFile(source, from)).replace(/\r?\n$/, "");
    if (password === "") throw new TextError("names an empty file");
    return { user: null, password };
  },
  defaults_file: async (source, from) => {
    const options = parseMyCnf(await readSecretFile(source, from));
    if (options.password === null && options.hasIncludes) {
      throw new TextError(
        "names a file whose [client] group has no password, and !include is not supported yet",
        "name the file that holds it",
      );
    }
    if (options.password === null) throw new TextError("names a file whose [client] group has no password");
    return options;
  },
  login_path: () => {
    throw new TextError("is not supported yet", "use password_command, password_file or defaults_file");
  },
};

export function createSecretReader(from: SecretSurroundings): SecretReader {
  const known = new Map<string, Promise<Credentials>>();
  const fetch = async (source: SecretSource): Promise<Credentials> => {
    try {
      return await FETCH[source.key](source, from);
    } catch (error) {
      if (!(error instanceof TextError)) throw error;
      from.problems.add(source.place, `${source.path} ${error.message}`, error.hint);
      return NONE;
    }
  };
  return {
    read(source) {
      const id = `${source.key}\n${source.value}`;
      const pending = known.get(id) ?? fetch(source);
      known.set(id, pending);
      return pending;
    },
    noteInline: (file) => noteInline(file, from),
  };
}

function noteInline(file: string, { openFile, warnings }: SecretSurroundings): void {
  if (file === openFile) warnings.add(describeOpenFile(file));
}

function describeOpenFile(path: string): string {
  return `${path} holds a password and everyone on this machine can read it; chmod o-r ${path}`;
}

async function readSecretFile(
  { value, place }: SecretSource,
  { around, warnings }: SecretSurroundings,
): Promise<string> {
  const path = expandPath(value, dirname(place.file), around.homeDir);
  try {
    const { mode } = await stat(path);
    if (isReadableByOthers(mode)) warnings.add(describeOpenFile(path));
    return await readFile(path, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "error";
    const reason =
      code === "ENOENT"
        ? "which does not exist"
        : code === "EACCES"
          ? "which this user may not read"
          : `which cannot be read (${code})`;
    throw new TextError(`names ${path}, ${reason}`);
  }
}
