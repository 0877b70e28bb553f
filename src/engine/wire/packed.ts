/**
 * A snapshot as it crosses: servers in columns, and links that name their server by its place, or every server would be compared, sent
 * and kept twice. Parts that have not changed since the snapshot before are the same objects as in it.
 */
import type { HaproxyReport, HaproxyServer } from "../../model/haproxy.ts";
import { lastKnown, type Reading } from "../../model/reading.ts";
import type { ClusterSnapshot, HaproxySnapshot, NodeSnapshot, Snapshot } from "../../model/snapshot.ts";
import { type PackedLink, packLinks, unpackLinks } from "./links.ts";
import { joinServers, type ServerColumns, splitServers } from "./server-columns.ts";

interface PackedReport extends Omit<HaproxyReport, "servers"> {
  readonly servers: ServerColumns;
}

interface PackedHaproxy extends Omit<HaproxySnapshot, "reading"> {
  readonly reading: Reading<PackedReport>;
}

interface PackedNode extends Omit<NodeSnapshot, "servers"> {
  readonly servers: readonly PackedLink[];
}

interface PackedCluster extends Omit<ClusterSnapshot, "haproxies" | "nodes"> {
  readonly haproxies: readonly PackedHaproxy[];
  readonly nodes: readonly PackedNode[];
}

export interface PackedSnapshot extends Omit<Snapshot, "clusters"> {
  readonly clusters: readonly PackedCluster[];
}

/** `before`: the snapshot packed last; null to begin with. */
export function packSnapshot(snapshot: Snapshot, before: PackedSnapshot | null): PackedSnapshot {
  const clusters = snapshot.clusters.map((cluster, index) => packCluster(cluster, before?.clusters[index]));
  return { ...snapshot, clusters };
}

/** The snapshot again: a link holds the same object as the report. */
export function unpackSnapshot(packed: PackedSnapshot): Snapshot {
  return { ...packed, clusters: packed.clusters.map(unpackCluster) };
}

function packCluster(cluster: ClusterSnapshot, before: PackedCluster | undefined): PackedCluster {
  const places = new Map<HaproxyServer, number>();
  for (const server of selectServers(cluster.haproxies)) places.set(server, places.size);
  const haproxies = cluster.haproxies.map((haproxy, index): PackedHaproxy => {
    const known = before?.haproxies[index];
    const old = known === undefined ? null : lastKnown(known.reading);
    return { ...haproxy, reading: mapReading(haproxy.reading, (report) => packReport(report, old?.value ?? null)) };
  });
  const nodes = cluster.nodes.map((node, index): PackedNode => {
    return { ...node, servers: packLinks(node.servers, places, before?.nodes[index]?.servers ?? []) };
  });
  return { ...cluster, haproxies, nodes };
}

function unpackCluster(cluster: PackedCluster): ClusterSnapshot {
  const haproxies = cluster.haproxies.map((haproxy): HaproxySnapshot => {
    return { ...haproxy, reading: mapReading(haproxy.reading, unpackReport) };
  });
  const servers = selectServers(haproxies);
  const nodes = cluster.nodes.map((node): NodeSnapshot => ({ ...node, servers: unpackLinks(node.servers, servers) }));
  return { ...cluster, haproxies, nodes };
}

function packReport(report: HaproxyReport, before: PackedReport | null): PackedReport {
  return { ...report, servers: splitServers(report.servers, before?.servers ?? null) };
}

function unpackReport(report: PackedReport): HaproxyReport {
  return { ...report, servers: joinServers(report.servers) };
}

function mapReading<T, U>(reading: Reading<T>, map: (value: T) => U): Reading<U> {
  switch (reading.state) {
    case "never":
      return reading;
    case "failed": {
      const { last } = reading;
      return { ...reading, last: last === null ? null : { ...last, value: map(last.value) } };
    }
    default:
      return { ...reading, value: map(reading.value) };
  }
}

function selectServers(haproxies: readonly HaproxySnapshot[]): HaproxyServer[] {
  return haproxies.flatMap(({ reading }) => lastKnown(reading)?.value.servers ?? []);
}
