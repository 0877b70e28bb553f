/** Keeps the history of one cluster: takes the figures of each tick out of its picture. What is not known fresh is a gap, never zero. */

import type { MysqlReport } from "../mysql.ts";
import { type EpochMs, freshValue } from "../reading.ts";
import type { ChannelSnapshot, ClusterSnapshot, HaproxySnapshot, NodeSnapshot } from "../snapshot.ts";
import { appendFrame } from "./append.ts";
import { type ClusterHistory, createHistory, NODE_FIGURES, SERVER_FIGURES } from "./history.ts";
import { PlaceList } from "./place-list.ts";
import { compactHistory } from "./places.ts";

/** Counter of queries with the time it was read, for the rate between two polls. */
interface QueryCount {
  readonly total: number;
  readonly at: EpochMs;
}

export class HistoryKeeper {
  #history: ClusterHistory;
  #lastTick: number | null = null;
  #nodes = new PlaceList([]);
  #servers = new PlaceList([]);
  /** By name and address: a node that moved begins anew. */
  #queries = new Map<string, QueryCount>();

  constructor(tickMs: number) {
    this.#history = createHistory(tickMs);
  }

  get history(): ClusterHistory {
    return this.#history;
  }

  /**
   * Adds the sample of one tick.
   * @param tick number of the tick; those left out since the sample before are gaps
   */
  sample(cluster: ClusterSnapshot, tick: number, at: EpochMs): void {
    const missed = this.#lastTick === null ? 0 : Math.max(0, tick - this.#lastTick - 1);
    this.#lastTick = tick;
    this.#makePlaces(cluster);
    const nodes = createBlock(this.#nodes.names.length * NODE_FIGURES.length);
    const servers = createBlock(this.#servers.names.length * SERVER_FIGURES.length);
    this.#writeNodes(cluster.nodes, nodes);
    for (const haproxy of cluster.haproxies) this.#writeServers(haproxy, servers);
    this.#history = appendFrame(this.#named(), { at, nodes, servers }, missed);
  }

  #named(): ClusterHistory {
    return { ...this.#history, nodes: this.#nodes.names, servers: this.#servers.names };
  }

  #makePlaces(cluster: ClusterSnapshot): void {
    // Nothing is missing of a node that was only just found: it is watched from its first answer, or failure, on.
    const nodes = new Set(cluster.nodes.filter(({ reading }) => reading.state !== "never").map(({ name }) => name));
    for (const name of nodes) this.#nodes.placeOf(name);
    let count = 0;
    for (const { name, reading } of cluster.haproxies) {
      for (const { backend, server } of freshValue(reading)?.servers ?? []) {
        this.#servers.placeOf(name, backend, server);
        count += 1;
      }
    }
    if (!this.#nodes.isCrowded(nodes.size) && !this.#servers.isCrowded(count)) return;
    this.#history = compactHistory(this.#named(), { nodes, servers: nameServers(cluster.haproxies) });
    this.#nodes = new PlaceList(this.#history.nodes);
    this.#servers = new PlaceList(this.#history.servers);
  }

  /** In the order of NODE_FIGURES. */
  #writeNodes(nodes: readonly NodeSnapshot[], to: Float32Array): void {
    const queries = new Map<string, QueryCount>();
    for (const node of nodes) {
      if (node.reading.state === "never") continue;
      const at = this.#nodes.placeOf(node.name) * NODE_FIGURES.length;
      const identity = `${node.name}\n${node.address}`;
      const count = queryCount(node);
      if (count !== null) queries.set(identity, count);
      to[at] = worst(node, (channel) => channel.lagSeconds);
      to[at + 1] = clientSessions(node);
      to[at + 2] = worst(node, (channel) => channel.behind);
      to[at + 3] = queryRate(this.#queries.get(identity) ?? null, count);
    }
    this.#queries = queries;
  }

  /** In the order of SERVER_FIGURES. */
  #writeServers({ name, reading }: HaproxySnapshot, to: Float32Array): void {
    for (const { backend, server, check, checkDurationMs, sessions } of freshValue(reading)?.servers ?? []) {
      const at = this.#servers.placeOf(name, backend, server) * SERVER_FIGURES.length;
      // In maintenance nothing is checked: the duration told is that of a check long ago.
      to[at] = check === null ? Number.NaN : (checkDurationMs ?? Number.NaN);
      to[at + 1] = sessions ?? Number.NaN;
    }
  }
}

function createBlock(length: number): Float32Array {
  return new Float32Array(length).fill(Number.NaN);
}

function nameServers(haproxies: readonly HaproxySnapshot[]): Set<string> {
  return new Set(
    haproxies.flatMap(({ name, reading }) =>
      (freshValue(reading)?.servers ?? []).map(({ backend, server }) => `${name}/${backend}/${server}`),
    ),
  );
}

function queryCount({ reading }: NodeSnapshot): QueryCount | null {
  const total = freshValue<MysqlReport>(reading)?.queriesTotal ?? null;
  return total === null || reading.state !== "fresh" ? null : { total, at: reading.at };
}

/** Queries per second between two readings; NaN when one is missing, when they are the same, or when the server restarted between them. */
function queryRate(before: QueryCount | null, after: QueryCount | null): number {
  if (before === null || after === null || after.at <= before.at || after.total < before.total) return Number.NaN;
  return ((after.total - before.total) * 1000) / (after.at - before.at);
}

/** The worst channel; NaN when the figure is not known of each of them. */
function worst(node: NodeSnapshot, pick: (channel: ChannelSnapshot) => number | null): number {
  if (node.reading.state !== "fresh" || node.channels.length === 0) return Number.NaN;
  let highest = 0;
  for (const channel of node.channels) {
    const figure = pick(channel);
    if (figure === null) return Number.NaN;
    highest = Math.max(highest, figure);
  }
  return highest;
}

/** Sessions that the HAProxies hold on this node; of those that are silent nobody knows, so the sum is then told as a part. */
function clientSessions({ servers }: NodeSnapshot): number {
  let sum = Number.NaN;
  let isWhole = true;
  for (const { freshness, server } of servers) {
    if (freshness === "fresh" && server.sessions !== null) sum = (Number.isNaN(sum) ? 0 : sum) + server.sessions;
    else isWhole = false;
  }
  return isWhole ? sum : -sum;
}
