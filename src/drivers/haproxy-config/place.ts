/** Where a haproxy.cfg lies: this machine, or another one through its SSH session. Nothing here writes. */
import { readdir, readFile, readlink, stat } from "node:fs/promises";

/** Larger ones are not read: a file of ten thousand servers is half of it. */
export const LARGEST_BYTES = 4_194_304;

/** All reject with an error whose `code` is the system's and whose `path` is what was asked for, as those of node:fs do. */
export interface ConfigPlace {
  /** Command line of a process, word by word. */
  readonly readArguments: (pid: number) => Promise<readonly string[]>;
  /** The folder in which a process runs. */
  readonly readFolder: (pid: number) => Promise<string>;
  /** Names in a folder; null where the path is none. */
  readonly listNames: (path: string) => Promise<readonly string[] | null>;
  /** @throws Error for what is no regular file (to read a pipe or a device may never end), and for a file that is too large, too */
  readonly readText: (path: string) => Promise<string>;
}

export const localPlace: ConfigPlace = {
  readArguments: async (pid) => splitArguments(await readFile(`/proc/${pid}/cmdline`, "utf8")),
  readFolder: (pid) => readlink(`/proc/${pid}/cwd`),
  listNames: async (path) => ((await stat(path)).isDirectory() ? readdir(path) : null),
  readText: async (path) => {
    const file = await stat(path);
    if (!file.isFile()) throw noFile(path);
    if (file.size > LARGEST_BYTES) throw tooLarge(path);
    return readFile(path, "utf8");
  },
};

/** @param raw /proc/PID/cmdline */
/** For files that somebody names: one may be a pipe, as of `<(ssh lb1 cat …)`, which can be read once. */
export const namedPlace: ConfigPlace = {
  ...localPlace,
  readText: async (path) => ((await stat(path)).isFIFO() ? readFile(path, "utf8") : localPlace.readText(path)),
};

export function splitArguments(raw: string): readonly string[] {
  return raw.split("\0");
}

export function noFile(path: string): Error {
  return new Error(`${path} is not a file`);
}

export function tooLarge(path: string): Error {
  return new Error(`${path} is too large`);
}
