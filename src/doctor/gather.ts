/** Asks everything the rules need, all at once, each with a bound of its own: what hangs is unknown and delays nobody. */
import { parseAddress } from "../config/parse-address.ts";
import type { RequestBounds } from "../drivers/contract.ts";
import { DriverError, describeFailure } from "../drivers/errors.ts";
import type { HaproxyConfigResult } from "../drivers/haproxy-config/read.ts";
import type { NodeExamination } from "../drivers/mysql/examine/examine.ts";
import type { MysqlTarget } from "../drivers/mysql/target.ts";
import { formatSshEndpoint } from "../drivers/ssh/endpoint.ts";
import type { HostReport } from "../model/floating-ip.ts";
import type { LoginTrial } from "../model/preflight.ts";
import { freshValue } from "../model/reading.ts";
import type { ClusterSettings, HaproxySettings } from "../model/settings.ts";
import type { ClusterSnapshot, NodeSnapshot } from "../model/snapshot.ts";
import type { ClusterFacts, Examined } from "./facts.ts";

/** A node as it is reached: through SSH where the configuration says so. */
export type NodeToAsk = Omit<MysqlTarget, "openStream"> & { readonly ssh: string | null };

export interface GatherParts {
  readonly examine: (node: NodeToAsk, bounds: RequestBounds) => Promise<NodeExamination>;
  /** Never rejects. */
  readonly tryLogin: (
    node: NodeToAsk,
    login: NonNullable<ClusterSettings["replication"]>,
    bounds: RequestBounds,
  ) => Promise<LoginTrial>;
  /** Programs on a host behind SSH that move addresses or primaries by themselves; it may reject. */
  readonly findRivals: (target: string, bounds: RequestBounds) => Promise<readonly string[]>;
  /** Every host that could hold the floating address, with what could move it; those that do not answer are left out. Never rejects. */
  readonly readAddressHosts?: (
    settings: ClusterSettings,
    bounds: RequestBounds,
  ) => Promise<ReadonlyMap<string, HostReport>>;
  /** @param position of the HAProxy in the configuration, from 0 */
  readonly readConfig: (
    haproxy: HaproxySettings,
    pid: number | null,
    position: number,
    bounds: RequestBounds,
  ) => Promise<HaproxyConfigResult>;
}

export interface GatherOptions {
  readonly readOnly: boolean;
  /** Bound of every single question. */
  readonly timeoutMs: number;
}

/** @param cluster as seen a moment ago: who did not answer then is not asked again */
export async function gatherFacts(
  settings: ClusterSettings,
  cluster: ClusterSnapshot,
  parts: GatherParts,
  options: GatherOptions,
): Promise<ClusterFacts> {
  const { readOnly, timeoutMs } = options;
  const abort = new AbortController();
  const bounds = { signal: abort.signal, timeoutMs };
  const nodes = cluster.nodes
    .filter(({ reading }) => freshValue(reading) !== null)
    .map((node) => buildTarget(settings, node));
  const { replication } = settings;
  const [examined, logins, configs, rivals, addressHosts] = await Promise.all([
    Promise.all(nodes.map(async (node) => [node.name, await examine(node, parts, bounds)] as const)),
    replication === null || readOnly
      ? []
      : Promise.all(
          nodes.map((node) => within(parts.tryLogin(node, replication, bounds), timeoutMs, node, replication)),
        ),
    readConfigs(settings, cluster, parts, bounds),
    findRivals(settings, parts, bounds),
    // What may be run there is asked of sudo, which writes it down: not by somebody who may change nothing anyway.
    readOnly ? new Map() : (parts.readAddressHosts?.(settings, bounds) ?? new Map()),
  ]);
  // Whatever outlived its bound is told to stop.
  abort.abort();
  return { settings, cluster, readOnly, nodes: new Map(examined), logins, configs, rivals, addressHosts };
}

function buildTarget(settings: ClusterSettings, { name, address }: NodeSnapshot): NodeToAsk {
  const configured = settings.nodes.find((node) => node.name === name);
  const { host, port } = configured ?? parseAddress(address, null);
  const access = configured?.access ?? settings.access;
  return { name, host, port, access, heartbeatTable: null, ssh: configured?.ssh ?? null };
}

async function examine(node: NodeToAsk, parts: GatherParts, bounds: RequestBounds): Promise<Examined> {
  const late = new DriverError({
    kind: "timeout",
    target: node.name,
    operation: "examination",
    message: `no complete answer within ${bounds.timeoutMs / 1000} s.`,
  });
  try {
    return {
      examination: await race(parts.examine(node, bounds), bounds.timeoutMs, () => Promise.reject(late)),
      failure: null,
    };
  } catch (error) {
    return { examination: null, failure: describeFailure(error, node.name, "examination") };
  }
}

function within(
  trial: Promise<LoginTrial>,
  timeoutMs: number,
  { name }: NodeToAsk,
  { user }: { readonly user: string },
): Promise<LoginTrial> {
  const message = `${name}: login as the replication account ${user}: no answer within ${timeoutMs / 1000} s.`;
  const failure = {
    kind: "timeout",
    target: name,
    operation: "login",
    message,
    advice: null,
    serverCode: null,
  } as const;
  return race(trial, timeoutMs, async () => ({ node: name, user, ok: false, failure, mayReplicate: null }));
}

async function readConfigs(
  { haproxies }: ClusterSettings,
  cluster: ClusterSnapshot,
  parts: GatherParts,
  bounds: RequestBounds,
): Promise<ReadonlyMap<string, HaproxyConfigResult>> {
  const found = await Promise.all(
    haproxies.map(async (haproxy, position) => {
      const seen = cluster.haproxies.find(({ name }) => name === haproxy.name);
      const report = seen === undefined ? null : freshValue(seen.reading);
      if (report === null) return [];
      const late = async () => ({ found: null, why: "reading it took too long" });
      const reading = parts.readConfig(haproxy, report.process?.pid ?? null, position, bounds);
      const result = await race(reading, bounds.timeoutMs, late);
      return [[haproxy.name, result] as const];
    }),
  );
  return new Map(found.flat());
}

/** On every host that is reached through SSH. One that cannot be asked is left out: that it cannot be is found by other rules. */
async function findRivals(
  { haproxies, nodes }: ClusterSettings,
  parts: GatherParts,
  bounds: RequestBounds,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const targets = [
    ...haproxies.flatMap(({ location }) => (location.kind === "ssh" ? [formatSshEndpoint(location)] : [])),
    ...nodes.flatMap(({ ssh }) => ssh ?? []),
  ];
  const found = await Promise.all(
    [...new Set(targets)].map(async (target) => {
      const none = async () => [];
      const names = await race(parts.findRivals(target, bounds), bounds.timeoutMs, none).catch(none);
      return names.length === 0 ? [] : [[target, names] as const];
    }),
  );
  return new Map(found.flat());
}

/** The work, or after that long the other. */
async function race<T>(work: Promise<T>, timeoutMs: number, late: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  // Drivers have the same bound and better words for it: they get a moment to say them.
  const limit = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), timeoutMs + 200);
  });
  try {
    const first = await Promise.race([work, limit]);
    return first === "late" ? await late() : (first as T);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}
