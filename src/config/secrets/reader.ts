/** Fetches passwords from where the configuration says they are. */
import { dirname, join } from "node:path";
import type { ProblemList } from "../config-error.ts";
import { isReadableByOthers, type Surroundings } from "../find-config-file.ts";
import { expandPath } from "../paths.ts";
import { TextError } from "../text-error.ts";
import { readLoginPath } from "./login-path.ts";
import { readOptions } from "./read-options.ts";
import { runPasswordCommand } from "./run-password-command.ts";
import { describeOpenFile, readSecretFile } from "./secret-file.ts";
import { omitVariables } from "./secret-variables.ts";
import type { SecretKey, SecretSource } from "./source.ts";

export interface Credentials {
  /** Only option files and login paths bring a user along. */
  readonly user: string | null;
  readonly password: string | null;
}

export interface SecretReader {
  /**
   * Looks once per distinct source; a failure becomes a problem at the place of its key, and null credentials.
   * @param user whose password it is, for a question on the terminal; null when that is not known yet
   */
  read(source: SecretSource, user: string | null): Promise<Credentials>;
  /** Notes that a secret stands in a file itself: a warning when everyone can read that file. */
  noteInline(file: string): void;
  /** The same for the file of a private key. */
  notePrivateKey(file: string, mode: number): void;
}

export interface SecretSurroundings {
  readonly around: Surroundings;
  readonly problems: ProblemList;
  readonly warnings: Set<string>;
  /** Path of the configuration file when everyone on this machine can read it, else null. */
  readonly openFile: string | null;
  /** Not given to commands. */
  readonly secretVariables: readonly string[];
  readonly commandTimeoutMs: number;
}

const NONE: Credentials = { user: null, password: null };

/** Groups of option files that are read: those of mysql, and one for us alone. */
const OPTION_GROUPS = ["client", "mysql", "signalbox"];

type Fetch = (
  source: SecretSource,
  from: SecretSurroundings,
  user: string | null,
) => Promise<Credentials> | Credentials;

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
  password_command: async ({ value, place }, { around, secretVariables, commandTimeoutMs }) => ({
    user: null,
    password: await runPasswordCommand(value, {
      env: omitVariables(around.env, secretVariables),
      cwd: dirname(place.file),
      timeoutMs: commandTimeoutMs,
    }),
  }),
  password_file: async ({ value, place }, { around, warnings }) => {
    const path = expandPath(value, dirname(place.file), around.homeDir);
    const { bytes, mode } = await readSecretFile(path);
    if (isReadableByOthers(mode)) warnings.add(describeOpenFile(path));
    const password = bytes.toString("utf8").replace(/\r?\n$/, "");
    if (password === "") throw new TextError("names an empty file");
    return { user: null, password };
  },
  defaults_file: async ({ value, place }, { around: { homeDir }, warnings }) => {
    const path = expandPath(value, dirname(place.file), homeDir);
    const { user, password, unread } = await readOptions(path, { groups: OPTION_GROUPS, homeDir, warnings });
    if (password === null) {
      throw new TextError(
        "names a file that has no password in [client], [mysql] or [signalbox]",
        unread.length === 0 ? null : `it includes ${unread.join("; and ")}`,
      );
    }
    return { user, password };
  },
  login_path: ({ value }, { around: { env, homeDir } }) =>
    readLoginPath(value, env.MYSQL_TEST_LOGIN_FILE || join(homeDir, ".mylogin.cnf")),
  password_prompt: async ({ path }, { around: { askSecret } }, user) => {
    if (!askSecret) {
      throw new TextError(
        "asks on the terminal, and standard input is none",
        "without a terminal use password_env, password_command or password_file",
      );
    }
    const whose = user === null ? "Password" : `Password of ${user}`;
    const password = await askSecret(`${whose} (${path.replace(/\.?password_prompt$/, "")}): `);
    if (password === null) throw new TextError("asked on the terminal, which was closed");
    if (password === "") throw new TextError("asked on the terminal and was given nothing");
    return { user: null, password };
  },
};

export function createSecretReader(from: SecretSurroundings): SecretReader {
  const known = new Map<string, Promise<Credentials>>();
  const fetch = async (source: SecretSource, user: string | null): Promise<Credentials> => {
    try {
      return await FETCH[source.key](source, from, user);
    } catch (error) {
      if (!(error instanceof TextError)) throw error;
      from.problems.add(source.place, `${source.path} ${error.message}`, error.hint);
      return NONE;
    }
  };
  // One question after the other: two at once on one terminal nobody could answer.
  let lastQuestion: Promise<unknown> = Promise.resolve();
  const fetchInTurn = (source: SecretSource, user: string | null): Promise<Credentials> => {
    if (source.key !== "password_prompt") return fetch(source, user);
    const answer = lastQuestion.then(() => fetch(source, user));
    lastQuestion = answer;
    return answer;
  };
  return {
    read(source, user) {
      const id = `${source.key}\n${source.value}`;
      const pending = known.get(id) ?? fetchInTurn(source, user);
      known.set(id, pending);
      return pending;
    },
    noteInline: (file) => noteInline(file, from),
    notePrivateKey: (file, mode) => {
      if (isReadableByOthers(mode)) from.warnings.add(describeOpenFile(file, "a private key"));
    },
  };
}

function noteInline(file: string, { openFile, warnings }: SecretSurroundings): void {
  if (file === openFile) warnings.add(describeOpenFile(file));
}
