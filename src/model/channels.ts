/** Channels with their figures: lag, distance, errant ids. Figures come from fresh readings only. */
import { type KnownOrigins, measureDistance } from "./distance/distance.ts";
import { selectLag } from "./lag.ts";
import type { MysqlReport, ReplicaChannel } from "./mysql.ts";
import { type EpochMs, freshValue, lastKnown, provesLife } from "./reading.ts";
import type { ChannelSnapshot } from "./snapshot.ts";
import type { Topology, TopologyNode } from "./topology.ts";

function collectOrigins(nodes: readonly TopologyNode[]): KnownOrigins {
  const reports = nodes.flatMap(({ reading }) => lastKnown(reading)?.value ?? []);
  return {
    uuids: new Set(reports.flatMap(({ serverUuid }) => serverUuid?.toLowerCase() ?? [])),
    serverIds: new Set(reports.flatMap(({ serverId }) => serverId ?? [])),
  };
}

/**
 * Where writes enter above this source: itself when it takes writes or follows nobody; null when that cannot be told (several sources). In a
 * circle that comes back to the replica it is the source: the replica's own heartbeat tells nothing about the channel.
 */
function selectRoot(replica: string, source: string, topology: Topology, writers: readonly string[]): string | null {
  const seen = new Set<string>();
  let name = source;
  while (!writers.includes(name) && !seen.has(name)) {
    seen.add(name);
    const [next, ...more] = topology.sourcesOf(name);
    if (more.length > 0) return null;
    if (next === undefined) return name;
    if (next === replica) return source;
    name = next;
  }
  return name;
}

/** Seconds since a node that does not answer did so last; Infinity when never; null while it answers, proves to be alive or was never asked. */
function measureSilence(node: TopologyNode | undefined, now: EpochMs): number | null {
  if (node === undefined || node.reading.state === "never" || node.reading.state === "fresh") return null;
  if (node.reading.state === "failed" && provesLife(node.reading.failure)) return null;
  const known = lastKnown(node.reading);
  return known === null ? Number.POSITIVE_INFINITY : Math.max(0, now - known.at) / 1000;
}

/**
 * Channels of every node by node name. Of a node whose reading is not fresh they are what it said last, without figures: past, to be shown
 * as past.
 */
export function buildChannels(
  nodes: readonly TopologyNode[],
  topology: Topology,
  writers: readonly string[],
  now: EpochMs,
): Map<string, readonly ChannelSnapshot[]> {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const fresh = new Map<string, MysqlReport>();
  for (const { name, reading } of nodes) {
    const report = freshValue(reading);
    if (report !== null) fresh.set(name, report);
  }
  const origins = collectOrigins(nodes);
  const built = new Map<string, readonly ChannelSnapshot[]>();
  for (const node of nodes) {
    const channels = lastKnown(node.reading)?.value.channels ?? [];
    const report = fresh.get(node.name);
    built.set(
      node.name,
      channels.map((channel) => {
        const sourceNode = topology.sourceOf(channel);
        if (report === undefined) return buildPastChannel(channel, sourceNode);
        const source = sourceNode === null ? null : (fresh.get(sourceNode) ?? null);
        const root = sourceNode === null ? null : selectRoot(node.name, sourceNode, topology, writers);
        const rootReport = root === null ? null : (fresh.get(root) ?? null);
        const lag = selectLag(channel, {
          heartbeats: report.heartbeats,
          rootServerId: rootReport?.serverId ?? null,
          rootHeartbeats: rootReport?.heartbeats ?? null,
          sourceSilentSeconds: measureSilence(byName.get(sourceNode ?? ""), now),
        });
        const distance = measureDistance(source, report, channel, topology.ancestryOf(node.name), origins);
        return { ...channel, sourceNode, lagSeconds: lag.seconds, lagFrom: lag.from, ...distance };
      }),
    );
  }
  return built;
}

function buildPastChannel(channel: ReplicaChannel, sourceNode: string | null): ChannelSnapshot {
  const unknown = { lagSeconds: null, lagFrom: "unknown", behind: null, applierBacklog: null, errant: null } as const;
  return { ...channel, sourceNode, ...unknown };
}
