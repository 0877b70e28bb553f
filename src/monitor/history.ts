/** The last minute of a node at one sample per tick. Null is a gap, never zero. */
import type { MysqlReport } from "../model/mysql.ts";
import { freshValue } from "../model/reading.ts";
import type { NodeHistory, NodeSnapshot } from "../model/snapshot.ts";

export const HISTORY_LENGTH = 60;

export const EMPTY_HISTORY: NodeHistory = { lagSeconds: [], sessions: [], queriesPerSecond: [] };

/** Counter of queries with the time it was read, for the rate between two polls. */
export interface QueryCount {
  readonly total: number;
  readonly at: number;
}

/** Returns the history with one sample more and at most HISTORY_LENGTH of each. */
export function appendSample(history: NodeHistory, node: NodeSnapshot, queriesPerSecond: number | null): NodeHistory {
  return {
    lagSeconds: push(history.lagSeconds, worstLag(node)),
    sessions: push(history.sessions, clientSessions(node)),
    queriesPerSecond: push(history.queriesPerSecond, queriesPerSecond),
  };
}

/** Query counter of a fresh reading; null when there is none. */
export function queryCount(node: NodeSnapshot): QueryCount | null {
  const total = freshValue<MysqlReport>(node.reading)?.queriesTotal ?? null;
  return total === null || node.reading.state !== "fresh" ? null : { total, at: node.reading.at };
}

/** Queries per second between two readings; null when one is missing, when they are the same, or when the server restarted between them. */
export function queryRate(before: QueryCount | null, after: QueryCount | null): number | null {
  if (before === null || after === null || after.at <= before.at || after.total < before.total) return null;
  return ((after.total - before.total) * 1000) / (after.at - before.at);
}

/** Worst lag over all channels; null when it is not known of each of them. */
function worstLag(node: NodeSnapshot): number | null {
  if (node.reading.state !== "fresh" || node.channels.length === 0) return null;
  const known = node.channels.flatMap((channel) => (channel.lagSeconds === null ? [] : [channel.lagSeconds]));
  return known.length === node.channels.length ? Math.max(...known) : null;
}

/** Sessions that the HAProxies we can see now hold on this node. */
function clientSessions(node: NodeSnapshot): number | null {
  let sum: number | null = null;
  for (const { freshness, server } of node.servers) {
    if (freshness === "fresh" && server.sessions !== null) sum = (sum ?? 0) + server.sessions;
  }
  return sum;
}

function push(samples: readonly (number | null)[], sample: number | null): readonly (number | null)[] {
  return [...samples.slice(Math.max(0, samples.length + 1 - HISTORY_LENGTH)), sample];
}
