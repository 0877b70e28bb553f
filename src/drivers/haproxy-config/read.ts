/** Finds and reads the haproxy.cfg of a HAProxy: the file that was named, or the one its own process was started with when it can be seen, here or through SSH. */
import { join, resolve } from "node:path";
import { isLoopback } from "../../model/address.ts";
import type { HaproxyLocation } from "../../model/settings.ts";
import type { WrittenServer } from "../../model/written-server.ts";
import type { RequestBounds } from "../contract.ts";
import type { RunCommand } from "../host/run-command.ts";
import type { HaproxyConfig } from "./config.ts";
import { parseHaproxyConfig } from "./parse.ts";
import { type ConfigPlace, localPlace } from "./place.ts";
import { createRemotePlace, describeWayError } from "./remote-place.ts";
import { findServerLines } from "./server-lines.ts";

export interface FoundHaproxyConfig {
  /** Files in the order HAProxy reads them, absolute. */
  readonly files: readonly string[];
  readonly config: HaproxyConfig;
  readonly serverLines: readonly WrittenServer[];
}

/** Why there is no configuration to read, as a sentence without its full stop. */
export type HaproxyConfigResult =
  | { readonly found: FoundHaproxyConfig; readonly why: null }
  | { readonly found: null; readonly why: string };

/** Never rejects. @param paths files, or folders whose `*.cfg` files count in the order of their names */
export async function readHaproxyConfig(
  paths: readonly string[],
  place: ConfigPlace = localPlace,
): Promise<HaproxyConfigResult> {
  try {
    const files = (await Promise.all(paths.map((path) => listFiles(path, place)))).flat();
    if (files.length === 0) return { found: null, why: `${paths.join(", ")} holds no configuration` };
    const texts = await Promise.all(files.map(place.readText));
    const serverLines = findServerLines(files.map((file, index) => ({ file, text: texts[index] ?? "" })));
    return { found: { files, config: parseHaproxyConfig(texts), serverLines }, why: null };
  } catch (error) {
    return { found: null, why: describeFileError(error, paths) };
  }
}

/** How programs are run on the host of a HAProxy behind SSH, and how long all of them together may take. */
export interface FarHost {
  readonly run: RunCommand;
  readonly bounds: RequestBounds;
}

/**
 * The files of a HAProxy by the command line of its process, on this machine or, with `far`, on the host that its socket is reached through; there
 * the usual file is looked at too when the process cannot be seen. What is found has to name the very socket. Never rejects.
 * @param pid as `show info` told it
 */
export async function findHaproxyConfig(
  location: HaproxyLocation,
  pid: number | null,
  far: FarHost | null = null,
): Promise<HaproxyConfigResult> {
  if (location.kind === "stats") return { found: null, why: "a stats page does not tell its process" };
  if (location.kind === "ssh" && far !== null) return findThere(location.path, pid, far);
  if (!isLocal(location)) return { found: null, why: "it runs on another machine" };
  if (pid === null) return { found: null, why: "its process is not known" };
  const { paths, why } = await findConfigPaths(pid, localPlace);
  if (paths === null) return { found: null, why: `${why} on this machine` };
  return proveSocket(await readHaproxyConfig(paths), location.kind === "unix" ? location.path : null, pid);
}

async function findThere(socket: string, pid: number | null, { run, bounds }: FarHost): Promise<HaproxyConfigResult> {
  const place = createRemotePlace(run, bounds);
  const told = pid === null ? { paths: null, why: "its process is not known" } : await findConfigPaths(pid, place);
  if (told.paths !== null) return proveSocket(await readHaproxyConfig(told.paths, place), socket, pid);
  const usual = proveSocket(await readHaproxyConfig([USUAL_FILE], place), socket, null);
  return usual.found === null ? { found: null, why: `${told.why}, and ${usual.why}` } : usual;
}

/** A socket may be forwarded from elsewhere, and the same pid be another HAProxy here: only a file that has the socket is its file. */
function proveSocket(result: HaproxyConfigResult, socket: string | null, pid: number | null): HaproxyConfigResult {
  if (result.found === null || socket === null || hasSocket(result.found.config, socket)) return result;
  const of = pid === null ? "" : ` of process ${pid}`;
  return { found: null, why: `${result.found.files.join(", ")}${of} has no stats socket ${socket}` };
}

const USUAL_FILE = "/etc/haproxy/haproxy.cfg";

function isLocal(location: HaproxyLocation): boolean {
  if (location.kind === "unix") return true;
  return location.kind === "tcp" && isLoopback(location.host);
}

function hasSocket({ sockets }: HaproxyConfig, path: string): boolean {
  // /var/run is a link to /run wherever both are there.
  const normal = (written: string) => written.replace(/^unix@/, "").replace(/^\/var\/run\//, "/run/");
  return sockets.some(({ address }) => normal(address) === normal(path));
}

type ConfigPaths =
  | { readonly paths: readonly string[]; readonly why: null }
  /** Why not, without where. */
  | { readonly paths: null; readonly why: string };

async function findConfigPaths(pid: number, place: ConfigPlace): Promise<ConfigPaths> {
  let words: readonly string[];
  try {
    words = await place.readArguments(pid);
  } catch (error) {
    return { paths: null, why: describeWayError(error) ?? `its process ${pid} cannot be seen` };
  }
  if (!words.some((word) => /haproxy/.test(word))) return { paths: null, why: `process ${pid} is no HAProxy` };
  const paths = selectConfigPaths(words, "/");
  if (paths.length === 0) return { paths: null, why: `the command line of process ${pid} names no file` };
  const isRelative = selectConfigPaths(words, "/x").some((path, at) => path !== paths[at]);
  if (!isRelative) return { paths, why: null };
  try {
    return { paths: selectConfigPaths(words, await place.readFolder(pid)), why: null };
  } catch {
    return { paths: null, why: `process ${pid} was given a file relative to its folder, which cannot be seen` };
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

async function listFiles(path: string, place: ConfigPlace): Promise<readonly string[]> {
  const names = await place.listNames(path);
  if (names === null) return [path];
  return names
    .filter((name) => name.endsWith(".cfg") && !name.startsWith("."))
    .sort()
    .map((name) => join(path, name));
}

function describeFileError(error: unknown, paths: readonly string[]): string {
  const way = describeWayError(error);
  if (way !== null) return way;
  const { code } = error as NodeJS.ErrnoException;
  const path = (error as NodeJS.ErrnoException).path ?? paths.join(", ");
  if (code === "ENOENT") return `${path} does not exist`;
  if (code === "EACCES" || code === "EPERM") return `${path} may not be read by this user`;
  return error instanceof Error ? error.message : `${path} cannot be read`;
}
