/** Who follows whom. Built from what the replicas say (a source only hears of its replicas), the last known word when one is silent. */
import { addressKey, resolveRelative } from "./address.ts";
import type { LinkableNode } from "./link.ts";
import type { AttachedReplica, MysqlReport, ReplicaChannel } from "./mysql.ts";
import { freshValue, lastKnown, type Reading } from "./reading.ts";
import type { NodeRole } from "./snapshot.ts";

export interface TopologyNode extends LinkableNode {
  readonly reading: Reading<MysqlReport>;
}

/** Everything a node's transactions may come from. */
export interface Ancestry {
  /** Names of our nodes it follows, directly or not; in a loop also its own. */
  readonly names: ReadonlySet<string>;
  /** server_uuid and server_id of every source in the chain, ours or not. */
  readonly uuids: ReadonlySet<string>;
  readonly serverIds: ReadonlySet<number>;
  /** True when the chain leaves what we know: a source that is none of ours, or one that is silent. */
  readonly open: boolean;
}

export interface Topology {
  /** Name of the node the channel reads from; null when it is none of ours. */
  readonly sourceOf: (channel: ReplicaChannel) => string | null;
  /** Names of our nodes a node follows directly, one per channel with a known source. */
  readonly sourcesOf: (node: string) => readonly string[];
  /** Names of nodes that follow it, by their own word. */
  readonly followersOf: (node: string) => readonly string[];
  readonly ancestryOf: (node: string) => Ancestry;
  /** Sets of two or more nodes that follow each other in a circle, in the order of the nodes. */
  readonly loops: readonly (readonly string[])[];
  readonly depthOf: (node: string) => number;
  /** False for one of our nodes that says itself that it follows others only: threads of a connection that has ended linger on. */
  readonly isAttached: (replica: AttachedReplica, to: string) => boolean;
  /** True when one of the other nodes has never told whom it follows. */
  readonly mayBeFollowed: (node: string) => boolean;
  /** True for a channel that reads from one of our nodes, which gives no answer to us and none to the replica either; only both together make it dead. */
  readonly isSourceDead: (channel: Pick<ReplicaChannel, "io">, source: string | null) => boolean;
}

type SourceFinder = (channel: ReplicaChannel, owner: TopologyNode) => string | null;

/** Address first; then server_uuid, then server_id, each only where it is unique: sources may be named by any of their host names. */
function createSourceFinder(nodes: readonly TopologyNode[]): SourceFinder {
  const byAddress = new Map<string, string>();
  const byUuid = new Map<string, string | null>();
  const byServerId = new Map<number, string | null>();
  for (const node of nodes) {
    for (const { host, port } of [node, ...(node.aliases ?? [])]) byAddress.set(addressKey(host, port), node.name);
    const report = lastKnown(node.reading)?.value;
    const uuid = report?.serverUuid?.toLowerCase();
    if (uuid !== undefined) byUuid.set(uuid, byUuid.has(uuid) ? null : node.name);
    const id = report?.serverId ?? null;
    if (id !== null) byServerId.set(id, byServerId.has(id) ? null : node.name);
  }
  return (channel, owner) => {
    const host = resolveRelative(channel.sourceHost, owner.host);
    const found = byAddress.get(addressKey(host, channel.sourcePort));
    if (found !== undefined) return found;
    const other = (name: string | null | undefined) => (name === undefined || name === owner.name ? null : name);
    if (channel.sourceUuid !== null && channel.sourceUuid !== "") {
      return other(byUuid.get(channel.sourceUuid.toLowerCase()));
    }
    return channel.sourceServerId === null || channel.sourceServerId === 0
      ? null
      : other(byServerId.get(channel.sourceServerId));
  };
}

function channelsOf(node: TopologyNode): readonly ReplicaChannel[] {
  return lastKnown(node.reading)?.value.channels ?? [];
}

/** Builds the graph. `writers` are the nodes that get writes: a loop is entered there when depths are counted. */
export function buildTopology(nodes: readonly TopologyNode[], writers: readonly string[]): Topology {
  const find = createSourceFinder(nodes);
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const resolved = new Map<ReplicaChannel, string | null>();
  const sources = new Map<string, string[]>();
  const followers = new Map<string, string[]>(nodes.map((node) => [node.name, []]));
  for (const node of nodes) {
    const own: string[] = [];
    for (const channel of channelsOf(node)) {
      const source = find(channel, node);
      resolved.set(channel, source);
      if (source === null) continue;
      own.push(source);
      const list = followers.get(source);
      if (list !== undefined && !list.includes(node.name)) list.push(node.name);
    }
    sources.set(node.name, own);
  }
  const sourcesOf = (name: string) => sources.get(name) ?? [];
  const ancestry = new Map<string, Ancestry>();
  for (const node of nodes) ancestry.set(node.name, traceAncestry(node, byName, resolved));
  const ancestryOf = (name: string) => ancestry.get(name) ?? NO_ANCESTRY;
  const loops = findLoops(nodes, ancestryOf);
  return {
    sourceOf: (channel) => resolved.get(channel) ?? null,
    sourcesOf,
    followersOf: (name) => followers.get(name) ?? [],
    ancestryOf,
    loops,
    isAttached: createAttachedJudge(nodes, (channel) => resolved.get(channel) ?? null),
    mayBeFollowed: (name) =>
      nodes.some((other) => other.name !== name && lastKnown(other.reading)?.value.channels == null),
    isSourceDead: ({ io }, source) => {
      const state = byName.get(source ?? "")?.reading.state;
      return io !== "yes" && (state === "failed" || state === "stale");
    },
    depthOf: createDepthCounter(sourcesOf, new Set(loops.map((loop) => selectHead(loop, writers)))),
  };
}

function createAttachedJudge(
  nodes: readonly TopologyNode[],
  sourceOf: Topology["sourceOf"],
): (replica: AttachedReplica, to: string) => boolean {
  const isIt = (report: MysqlReport, { uuid, serverId }: AttachedReplica) =>
    uuid !== null && report.serverUuid !== null
      ? report.serverUuid.toLowerCase() === uuid.toLowerCase()
      : serverId !== null && report.serverId === serverId;
  return (replica, to) => {
    const reports = nodes.flatMap((node) => freshValue(node.reading) ?? []).filter((report) => isIt(report, replica));
    const [report] = reports;
    // Two nodes of one id, or one that does not tell whom it follows: nobody knows better.
    if (reports.length !== 1 || report?.channels == null) return true;
    return report.channels.some((channel) => [to, null].includes(sourceOf(channel)));
  };
}

const NO_ANCESTRY: Ancestry = { names: new Set(), uuids: new Set(), serverIds: new Set(), open: true };

function traceAncestry(
  start: TopologyNode,
  byName: ReadonlyMap<string, TopologyNode>,
  resolved: ReadonlyMap<ReplicaChannel, string | null>,
): Ancestry {
  const names = new Set<string>();
  const uuids = new Set<string>();
  const serverIds = new Set<number>();
  const note = (uuid: string | null | undefined, serverId: number | null | undefined) => {
    if (uuid != null) uuids.add(uuid.toLowerCase());
    if (serverId != null) serverIds.add(serverId);
  };
  let open = false;
  const queue = [start];
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    open ||= freshValue(node.reading)?.channels == null;
    for (const channel of channelsOf(node)) {
      note(channel.sourceUuid, channel.sourceServerId);
      const source = byName.get(resolved.get(channel) ?? "");
      open ||= source === undefined;
      if (source === undefined || names.has(source.name)) continue;
      const report = lastKnown(source.reading)?.value;
      note(report?.serverUuid, report?.serverId);
      names.add(source.name);
      queue.push(source);
    }
  }
  return { names, uuids, serverIds, open };
}

function findLoops(nodes: readonly TopologyNode[], ancestryOf: (name: string) => Ancestry): string[][] {
  const loops: string[][] = [];
  const placed = new Set<string>();
  for (const { name } of nodes) {
    const above = ancestryOf(name).names;
    if (placed.has(name) || !above.has(name)) continue;
    const loop = nodes
      .map((node) => node.name)
      .filter((other) => above.has(other) && ancestryOf(other).names.has(name));
    for (const member of loop) placed.add(member);
    loops.push(loop);
  }
  return loops;
}

function selectHead(loop: readonly string[], writers: readonly string[]): string {
  return loop.find((name) => writers.includes(name)) ?? loop[0] ?? "";
}

function createDepthCounter(
  sourcesOf: (name: string) => readonly string[],
  heads: ReadonlySet<string>,
): (name: string) => number {
  const depths = new Map<string, number>();
  const count = (name: string, path: ReadonlySet<string>): number => {
    const known = depths.get(name);
    if (known !== undefined) return known;
    let depth = 0;
    if (!heads.has(name)) {
      const below = new Set([...path, name]);
      for (const source of sourcesOf(name)) {
        if (!below.has(source)) depth = Math.max(depth, 1 + count(source, below));
      }
    }
    depths.set(name, depth);
    return depth;
  };
  return (name) => count(name, new Set());
}

/**
 * What a fresh node is in the tree. `writers` as above; without a writer route a member of a pair that is writable counts as taking writes.
 * What a silent node would have told is taken from the others: a pair from the one that answers, and a node that gets the writes for the
 * source of whoever may follow it, or of nobody any more because all that it follows are dead.
 */
export function selectRole(node: TopologyNode, topology: Topology, writers: readonly string[] | null): NodeRole {
  const report = freshValue(node.reading);
  if (report === null || report.channels === null) return "unknown";
  const { channels } = report;
  const followers = topology.followersOf(node.name);
  const attached = (report.attachedReplicas ?? []).filter((replica) => topology.isAttached(replica, node.name));
  const getsWrites = (writers ?? []).includes(node.name);
  if (channels.length === 0) {
    const isFollowed = followers.length > 0 || attached.length > 0 || (getsWrites && topology.mayBeFollowed(node.name));
    return isFollowed ? "source" : "standalone";
  }
  const loop = topology.loops.find((members) => members.includes(node.name));
  const partners = attached.filter((replica) => channels.some((channel) => isSourceOf(channel, replica)));
  const takesWrites = writers === null ? report.readOnly === false : getsWrites;
  const isPair = loop !== undefined || partners.length > 0;
  if (isPair ? takesWrites : getsWrites && hasTakenOver(report, channels, topology)) return "source";
  const isRelay =
    loop === undefined
      ? followers.length > 0 || attached.length > partners.length
      : loop.length > 2 || followers.some((name) => !loop.includes(name));
  return isRelay ? "relay" : "replica";
}

function hasTakenOver({ readOnly }: MysqlReport, channels: readonly ReplicaChannel[], topology: Topology): boolean {
  return readOnly === false && channels.every((channel) => topology.isSourceDead(channel, topology.sourceOf(channel)));
}

function isSourceOf({ sourceUuid, sourceServerId }: ReplicaChannel, { uuid, serverId }: AttachedReplica): boolean {
  if (uuid !== null && sourceUuid !== null && sourceUuid !== "") return uuid.toLowerCase() === sourceUuid.toLowerCase();
  return serverId !== null && serverId !== 0 && serverId === sourceServerId;
}
