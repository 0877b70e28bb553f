/** The last picture, told as past: for the time in which nothing is heard from the engine. */
import { formatAddress } from "../model/address.ts";
import { markFloatingLost } from "../model/floating-ip.ts";
import { ENGINE_TARGET, type EpochMs, type Failure, lastKnown, type Reading } from "../model/reading.ts";
import type { RouteProbeView } from "../model/route-probe.ts";
import type { Settings } from "../model/settings.ts";
import type { ClusterSnapshot, ReaderRoute, Snapshot, WriterRoute } from "../model/snapshot.ts";

/** Every reading failed with its last good value, health unknown, no alerts: nothing of it is known to be true now. */
export function markLost(snapshot: Snapshot, seq: number, at: EpochMs, message: string): Snapshot {
  const failure: Failure = {
    kind: "unreachable",
    target: ENGINE_TARGET,
    operation: "poll",
    message,
    advice: "signalbox starts it again by itself; quit and start signalbox if this stays.",
    serverCode: null,
  };
  return {
    ...snapshot,
    seq,
    at,
    changes: [],
    clusters: snapshot.clusters.map((each) => markCluster(each, failure, at)),
  };
}

/** What there is to show before the first picture: everything the configuration names, never read. */
export function blankSnapshot(settings: Settings, at: EpochMs): Snapshot {
  const never = <T>(from: string): Reading<T> => ({ state: "never", from });
  const clusters = settings.clusters.map(
    (cluster): ClusterSnapshot => ({
      name: cluster.name,
      health: "unknown",
      haproxies: cluster.haproxies.map(({ name }) => ({ name, url: "", reading: never(name), reload: null })),
      nodes: cluster.nodes.map(({ name, host, port, priority }) => ({
        name,
        address: formatAddress(host, port),
        knownFrom: "config",
        reading: never(name),
        role: "unknown",
        servers: [],
        channels: [],
        replicas: [],
        depth: 0,
        priority,
      })),
      writer: null,
      readerBackends: [],
      alerts: [],
    }),
  );
  return { seq: 0, at, intervalMs: settings.intervalMs, clusters, changes: [] };
}

function markCluster(cluster: ClusterSnapshot, failure: Failure, at: EpochMs): ClusterSnapshot {
  return {
    ...cluster,
    health: "unknown",
    alerts: [],
    writer: cluster.writer === null ? null : markWriter(cluster.writer, failure, at),
    ...(cluster.readerRoutes === undefined
      ? {}
      : { readerRoutes: cluster.readerRoutes.map((route) => markReader(route, failure, at)) }),
    floatingIp: cluster.floatingIp == null ? null : markFloatingLost(cluster.floatingIp, failure),
    haproxies: cluster.haproxies.map((each) => ({ ...each, reading: markReading(each.reading, failure, at) })),
    nodes: cluster.nodes.map((node) => ({
      ...node,
      role: "unknown",
      reading: markReading(node.reading, failure, at),
      servers: node.servers.map((link) => ({ ...link, freshness: "failed" })),
      channels: node.channels.map((channel) => ({ ...channel, lagSeconds: null, lagFrom: "unknown" })),
    })),
  };
}

function markWriter(writer: WriterRoute, failure: Failure, at: EpochMs): WriterRoute {
  const probe = writer.probe == null ? null : markProbe(writer.probe, failure, at);
  return { ...writer, expected: [], probed: null, probedAt: null, probe };
}

function markReader(route: ReaderRoute, failure: Failure, at: EpochMs): ReaderRoute {
  return { ...route, expected: [], probed: null, probedAt: null, probe: markProbe(route.probe, failure, at) };
}

function markProbe({ strangers: _, ...probe }: RouteProbeView, failure: Failure, failedAt: EpochMs): RouteProbeView {
  return { ...probe, state: "failed", failure, failedAt, failsAgain: false, mismatch: null, confirmed: false };
}

function markReading<T>(reading: Reading<T>, failure: Failure, at: EpochMs): Reading<T> {
  return { state: "failed", from: reading.from, failure, failedAt: at, last: lastKnown(reading) };
}
