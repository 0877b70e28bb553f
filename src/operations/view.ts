/** A cluster indexed for planning: only what is known now. Servers of a HAProxy that does not answer are not in it. */
import type { HaproxyServer } from "../model/haproxy.ts";
import type { MysqlReport } from "../model/mysql.ts";
import { freshValue, lastKnown } from "../model/reading.ts";
import type { ClusterSnapshot, HaproxySnapshot, NodeSnapshot } from "../model/snapshot.ts";

export interface ServerView {
  readonly haproxy: string;
  readonly server: HaproxyServer;
  /** Node behind it; null when none is known. */
  readonly node: string | null;
}

export interface ClusterView {
  readonly cluster: ClusterSnapshot;
  /** Servers of every HAProxy that answers, in the order of the configuration. */
  readonly servers: readonly ServerView[];
  /** Also what silent HAProxies said last: to know names, never states. */
  readonly pastServers: readonly ServerView[];
  find(haproxy: string, backend: string, server: string): ServerView | null;
  inBackend(haproxy: string, backend: string): readonly ServerView[];
  node(name: string | null): NodeSnapshot | null;
  /** What the node says now; null when it does not answer or is not known. */
  report(name: string | null): MysqlReport | null;
  haproxy(name: string): HaproxySnapshot | null;
}

export function nameOf(server: { readonly backend: string; readonly server: string }): string {
  return `${server.backend}/${server.server}`;
}

/**
 * Clients of a server that wait and have no session yet: 0 where nothing queues (a SQL proxy has no queue of its own per server), null where a
 * queue is there and its length is not told.
 */
export function selectQueued(view: Pick<ClusterView, "haproxy">, { haproxy, server }: ServerView): number | null {
  const reading = view.haproxy(haproxy)?.reading;
  const hasNone = reading?.state === "fresh" && reading.value.source === "sql-admin";
  return server.queued ?? (hasNone ? 0 : null);
}

const NONE: readonly ServerView[] = [];

export function buildView(cluster: ClusterSnapshot): ClusterView {
  const links = new Map<string, string>();
  for (const node of cluster.nodes) {
    for (const { haproxy, server } of node.servers) links.set(`${haproxy} ${nameOf(server)}`, node.name);
  }
  const servers: ServerView[] = [];
  const pastServers: ServerView[] = [];
  const byName = new Map<string, ServerView>();
  const byBackend = new Map<string, ServerView[]>();
  for (const { name, reading } of cluster.haproxies) {
    const isFresh = reading.state === "fresh";
    for (const server of lastKnown(reading)?.value.servers ?? []) {
      const view = { haproxy: name, server, node: links.get(`${name} ${nameOf(server)}`) ?? null };
      (isFresh ? servers : pastServers).push(view);
      if (!isFresh) continue;
      byName.set(`${name} ${nameOf(server)}`, view);
      const key = `${name} ${server.backend}`;
      const group = byBackend.get(key);
      if (group === undefined) byBackend.set(key, [view]);
      else group.push(view);
    }
  }
  const nodes = new Map(cluster.nodes.map((node) => [node.name, node]));
  const haproxies = new Map(cluster.haproxies.map((haproxy) => [haproxy.name, haproxy]));
  const node = (name: string | null) => (name === null ? null : (nodes.get(name) ?? null));
  return {
    cluster,
    servers,
    pastServers,
    find: (haproxy, backend, server) => byName.get(`${haproxy} ${backend}/${server}`) ?? null,
    inBackend: (haproxy, backend) => byBackend.get(`${haproxy} ${backend}`) ?? NONE,
    node,
    report(name) {
      const found = node(name);
      return found === null ? null : freshValue(found.reading);
    },
    haproxy: (name) => haproxies.get(name) ?? null,
  };
}

/** Why an endpoint is not known now, as the end of a sentence. */
export function describeSilence(reading: HaproxySnapshot["reading"] | NodeSnapshot["reading"]): string {
  switch (reading.state) {
    case "failed":
      return reading.failure.message.replace(/\.$/, "");
    case "stale":
      return "its last answer is too old";
    case "never":
      return "it has not answered yet";
    default:
      return "it answers";
  }
}
