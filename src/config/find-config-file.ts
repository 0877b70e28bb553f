import { readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { ConfigError } from "./config-error.ts";

/** What the search needs to know of the process; passed in so that tests need no real home. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly homeDir: string;
  /** Login name of the user who runs the program. */
  readonly userName: string;
  /** Asks on the terminal without echo; resolves with null when it goes away. Absent or null where there is none. */
  readonly askSecret?: ((question: string) => Promise<string | null>) | null;
}

export interface ConfigFile {
  readonly path: string;
  readonly text: string;
  readonly readableByOthers: boolean;
}

const LARGEST_BYTES = 1_048_576;

/** The folder of the user's configurations, by the XDG specification: a relative path is to be ignored. */
export function selectConfigHome({ env, homeDir }: Surroundings): string {
  const xdg = env.XDG_CONFIG_HOME;
  return xdg?.startsWith("/") ? xdg : join(homeDir, ".config");
}

/** Places looked at when neither `--config` nor $SIGNALBOX_CONFIG names a file, in order. */
export function listSearchPlaces(around: Surroundings): readonly string[] {
  const own = join(selectConfigHome(around), "signalbox", "config.yaml");
  return [join(around.cwd, "signalbox.yaml"), own, "/etc/signalbox/config.yaml"];
}

/**
 * The configuration file: the one named by `--config` or $SIGNALBOX_CONFIG, which must exist, or the first of the search places.
 * Null when nothing was named and nothing found. @throws ConfigError when a file is there and cannot be read.
 */
export async function findConfigFile(named: string | null, around: Surroundings): Promise<ConfigFile | null> {
  const fromEnv = around.env.SIGNALBOX_CONFIG;
  if (named !== null) return readNamed(resolve(around.cwd, named), "--config names it");
  if (fromEnv) return readNamed(resolve(around.cwd, fromEnv), "$SIGNALBOX_CONFIG names it");
  for (const place of listSearchPlaces(around)) {
    const found = await readIfThere(place);
    if (found !== null) return found;
  }
  return null;
}

async function readNamed(path: string, why: string): Promise<ConfigFile> {
  const found = await readIfThere(path);
  if (found === null) throw fileError(path, "no such file", why);
  return found;
}

async function readIfThere(path: string): Promise<ConfigFile | null> {
  try {
    const status = await stat(path);
    if (status.isDirectory()) throw fileError(path, "is a directory, not a file");
    if (status.size > LARGEST_BYTES) throw fileError(path, "is larger than 1 MB", "this is no configuration file");
    const text = await readFile(path, "utf8");
    return { path, text, readableByOthers: isReadableByOthers(status.mode) };
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? "error";
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw fileError(path, code === "EACCES" ? "may not be read by this user" : `cannot be read (${code})`);
  }
}

/** Whether the mode of a file lets every user of the machine read it. */
export function isReadableByOthers(mode: number): boolean {
  return (mode & 0o004) !== 0;
}

function fileError(path: string, message: string, hint: string | null = null): ConfigError {
  return new ConfigError([{ file: path, line: null, column: null, message, hint }]);
}
