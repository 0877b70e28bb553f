/** The real drivers with the ways they take: the only place that knows both. SSH sessions are shared by everything that one of these opens. */

import type { RequestBounds } from "../drivers/contract.ts";
import { DriverError } from "../drivers/errors.ts";
import { formatHaproxyTarget } from "../drivers/haproxy/location.ts";
import { createHaproxyReader } from "../drivers/haproxy/reader.ts";
import { readStickTables } from "../drivers/haproxy/stick-tables.ts";
import type { StreamOpener } from "../drivers/haproxy/stream-opener.ts";
import { createHaproxyWriter } from "../drivers/haproxy/writer.ts";
import type { HaproxyConfigResult } from "../drivers/haproxy-config/read.ts";
import type { RunCommand } from "../drivers/host/run-command.ts";
import { createMysqlProbes } from "../drivers/mysql/probes/probes.ts";
import { createMysqlReader } from "../drivers/mysql/reader.ts";
import { describeTarget, type MysqlTarget } from "../drivers/mysql/target.ts";
import { formatSshEndpoint, parseSshEndpoint } from "../drivers/ssh/endpoint.ts";
import { createLazyStream } from "../drivers/ssh/lazy-stream.ts";
import { createSshTransport, type SshTransport } from "../drivers/ssh/transport.ts";
import { formatAddress } from "../model/address.ts";
import type { ClusterSettings, HaproxySettings, ReaderAddress, Settings } from "../model/settings.ts";
import { systemClock } from "../monitor/clock.ts";
import type { MonitorParts, RouteReader } from "../monitor/parts.ts";
import { createHostOpener, createHostRunner, type HostRunner } from "./hosts.ts";

/** A node as monitor and operations name it: with the host it is behind, not yet with the stream through it. */
export interface NodeBehind extends Omit<MysqlTarget, "openStream"> {
  readonly ssh?: string | null;
}

export interface RealDrivers {
  readonly parts: MonitorParts;
  /** The node with the way to it, for every driver of MySQL. */
  readonly reach: (node: NodeBehind) => MysqlTarget;
  readonly openHaproxyWriter: (settings: HaproxySettings) => ReturnType<typeof createHaproxyWriter>;
  readonly stickTables: typeof readStickTables;
  /** Programs that only read on `[user@]host[:port]`; null where SSH runs none. */
  readonly runOn: (target: string) => RunCommand | null;
  readonly runOnHost: HostRunner;
  /**
   * The haproxy.cfg of a HAProxy of this machine, or of one whose socket is reached through SSH, read there. Never rejects.
   * @param pid as `show info` told it
   */
  readonly findHaproxyConfig: (
    settings: HaproxySettings,
    pid: number | null,
    bounds: RequestBounds,
  ) => Promise<HaproxyConfigResult>;
  /** Ends the SSH sessions. */
  close(): Promise<void>;
}

/** Touches nothing: sessions are opened when the first stream through them is. */
export function openDrivers({ ssh }: Pick<Settings, "ssh">): RealDrivers {
  const transport = createSshTransport(ssh);
  const runOnHost = createHostRunner(createRunner(transport));
  const openerOf = (settings: HaproxySettings) => createSshOpener(transport, settings);
  const reach = ({ ssh: behind, ...node }: NodeBehind): MysqlTarget =>
    behind == null ? node : { ...node, openStream: () => openForward(transport, behind, node) };
  return {
    parts: {
      openHaproxy: (settings) => createHaproxyReader(settings, openerOf(settings)),
      openMysql: (target) => createMysqlReader(reach(target)),
      openRoute,
      openHost: createHostOpener(runOnHost),
      clock: systemClock,
    },
    reach,
    openHaproxyWriter: (settings) => createHaproxyWriter(settings, openerOf(settings)),
    runOnHost,
    stickTables: (settings, bounds) => readStickTables(settings, bounds, openerOf(settings).openStream),
    runOn: (target) => createRunner(transport)?.(target) ?? null,
    findHaproxyConfig: (settings, pid, bounds) => findConfig(transport, settings, pid, bounds),
    close: () => transport.close(),
  };
}

/** Loaded when it is first asked for: a look has no use for it. */
async function findConfig(
  transport: SshTransport,
  { location }: HaproxySettings,
  pid: number | null,
  bounds: RequestBounds,
): Promise<HaproxyConfigResult> {
  const { findHaproxyConfig } = await import("../drivers/haproxy-config/read.ts");
  const runner = createRunner(transport);
  if (location.kind !== "ssh" || runner === null) return findHaproxyConfig(location, pid);
  const { user, host, port } = location;
  return findHaproxyConfig(location, pid, { run: runner(formatSshEndpoint({ user, host, port })), bounds });
}

/** Null where this way of SSH runs no programs. */
function createRunner({ run }: SshTransport): ((target: string) => RunCommand) | null {
  if (run === undefined) return null;
  return (target) => async (argv, bounds) => {
    const endpoint = parseSshEndpoint(target);
    if (endpoint === null) throw badSshTarget(target, target);
    return run(endpoint, argv, target, bounds);
  };
}

/** Empty where the location needs no SSH. */
function createSshOpener(transport: SshTransport, settings: HaproxySettings): { readonly openStream?: StreamOpener } {
  const { location } = settings;
  const target = formatHaproxyTarget(settings);
  if (location.kind === "sql-admin" && location.ssh !== null) {
    const { ssh, host, port } = location;
    return { openStream: (signal) => openPort(transport, ssh, { host, port }, target, signal) };
  }
  if (location.kind !== "ssh") return {};
  const { user, host, port, path } = location;
  return { openStream: (signal) => transport.open({ user, host, port }, { kind: "unix", path }, target, signal) };
}

function openForward(transport: SshTransport, behind: string, node: MysqlTarget) {
  return createLazyStream((signal) => openPort(transport, behind, node, describeTarget(node), signal));
}

/** A stream to a port as the host behind SSH sees it. @throws DriverError */
async function openPort(
  transport: SshTransport,
  behind: string,
  { host, port }: { readonly host: string; readonly port: number },
  target: string,
  signal: AbortSignal,
) {
  const endpoint = parseSshEndpoint(behind);
  if (endpoint !== null) return transport.open(endpoint, { kind: "tcp", host, port }, target, signal);
  throw badSshTarget(behind, target);
}

function badSshTarget(written: string, target: string): DriverError {
  const message = `${written} is not an SSH target.`;
  return new DriverError({ kind: "unreachable", target, operation: "ssh", message, advice: "Write user@host." });
}

/** Where clients connect is reached as they reach it, never through SSH. */
function openRoute(cluster: ClusterSettings, reader?: ReaderAddress): RouteReader {
  const name = reader === undefined ? "writer" : `reader ${reader.backend}`;
  const address = reader ?? cluster.writer?.address ?? null;
  const frontend = address === null ? {} : { frontend: { name, host: address.host, port: address.port } };
  const probes = createMysqlProbes({ cluster, nodeTarget: () => null, ...frontend });
  return {
    target: address === null ? name : `${name} ${formatAddress(address.host, address.port)}`,
    poll: (bounds) => probes.route(bounds),
    close: async () => undefined,
  };
}
