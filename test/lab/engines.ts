import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import table from "./engines.json" with { type: "json" };

/** `mariadb-plugins` is 10.11 with the plugins of the whole package, which the core has not. */
export type ServerEngineName = "mariadb-10.11" | "mariadb-plugins" | "mariadb-11.8" | "mysql-9.7" | "mysql-5.6";
export type HaproxyEngineName = "haproxy-2.6" | "haproxy-3.0" | "haproxy-3.2";
export type SshdEngineName = "openssh";
/** What the program is tried with that is no server: the Node of the executable, the libraries of another Debian, shells, man's typesetter. */
type OtherEngineName = "node-24" | "bare-trixie" | "zsh" | "fish" | "groff";
export type EngineName =
  | ServerEngineName
  | HaproxyEngineName
  | SshdEngineName
  | "keepalived"
  | "heartbeat"
  | OtherEngineName;
/** Which words the server speaks: "mysql" is 8.4 and later, "mysql-5" is 5.x. */
export type Flavor = "mariadb" | "mysql" | "mysql-5";

/** A program of the system, or the start script of one out of an unpacked root (it goes through that root's own loader: no chroot, no root rights). */
export interface Program {
  readonly program: string;
  /** Folder above `sbin` and `share` of a server. */
  readonly baseDir: string;
  /** Text that `--version` printed, also the key of the template cache. */
  readonly version: string;
}

export interface EngineState {
  readonly name: EngineName;
  readonly available: boolean;
  /** Why not, when not available; otherwise where it runs from. */
  readonly reason: string;
}

interface EngineRow {
  readonly program: string;
  readonly version: string;
  readonly flavor?: string;
  /** Where the system's own package puts the program. */
  readonly system?: string;
  /** Folder below `roots` of the cache that has the program otherwise; without it there is only the system's own. */
  readonly root?: string;
  readonly haproxy?: string;
}

const rows: Readonly<Record<string, EngineRow>> = table.engines;

/** Folder of unpacked roots and template data directories: outside the tree, kept between runs. */
export function labCacheDir(): string {
  return (
    process.env.SIGNALBOX_LAB_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "signalbox-lab")
  );
}

function rowOf(name: EngineName): EngineRow {
  const row = rows[name];
  if (!row) throw new Error(`no such engine: ${name}`);
  return row;
}

/** Words of a server engine. */
export function flavorOf(name: ServerEngineName): Flavor {
  const flavor = rowOf(name).flavor;
  if (flavor === "mariadb" || flavor === "mysql" || flavor === "mysql-5") return flavor;
  throw new Error(`${name} is no server engine`);
}

/** The HAProxy that comes with a server engine when nothing else is asked for. */
export function defaultHaproxyFor(name: ServerEngineName): HaproxyEngineName {
  return rowOf(name).haproxy as HaproxyEngineName;
}

/** Folder of an unpacked root of the cache, whether it is there or not. */
export function rootFolder(name: string): string {
  return join(labCacheDir(), "roots", name);
}

function candidatesFor(row: EngineRow): Array<Omit<Program, "version">> {
  const ofSystem = row.system ? [{ program: row.system, baseDir: "/usr" }] : [];
  if (row.root === undefined) return ofSystem;
  const root = rootFolder(row.root);
  const unpacked = {
    program: join(root, "run", row.program),
    baseDir: join(root, existsSync(join(root, "package")) ? "package/server" : "usr"),
  };
  return [...ofSystem, unpacked];
}

function readVersion(program: string): string {
  if (program.endsWith("sshd") || program.endsWith("keepalived")) {
    // On stderr: `OpenSSH_9.2, OpenSSL 3.0.19`, `Keepalived v2.2.7 (01/16,2022)`.
    const { stderr, error } = spawnSync(program, [program.endsWith("sshd") ? "-V" : "--version"], { encoding: "utf8" });
    if (error) throw error;
    return (stderr.split("\n", 1)[0] ?? "").replace("_", " ");
  }
  if (program.endsWith("heartbeat")) {
    // It runs in a root of its own only (host-pair.ts); a script of the package has its version.
    const script = readFileSync(join(dirname(program), "../usr/share/heartbeat/ha_config"), "utf8");
    return `Heartbeat ${/^VERSION="(.*)"$/m.exec(script)?.[1] ?? "unknown"}`;
  }
  const flag = program.endsWith("haproxy") ? "-v" : "--version";
  const line = execFileSync(program, [flag], { encoding: "utf8", stdio: "pipe" }).split("\n", 1)[0] ?? "";
  return program.endsWith("/node") ? `node ${line}` : line;
}

/** Why fetching a root failed, as `npm test` left it; otherwise how to fetch it. */
function whyMissing(row: EngineRow): string {
  if (row.root === undefined) return `${row.system} is not installed (npm test as root installs it)`;
  const failed = join(labCacheDir(), "roots", `${row.root}.failed`);
  return existsSync(failed)
    ? readFileSync(failed, "utf8")
    : `${row.root} is not in the lab cache (npm test fetches it)`;
}

function find(name: EngineName): Program | string {
  const row = rowOf(name);
  const problems: string[] = [];
  for (const candidate of candidatesFor(row)) {
    if (!existsSync(candidate.program)) continue;
    try {
      const version = readVersion(candidate.program);
      if (version.includes(` ${row.version}`)) return { ...candidate, version };
      problems.push(`${candidate.program} is "${version}"`);
    } catch (error) {
      problems.push(
        `${candidate.program} does not run: ${error instanceof Error ? error.message.split("\n", 1)[0] : error}`,
      );
    }
  }
  return problems.length > 0 ? problems.join("; ") : whyMissing(row);
}

const resolved = new Map<EngineName, Program>();

function resolve(name: EngineName): Program | string {
  const known = resolved.get(name);
  if (known !== undefined) return known;
  const found = find(name);
  if (typeof found !== "string") {
    resolved.set(name, found);
    if (name === "openssh") addClients(found);
  }
  return found;
}

/** ssh, ssh-keygen and ssh-agent come with sshd: out of the cache they are found by tests, and by the program that is tested, like those of the system. */
function addClients({ program, baseDir }: Program): void {
  if (baseDir !== "/usr") process.env.PATH = `${process.env.PATH ?? ""}:${dirname(program)}`;
}

/** How to run an engine. Throws with the reason when this machine does not have it (`npm test` fetches it). */
export function requireEngine(name: EngineName): Program {
  const program = resolve(name);
  if (typeof program === "string") throw new Error(`engine ${name} is not available: ${program}`);
  return program;
}

export function engineState(name: EngineName): EngineState {
  const program = resolve(name);
  return typeof program === "string"
    ? { name, available: false, reason: program }
    : { name, available: true, reason: `${program.program} (${program.version})` };
}

/** Whether it is a database server, with words of its own. */
export function isServerEngine(name: EngineName): name is ServerEngineName {
  return rowOf(name).flavor !== undefined;
}

/** Every engine the lab knows, and whether it can run here. */
export function labEngines(): EngineState[] {
  return (Object.keys(rows) as EngineName[]).map(engineState);
}
