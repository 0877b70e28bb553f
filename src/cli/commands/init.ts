/** `signalbox init`: looks at what `--haproxy` and `--mysql` name, and writes down what it saw as a configuration. Changes no server. */
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { UsageError } from "../../config/config-error.ts";
import { quoteValue } from "../../config/decode/scalar.ts";
import { printable } from "../../model/printable.ts";
import { freshValue } from "../../model/reading.ts";
import type { ClusterSettings, Settings } from "../../model/settings.ts";
import type { ClusterSnapshot } from "../../model/snapshot.ts";
import { createConfigReader, type FindHaproxyConfig } from "../doctor/haproxy-files.ts";
import { EXIT } from "../exit-codes.ts";
import type { GlobalOptions } from "../global-options.ts";
import { keepReached, putBehindSsh } from "../init/behind-ssh.ts";
import { buildDraft, type InitDraft, type InitFindings } from "../init/draft.ts";
import { findSockets } from "../init/find-sockets.ts";
import { formatConfig, MYSQL_PASSWORD, type PasswordsKnown, REPLICATION_PASSWORD } from "../init/format-config.ts";
import { untilInterrupted } from "../interruption.ts";
import type { CliIo } from "../io.ts";
import { loadFor } from "../load.ts";
import { type Observe, selectTimeoutMs } from "./status.ts";

export interface InitOptions extends GlobalOptions {
  readonly output?: string;
  readonly force?: boolean;
  readonly haproxyConfig?: readonly string[];
}

/** How `init` gets at servers; opened per run, closed at its end. */
export interface InitParts {
  readonly observe: Observe;
  readonly findHaproxyConfig: FindHaproxyConfig;
  close(): Promise<void>;
}

/** @throws ConfigError, UsageError, Interrupted */
export async function runInitCommand(
  io: CliIo,
  options: InitOptions,
  open: (settings: Settings) => InitParts,
): Promise<number> {
  const file = options.output === undefined ? null : resolve(io.cwd, options.output);
  if (file !== null) assertPlace(file, options.force === true);
  // Loading takes secrets out of the environment.
  const passwords = { mysql: isSet(io, MYSQL_PASSWORD), replication: isSet(io, REPLICATION_PASSWORD) };
  const files = (options.haproxyConfig ?? []).map((path) => resolve(io.cwd, path));
  const { settings } = await loadFor(io, { ...options, haproxy: await chooseSockets(options, files) });
  for (const warning of settings.warnings) io.stderr.write(`signalbox: warning: ${printable(warning)}\n`);
  const parts = open(settings);
  const findings = await untilInterrupted(io, lookAround(io, settings, files, parts)).finally(() => parts.close());
  const draft = addPasswords(buildDraft(findings), passwords);
  const text = formatConfig(draft, passwords, new Date(io.now()).toISOString().slice(0, 10));
  if (file === null) io.stdout.write(text);
  else await writeConfig(file, text, options.force === true);
  report(io, draft, file);
  return EXIT.ok;
}

/** What is commented out for want of a variable is not found either. */
function addPasswords(draft: InitDraft, { mysql, replication }: PasswordsKnown): InitDraft {
  const unset = [
    ...(mysql ? [] : [`the password of ${draft.user}: $${MYSQL_PASSWORD} is not set`]),
    ...(replication || draft.replicationUser === null
      ? []
      : [
          `the password of ${draft.replicationUser}: $${REPLICATION_PASSWORD} is not set, so replication: is commented out`,
        ]),
  ];
  return { ...draft, missing: [...unset, ...draft.missing] };
}

const isSet = ({ env }: CliIo, name: string): boolean => (env[name] ?? "") !== "";

/** @throws UsageError when there is nothing to look at */
async function chooseSockets(options: InitOptions, files: readonly string[]): Promise<readonly string[]> {
  if ((options.haproxy ?? []).length > 0) return options.haproxy ?? [];
  if ((options.mysql ?? []).length > 0 && files.length === 0) return [];
  const sockets = await findSockets(files);
  if (sockets.length > 0 || (options.mysql ?? []).length > 0) return sockets;
  const where = files.length === 0 ? "/etc/haproxy/haproxy.cfg and the usual places name" : `${files.join(", ")} names`;
  throw new UsageError(
    `${where} no HAProxy socket that is there; say where to look: --haproxy unix:///run/haproxy/admin.sock or --mysql mysql://user@host:port`,
  );
}

async function lookAround(
  io: CliIo,
  settings: Settings,
  files: readonly string[],
  { observe, findHaproxyConfig }: InitParts,
): Promise<InitFindings> {
  const timeoutMs = selectTimeoutMs(settings);
  const look = async (own: ClusterSettings): Promise<ClusterSnapshot> => {
    const { clusters } = await observe({ ...settings, clusters: [own] }, { timeoutMs });
    const [cluster] = clusters;
    if (cluster === undefined) throw new UsageError("nothing was named to look at");
    return cluster;
  };
  const [named] = settings.clusters;
  if (named === undefined) throw new UsageError("nothing was named to look at");
  const { own, cluster } = await lookBehindSsh(named, await look(named), look);
  const read = createConfigReader(files, io.cwd, findHaproxyConfig);
  const bounds = { signal: new AbortController().signal, timeoutMs };
  const configs = own.haproxies.map(async (haproxy, position) => {
    const reading = cluster.haproxies.find(({ name }) => name === haproxy.name)?.reading;
    const pid = reading === undefined ? null : (freshValue(reading)?.process?.pid ?? null);
    return [haproxy.name, await read(haproxy, pid, position, bounds)] as const;
  });
  const { configFile, knownHostsFile } = settings.ssh;
  const ssh = { ...settings.ssh, configFile: fromHome(configFile, io), knownHostsFile: fromHome(knownHostsFile, io) };
  return { settings: own, ssh, cluster, configs: new Map(await Promise.all(configs)) };
}

/** As somebody else could use it, too. */
function fromHome(path: string, { env: { HOME } }: CliIo): string {
  return HOME && path.startsWith(`${HOME}/`) ? `~${path.slice(HOME.length)}` : path;
}

/** Those that are reached through SSH may name others that are there, too. */
async function lookBehindSsh(
  own: ClusterSettings,
  cluster: ClusterSnapshot,
  look: (settings: ClusterSettings) => Promise<ClusterSnapshot>,
): Promise<{ readonly own: ClusterSettings; readonly cluster: ClusterSnapshot }> {
  const tried = putBehindSsh(own, cluster);
  if (tried === null) return { own, cluster };
  const reached = keepReached(own, tried, await look(tried));
  if (reached.nodes.length === own.nodes.length) return { own, cluster };
  return lookBehindSsh(reached, await look(reached), look);
}

/** A password may be added to it later, so it is ours alone from the start. @throws UsageError */
async function writeConfig(file: string, text: string, force: boolean): Promise<void> {
  try {
    await writeFile(file, text, { mode: 0o600, flag: force ? "w" : "wx" });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw fileExists(file);
    throw new UsageError(`${quoteValue(file)} cannot be written (${code ?? "error"}); name another file with -o`);
  }
}

/** Before anything is looked at. @throws UsageError */
function assertPlace(file: string, force: boolean): void {
  if (existsSync(file) && !force) throw fileExists(file);
  const folder = dirname(file);
  if (!existsSync(folder))
    throw new UsageError(
      `there is no folder ${quoteValue(folder)}: make it first (mkdir -p), or name another file with -o`,
    );
}

function fileExists(file: string): UsageError {
  return new UsageError(`${quoteValue(file)} exists and is not overwritten; name another file, or give --force`);
}

/** What the run says of itself, beside its result. */
function report(io: CliIo, { nodes, haproxies, missing }: InitDraft, file: string | null): void {
  const count = (number: number, what: string) => `${number} ${what}${number === 1 ? "" : "s"}`;
  const found = `${count(haproxies.length, "HAProxy").replace("HAProxys", "HAProxies")} and ${count(nodes.length, "node")}`;
  io.stderr.write(`signalbox: found ${found}${file === null ? "" : `; wrote ${printable(file)}`}\n`);
  for (const what of missing) io.stderr.write(`signalbox: not found: ${printable(what)}\n`);
}
