/** How a drain stands: pure, from samples of sessions and queue. Nothing counts as empty that was not read now. */
import type { ClientSession } from "../../model/mysql.ts";
import type { DrainProgress, Plan, WatchedServer } from "../../model/operation.ts";
import { type EpochMs, freshValue } from "../../model/reading.ts";
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

/**
 * Process of each HAProxy whose sessions count: the one the plan was made for, else the one that answers now. With several processes (nbproc)
 * they answer in turn, and none is the one.
 */
export function selectProcesses(view: ClusterView, { steps, watch }: Pick<Plan, "steps" | "watch">): Processes {
  const found = new Map<string, number>();
  for (const fact of steps.flatMap(({ before }) => before)) {
    if (fact.kind === "pid" && !found.has(fact.haproxy)) found.set(fact.haproxy, fact.pid);
  }
  for (const { haproxy } of watch) {
    const process = processOf(view, haproxy);
    if ((process?.nbproc ?? 1) > 1) found.delete(haproxy);
    else if (!found.has(haproxy) && process?.pid != null) found.set(haproxy, process.pid);
  }
  return found;
}

export type Processes = ReadonlyMap<string, number>;

function processOf(view: ClusterView, haproxy: string) {
  const reading = view.haproxy(haproxy)?.reading;
  return reading === undefined ? null : (freshValue(reading)?.process ?? null);
}

/** A new process counts its own sessions only: those of the one before it live on, and nobody can be asked for them. */
export function selectReplaced(view: ClusterView, processes: Processes): string[] {
  return [...processes].flatMap(([haproxy, pid]) => {
    const now = processOf(view, haproxy)?.pid ?? null;
    return now === null || now === pid ? [] : [describeReplaced(haproxy, pid, now)];
  });
}

export function describeReplaced(haproxy: string, before: number, now: number): string {
  return `${haproxy} was reloaded, process ${before} is now ${now}: sessions that process ${before} still has are not counted`;
}

/** What is empty, and what is known to be left out of the count: HAProxies that were not asked, and processes that a reload replaced. */
export function describeEmpty(view: ClusterView, { watch, uncounted = [] }: Pick<Plan, "watch" | "uncounted">): string {
  const counted = [...new Set(watch.map(({ haproxy }) => haproxy))];
  const names = new Set(watch.map(nameOf));
  const servers = [...view.servers, ...view.pastServers];
  const others = view.cluster.haproxies.filter(({ name }) => {
    const own = servers.filter(({ haproxy }) => haproxy === name);
    // One that never answered may have it.
    return !counted.includes(name) && (own.length === 0 || own.some(({ server }) => names.has(nameOf(server))));
  });
  const leftOut = [...others.map(({ name }) => `sessions on ${name} are not counted`), ...uncounted];
  if (leftOut.length === 0) return "no session is left on any HAProxy";
  return [`no session is left on ${counted.join(" and ")}`, ...leftOut].join("; ");
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
