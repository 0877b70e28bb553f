/** Joins what the HAProxies and the nodes said into one picture of a cluster. Pure: readings in, snapshot out. */
import { formatAddress } from "./address.ts";
import { evaluateAlerts, selectHealth } from "./alerts/evaluate.ts";
import { ALERT_RULES } from "./alerts/table.ts";
import { buildChannels } from "./channels.ts";
import { buildFloatingIp, type FloatingHostInput } from "./floating-ip.ts";
import type { HaproxyReport } from "./haproxy.ts";
import { type LinkedServer, linkServers } from "./link.ts";
import type { MysqlReport } from "./mysql.ts";
import type { JournalFacts } from "./operation.ts";
import { type EpochMs, lastKnown, type Reading } from "./reading.ts";
import { type RouteProbe, viewRouteProbe } from "./route-probe.ts";
import type { ClusterSettings } from "./settings.ts";
import type {
  ClusterSnapshot,
  HaproxyReload,
  HaproxySnapshot,
  NodeSnapshot,
  ReaderRoute,
  ServerLink,
  WriterRoute,
} from "./snapshot.ts";
import { buildTopology, selectRole, type Topology } from "./topology.ts";
import { type FoundBackends, findBackends, selectChoices, selectExpected } from "./writer-route.ts";

export interface HaproxyInput {
  readonly name: string;
  /** URL without secrets. */
  readonly url: string;
  readonly reading: Reading<HaproxyReport>;
  readonly reload: HaproxyReload | null;
}

export interface NodeInput {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Shown address; `host:port` when left out. */
  readonly address?: string;
  readonly knownFrom: NodeSnapshot["knownFrom"];
  readonly priority: NodeSnapshot["priority"];
  readonly reading: Reading<MysqlReport>;
  /** As planNodes found them. */
  readonly aliases?: readonly { readonly host: string; readonly port: number }[];
}

export interface ClusterInput {
  readonly settings: ClusterSettings;
  readonly now: EpochMs;
  readonly haproxies: readonly HaproxyInput[];
  readonly nodes: readonly NodeInput[];
  readonly probe?: RouteProbe | null;
  /** Of the readers whose address is configured. */
  readonly readerProbes?: readonly { readonly backend: string; readonly probe: RouteProbe }[];
  /** Hosts that were asked for the floating address; absent or null where nobody asks. */
  readonly floatingHosts?: readonly FloatingHostInput[] | null;
  readonly journal?: JournalFacts | null;
}

/** Builds the snapshot of one cluster. Only fresh readings lead to conclusions; what is past stays visible as past. */
export function buildClusterSnapshot(input: ClusterInput): ClusterSnapshot {
  const { settings, now } = input;
  const links = linkServers(settings, input.haproxies, input.nodes);
  const reports = input.haproxies.flatMap(({ reading }) => lastKnown(reading)?.value ?? []);
  const backends = findBackends(settings, reports, links);
  const choices = backends.writer === null ? [] : selectChoices(backends.writer.backend, links);
  const expected = selectExpected(choices);
  const topology = buildTopology(input.nodes, expected);
  const nodes = buildNodes(input, links, topology, choices.length > 0 ? expected : null);
  const haproxies: HaproxySnapshot[] = input.haproxies.map(({ name, url, reading, reload }) => ({
    name,
    url,
    reading,
    reload,
  }));
  const writer = buildRoute(backends, input, expected, choices.length > 0);
  const readerRoutes = (input.readerProbes ?? []).map((each) => buildReaderRoute(each, input, links));
  const journal = input.journal ?? null;
  const hosts = input.floatingHosts ?? null;
  const floatingIp =
    settings.floatingIp === null || hosts === null ? null : buildFloatingIp(settings.floatingIp, hosts);
  const roles = { choices, writer, readerBackends: backends.readers, readerRoutes };
  const found = { settings, now, haproxies, nodes, links, topology, floatingIp, journal, ...roles };
  const alerts = evaluateAlerts(ALERT_RULES, found);
  return {
    name: settings.name,
    health: selectHealth(alerts, haproxies, nodes),
    haproxies,
    nodes,
    writer,
    readerBackends: backends.readers,
    ...(readerRoutes.length === 0 ? {} : { readerRoutes }),
    floatingIp,
    alerts,
  };
}

function buildRoute(
  backends: FoundBackends,
  input: ClusterInput,
  expected: readonly string[],
  isTold: boolean,
): WriterRoute | null {
  if (backends.writer === null) return null;
  const { settings, nodes, now } = input;
  const { backend } = backends.writer;
  const scene = { nodes, expected: isTold ? expected : null, expectedAt: readAt(input, backend), now };
  const probe = input.probe ? viewRouteProbe(input.probe, scene) : null;
  const last = probe?.state === "fresh" ? probe.last : null;
  return {
    ...backends.writer,
    multiWriter: settings.writer?.multiWriter ?? false,
    expected,
    probed: last?.name ?? null,
    probedAt: last?.at ?? null,
    probe,
  };
}

function buildReaderRoute(
  { backend, probe }: NonNullable<ClusterInput["readerProbes"]>[number],
  input: ClusterInput,
  links: readonly LinkedServer[],
): ReaderRoute {
  const choices = selectChoices(backend, links);
  const expected = selectExpected(choices);
  const scene = { ...input, expected: choices.length > 0 ? expected : null, expectedAt: readAt(input, backend) };
  const view = viewRouteProbe(probe, scene);
  const last = view.state === "fresh" ? view.last : null;
  return { backend, expected, probed: last?.name ?? null, probedAt: last?.at ?? null, probe: view };
}

/** When the HAProxies that have the backend and answer were read; the oldest of them, null when there is none. */
function readAt({ haproxies }: ClusterInput, backend: string): EpochMs | null {
  const times = haproxies.flatMap(({ reading }) =>
    reading.state === "fresh" && reading.value.servers.some((server) => server.backend === backend) ? [reading.at] : [],
  );
  return times.length === 0 ? null : Math.min(...times);
}

function groupLinks(links: readonly LinkedServer[]): Map<string, ServerLink[]> {
  const groups = new Map<string, ServerLink[]>();
  for (const { node, linkedBy, haproxy, freshness, server } of links) {
    if (node === null || linkedBy === null) continue;
    const link = { haproxy, linkedBy, freshness, server };
    const group = groups.get(node);
    if (group === undefined) groups.set(node, [link]);
    else group.push(link);
  }
  return groups;
}

function buildNodes(
  { nodes, now }: ClusterInput,
  links: readonly LinkedServer[],
  topology: Topology,
  writers: readonly string[] | null,
): NodeSnapshot[] {
  const servers = groupLinks(links);
  const channels = buildChannels(nodes, topology, writers ?? [], now);
  return nodes.map((node) => ({
    name: node.name,
    address: node.address ?? formatAddress(node.host, node.port),
    knownFrom: node.knownFrom,
    reading: node.reading,
    role: selectRole(node, topology, writers),
    servers: servers.get(node.name) ?? [],
    channels: channels.get(node.name) ?? [],
    replicas: topology.followersOf(node.name),
    depth: topology.depthOf(node.name),
    priority: node.priority,
  }));
}
