/** Finds and reads the haproxy.cfg of a HAProxy: the file that was named, or the one its own process was started with when it runs here. */
import { readdir, readFile, readlink, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { isLoopback } from "../../model/address.ts";
import type { HaproxyLocation } from "../../model/settings.ts";
import type { HaproxyConfig } from "./config.ts";
import { parseHaproxyConfig } from "./parse.ts";

export interface FoundHaproxyConfig {
  /** Files in the order HAProxy reads them, absolute. */
  readonly files: readonly string[];
  readonly config: HaproxyConfig;
}

/** Why there is no configuration to read, as a sentence without its full stop. */
export type HaproxyConfigResult =
  | { readonly found: FoundHaproxyConfig; readonly why: null }
  | { readonly found: null; readonly why: string };

const LARGEST_BYTES = 4_194_304;

/** Never rejects. @param paths files, or folders whose `*.cfg` files count in the order of their names */
export async function readHaproxyConfig(paths: readonly string[]): Promise<HaproxyConfigResult> {
  try {
    const files = (await Promise.all(paths.map(listFiles))).flat();
    if (files.length === 0) return { found: null, why: `${paths.join(", ")} holds no configuration` };
    const texts = await Promise.all(files.map(readBounded));
    return { found: { files, config: parseHaproxyConfig(texts) }, why: null };
  } catch (error) {
    return { found: null, why: describeFileError(error, paths) };
  }
}

/**
 * The files of a HAProxy that runs on this machine, by the command line of its process. Never rejects.
 * @param pid as `show info` told it
 */
export async function findHaproxyConfig(location: HaproxyLocation, pid: number | null): Promise<HaproxyConfigResult> {
  if (location.kind === "stats") return { found: null, why: "a stats page does not tell its process" };
  if (!isLocal(location)) return { found: null, why: "it runs on another machine" };
  if (pid === null) return { found: null, why: "its process is not known" };
  const paths = await findConfigPaths(pid);
  if (paths === null) return { found: null, why: `its process ${pid} cannot be seen on this machine` };
  if (paths.length === 0) return { found: null, why: `the command line of process ${pid} names no file` };
  const result = await readHaproxyConfig(paths);
  // A socket may be forwarded from elsewhere, and the same pid be another HAProxy here.
  if (result.found !== null && location.kind === "unix" && !hasSocket(result.found.config, location.path))
    return { found: null, why: `${paths.join(", ")} of process ${pid} has no stats socket ${location.path}` };
  return result;
}

function isLocal(location: HaproxyLocation): boolean {
  if (location.kind === "unix") return true;
  return location.kind === "tcp" && isLoopback(location.host);
}

function hasSocket({ sockets }: HaproxyConfig, path: string): boolean {
  return sockets.some(({ address }) => address.replace(/^unix@/, "") === path);
}

/** Null where the process is none of HAProxy, or may not be seen. */
async function findConfigPaths(pid: number): Promise<readonly string[] | null> {
  try {
    const [raw, cwd] = await Promise.all([
      readFile(`/proc/${pid}/cmdline`, "utf8"),
      readlink(`/proc/${pid}/cwd`).catch(() => "/"),
    ]);
    const words = raw.split("\0");
    if (!words.some((word) => /haproxy/.test(word))) return null;
    return selectConfigPaths(words, cwd);
  } catch {
    return null;
  }
}

/** Files of `-f FILE`, and those after `--`; `-C DIR` is where relative ones count from. */
export function selectConfigPaths(words: readonly string[], cwd: string): readonly string[] {
  const change = words.indexOf("-C");
  const base = change < 0 ? cwd : resolve(cwd, words[change + 1] ?? ".");
  const paths: string[] = [];
  for (let at = 0; at < words.length; at++) {
    if (words[at] === "--") {
      paths.push(...words.slice(at + 1));
      break;
    }
    if (words[at] === "-f") paths.push(words[++at] ?? "");
  }
  return paths.filter((path) => path !== "").map((path) => resolve(base, path));
}

async function listFiles(path: string): Promise<readonly string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const names = (await readdir(path)).filter((name) => name.endsWith(".cfg") && !name.startsWith("."));
  return names.sort().map((name) => join(path, name));
}

async function readBounded(path: string): Promise<string> {
  if ((await stat(path)).size > LARGEST_BYTES) throw new Error(`${path} is too large`);
  return readFile(path, "utf8");
}

function describeFileError(error: unknown, paths: readonly string[]): string {
  const { code } = error as NodeJS.ErrnoException;
  const path = (error as NodeJS.ErrnoException).path ?? paths.join(", ");
  if (code === "ENOENT") return `${path} does not exist`;
  if (code === "EACCES" || code === "EPERM") return `${path} may not be read by this user`;
  return error instanceof Error ? error.message : `${path} cannot be read`;
}
