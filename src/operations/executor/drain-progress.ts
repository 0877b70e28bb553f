/** How a drain stands: pure, from samples of sessions and queue. Nothing counts as empty that was not read now. */
import type { ClientSession } from "../../model/mysql.ts";
import type { DrainProgress, WatchedServer } from "../../model/operation.ts";
import type { EpochMs } from "../../model/reading.ts";
import { selectAdminState } from "../admin-state.ts";
import { type ClusterView, nameOf, selectQueued } from "../view.ts";

export interface DrainSample {
  readonly atMs: number;
  /** Sessions and queue over all HAProxies; null when one could not be read. */
  readonly left: number | null;
}

/** Rates are taken over at most this long: sessions leave in bursts. */
const RATE_WINDOW_MS = 15_000;

type Clients = DrainProgress["clients"];

export function measureServers(view: ClusterView, watch: readonly WatchedServer[]): DrainProgress["perHaproxy"] {
  return watch.map((each) => {
    const found = view.find(each.haproxy, each.backend, each.server);
    return {
      haproxy: each.haproxy,
      server: nameOf(each),
      sessions: found?.server.sessions ?? null,
      queued: found === null ? null : selectQueued(view, found),
    };
  });
}

export function sumOrNull(values: readonly (number | null)[]): number | null {
  return values.reduce<number | null>((sum, value) => (sum === null || value === null ? null : sum + value), 0);
}

/** Sessions per second that leave; null before there are two samples a moment apart. */
export function measureRate(samples: readonly DrainSample[]): number | null {
  const known = samples.flatMap(({ atMs, left }) => (left === null ? [] : [{ atMs, left }]));
  const last = known.at(-1);
  if (last === undefined) return null;
  const first = known.find(({ atMs }) => last.atMs - atMs <= RATE_WINDOW_MS);
  if (first === undefined || last.atMs - first.atMs < 400) return null;
  return ((first.left - last.left) * 1000) / (last.atMs - first.atMs);
}

/** Clients of the nodes by user and host, most sessions first. */
export function groupClients(sessions: readonly ClientSession[]): Clients {
  const groups = new Map<string, { user: string; host: string; count: number }>();
  for (const { user, host, system } of sessions) {
    if (system) continue;
    const from = host?.replace(/:\d+$/, "") ?? "unknown";
    const key = `${user}@${from}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { user, host: from, count: 1 });
    else group.count += 1;
  }
  return [...groups.values()].sort((a, b) => b.count - a.count);
}

/** Servers that are no longer out of rotation, or gone: a reload took the drain back, or somebody did. */
export function selectLost(view: ClusterView, watch: readonly WatchedServer[]): string[] {
  return watch.flatMap((each) => {
    if (view.haproxy(each.haproxy)?.reading.state !== "fresh") return [];
    const server = view.find(each.haproxy, each.backend, each.server)?.server;
    if (server === undefined) return [`${nameOf(each)} is gone from ${each.haproxy}`];
    return selectAdminState(server) === "ready" ? [`${nameOf(each)} is in rotation again on ${each.haproxy}`] : [];
  });
}

export function buildDrainProgress(options: {
  readonly perHaproxy: DrainProgress["perHaproxy"];
  readonly samples: readonly DrainSample[];
  readonly deadlineAt: EpochMs | null;
  readonly clients: Clients;
  readonly stillFed: boolean;
}): DrainProgress {
  const { perHaproxy, samples, deadlineAt, clients, stillFed } = options;
  const sessions = sumOrNull(perHaproxy.map((each) => each.sessions));
  const queued = sumOrNull(perHaproxy.map((each) => each.queued));
  const leavingPerSecond = measureRate(samples);
  const left = sumOrNull([sessions, queued]);
  const isFalling = left !== null && leavingPerSecond !== null && leavingPerSecond > 0;
  const emptyInSeconds = isFalling ? left / leavingPerSecond : null;
  // Who was there at the last look is no longer news when nobody is left.
  const remaining = left === 0 ? [] : clients;
  return { sessions, queued, leavingPerSecond, emptyInSeconds, deadlineAt, clients: remaining, perHaproxy, stillFed };
}
