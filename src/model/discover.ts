/**
 * Whom to poll: the configured nodes, the servers HAProxy names, and the sources and replicas those nodes name. Pure: give it the last
 * good reports (also of endpoints that are silent now, or nodes would vanish with the HAProxy that named them) and the plan before.
 */
import { addressKey, formatAddress, resolveRelative } from "./address.ts";
import { selectDiscoveryScope } from "./discovery-scope.ts";
import type { HaproxyReport } from "./haproxy.ts";
import { createNodeFinder, type FindNode, haproxyHost, hostFromHere } from "./link.ts";
import type { MysqlReport } from "./mysql.ts";
import { isSameServer } from "./node-identity.ts";
import type { ClusterSettings, NodeSettings } from "./settings.ts";
import type { NodeSnapshot } from "./snapshot.ts";

export interface DiscoveredNode {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly knownFrom: NodeSnapshot["knownFrom"];
  /** Further addresses found to be the same server; they are not polled. */
  readonly aliases: readonly { readonly host: string; readonly port: number }[];
}

export interface NamedHaproxyReport {
  readonly name: string;
  readonly report: HaproxyReport;
}

export interface NamedMysqlReport {
  /** Name of the node in the plan before. */
  readonly name: string;
  readonly report: MysqlReport;
  /** True when the report is of now: a node found through replication that follows one of ours stays in the plan while it answers. */
  readonly answering?: boolean;
}

interface Candidate {
  readonly host: string;
  readonly port: number;
  /** Names HAProxy has for it, in order. */
  readonly names: string[];
  readonly knownFrom: "haproxy" | "replication";
}

/** Ports of services that stand behind HAProxy in tcp mode and never speak MySQL. */
const OTHER_SERVICES = new Set([22, 25, 53, 80, 389, 443, 636, 5432, 5672, 6379, 8080, 8443, 9200, 11211, 27017]);

/**
 * Returns the nodes to poll: configured ones first and always, then those found, in the order of the plan before. A found node keeps its
 * name while it is known: the server name of HAProxy when that means one address only and is free, else `host:port`.
 */
export function planNodes(
  settings: ClusterSettings,
  haproxyReports: readonly NamedHaproxyReport[],
  mysqlReports: readonly NamedMysqlReport[],
  previous: readonly DiscoveredNode[] = [],
): DiscoveredNode[] {
  const configured: DiscoveredNode[] = settings.nodes.map((node) => ({
    name: node.name,
    host: node.host,
    port: node.port,
    knownFrom: "config",
    aliases:
      previous.find((known) => known.knownFrom === "config" && known.name === node.name)?.aliases ?? atHome(node),
  }));
  const candidates = new Map<string, Candidate>();
  const named = new Map<string, Set<string>>();
  const find = createNodeFinder(settings, configured);
  const inScope = selectDiscoveryScope(
    settings,
    haproxyReports.map(({ report }) => report),
  );
  for (const { name, report } of haproxyReports) {
    const seenFrom = haproxyHost(settings.haproxies.find((haproxy) => haproxy.name === name));
    collectServers(report, { seenFrom, find, inScope }, candidates, named);
  }
  const homes = settings.nodes.map((node) => ({ name: node.name, host: hostFromHere(node) }));
  collectReplication(mysqlReports, [...homes, ...previous], candidates);
  keepFollowers(mysqlReports, previous, candidates);
  for (const node of configured) candidates.delete(addressKey(node.host, node.port));
  return mergeSameServers(nameCandidates(configured, candidates, named, previous), mysqlReports, settings);
}

/** Where the machine's own loopback is configured, the servers of a HAProxy there are named by the machine. */
function atHome(node: NodeSettings): DiscoveredNode["aliases"] {
  const host = hostFromHere(node);
  return host === node.host ? [] : [{ host, port: node.port }];
}

interface Surroundings {
  readonly seenFrom: string | null;
  readonly find: FindNode;
  readonly inScope: (backend: string) => boolean;
}

function collectServers(
  report: HaproxyReport,
  { seenFrom, find, inScope }: Surroundings,
  candidates: Map<string, Candidate>,
  named: Map<string, Set<string>>,
): void {
  const http = new Set<string>();
  for (const proxy of report.proxies) if (proxy.kind === "backend" && proxy.mode === "http") http.add(proxy.name);
  for (const server of report.servers) {
    if (server.host === null || server.host === "" || server.port === null || server.port <= 0) continue;
    if (!inScope(server.backend) || http.has(server.backend)) continue;
    if (OTHER_SERVICES.has(server.port) || find(server, seenFrom) !== null) continue;
    const host = resolveRelative(server.host, seenFrom);
    const key = addressKey(host, server.port);
    const addresses = named.get(server.server.toLowerCase());
    if (addresses === undefined) named.set(server.server.toLowerCase(), new Set([key]));
    else addresses.add(key);
    const candidate = candidates.get(key);
    if (candidate === undefined) {
      candidates.set(key, { host, port: server.port, names: [server.server], knownFrom: "haproxy" });
    } else candidate.names.push(server.server);
  }
}

/** Sources named by channels and replicas named by their source, unless a polled node is known to be the one that is meant. */
function collectReplication(
  reports: readonly NamedMysqlReport[],
  nodes: readonly Pick<DiscoveredNode, "name" | "host">[],
  candidates: Map<string, Candidate>,
): void {
  const uuids = new Set(reports.map(({ report }) => report.serverUuid).filter((uuid) => uuid !== null));
  const ids = new Set(reports.map(({ report }) => report.serverId).filter((id) => id !== null));
  const add = (host: string, port: number, seenFrom: string | null) => {
    const seen = resolveRelative(host, seenFrom);
    const key = addressKey(seen, port);
    if (!candidates.has(key)) candidates.set(key, { host: seen, port, names: [], knownFrom: "replication" });
  };
  for (const { name, report } of reports) {
    const seenFrom = nodes.find((node) => node.name === name)?.host ?? null;
    for (const channel of report.channels ?? []) {
      if (channel.sourceHost === "" || channel.sourcePort <= 0) continue;
      if (isKnown(channel.sourceUuid, channel.sourceServerId, uuids, ids)) continue;
      add(channel.sourceHost, channel.sourcePort, seenFrom);
    }
    for (const replica of report.attachedReplicas ?? []) {
      if (replica.host === null || replica.host === "" || replica.port === null || replica.port <= 0) continue;
      if (!isKnown(replica.uuid, replica.serverId, uuids, ids)) add(replica.host, replica.port, seenFrom);
    }
  }
}

/** A replica whose receiver stopped is no longer listed by its source; as long as it answers and says whom it follows, it is one of ours. */
function keepFollowers(
  reports: readonly NamedMysqlReport[],
  previous: readonly DiscoveredNode[],
  candidates: Map<string, Candidate>,
): void {
  for (const { name, report, answering } of reports) {
    const node = previous.find((known) => known.name === name && known.knownFrom === "replication");
    if (node === undefined || answering !== true || (report.channels?.length ?? 0) === 0) continue;
    const key = addressKey(node.host, node.port);
    if (!candidates.has(key))
      candidates.set(key, { host: node.host, port: node.port, names: [], knownFrom: "replication" });
  }
}

function isKnown(
  uuid: string | null,
  serverId: number | null,
  uuids: ReadonlySet<string>,
  ids: ReadonlySet<number>,
): boolean {
  if (uuid !== null && uuid !== "") return uuids.has(uuid);
  return serverId !== null && serverId !== 0 && ids.has(serverId);
}

function nameCandidates(
  configured: readonly DiscoveredNode[],
  candidates: ReadonlyMap<string, Candidate>,
  named: ReadonlyMap<string, ReadonlySet<string>>,
  previous: readonly DiscoveredNode[],
): DiscoveredNode[] {
  const plan = [...configured];
  const taken = new Set(configured.map((node) => node.name.toLowerCase()));
  const rest = new Map(candidates);
  for (const node of previous) {
    const key = addressKey(node.host, node.port);
    const candidate = rest.get(key);
    if (node.knownFrom === "config" || candidate === undefined || taken.has(node.name.toLowerCase())) continue;
    plan.push({ ...node, knownFrom: candidate.knownFrom });
    taken.add(node.name.toLowerCase());
    rest.delete(key);
  }
  for (const { host, port, names, knownFrom } of rest.values()) {
    const free = names.find((name) => named.get(name.toLowerCase())?.size === 1 && !taken.has(name.toLowerCase()));
    const name = free ?? formatAddress(host, port);
    if (taken.has(name.toLowerCase())) continue;
    taken.add(name.toLowerCase());
    plan.push({ name, host, port, knownFrom, aliases: [] });
  }
  return plan;
}

/** Drops a found node that turned out to be a node already in the plan, at another address, and keeps that address as its alias. */
function mergeSameServers(
  plan: readonly DiscoveredNode[],
  reports: readonly NamedMysqlReport[],
  settings: ClusterSettings,
): DiscoveredNode[] {
  const reportOf = new Map(reports.map(({ name, report }) => [name, report]));
  const kept: DiscoveredNode[] = [];
  const aliases = new Map<string, { readonly host: string; readonly port: number }[]>();
  const byAlias = new Map<string, string>();
  for (const node of plan) {
    for (const alias of node.aliases) byAlias.set(addressKey(alias.host, alias.port), node.name);
    aliases.set(node.name, [...node.aliases]);
  }
  for (const node of plan) {
    const report = reportOf.get(node.name);
    const known = byAlias.get(addressKey(node.host, node.port));
    const same = kept.find((other) => {
      if (other.name === known) return true;
      const otherReport = reportOf.get(other.name);
      return report !== undefined && otherReport !== undefined && isSameServer(report, otherReport);
    });
    if (node.knownFrom === "config" || same === undefined) kept.push(node);
    else if (same.name !== known) aliases.get(same.name)?.push({ host: node.host, port: node.port });
  }
  const configuredAddresses = new Set(settings.nodes.map((node) => addressKey(node.host, node.port)));
  return kept.map((node) => ({
    ...node,
    aliases: (aliases.get(node.name) ?? []).filter(
      ({ host, port }) => !configuredAddresses.has(addressKey(host, port)),
    ),
  }));
}
