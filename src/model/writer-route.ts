/** Which servers get new writes as HAProxy really chooses now, and which backends are for reading. */
import type { HaproxyReport, HaproxyServer } from "./haproxy.ts";
import type { LinkedServer } from "./link.ts";
import type { ClusterSettings } from "./settings.ts";

/** Who gets new connections of the writer backend in one HAProxy that answers. */
export interface WriterChoice {
  readonly haproxy: string;
  /** All servers of the backend, in configured order. */
  readonly servers: readonly LinkedServer[];
  /** Those that get new connections now; empty when none can. */
  readonly chosen: readonly LinkedServer[];
}

/**
 * True when HAProxy may give this server a new connection: UP or never checked, and a weight above 0. An unknown weight counts as above
 * 0, since only weight 0 takes a server out and HAProxy shows that. Drain, maint, nolb, down and unknown states are out.
 */
export function isUsable(server: HaproxyServer): boolean {
  return (server.state === "up" || server.state === "unchecked") && server.weight !== 0;
}

/** Active usable servers all share the load; without one only the first usable backup does (`option allbackups` cannot be seen from outside). */
export function selectChosen(servers: readonly LinkedServer[]): LinkedServer[] {
  const usable = servers.filter(({ server }) => isUsable(server));
  const active = usable.filter(({ server }) => !server.backup);
  return active.length > 0 ? active : usable.slice(0, 1);
}

export function httpBackends(reports: readonly HaproxyReport[]): Set<string> {
  const names = new Set<string>();
  for (const report of reports) {
    for (const proxy of report.proxies) if (proxy.kind === "backend" && proxy.mode === "http") names.add(proxy.name);
  }
  return names;
}

export interface FoundBackends {
  readonly writer: { readonly backend: string; readonly knownFrom: "config" | "found" } | null;
  readonly readers: readonly string[];
}

/**
 * Writer backend from the settings, else the one backend that has backup servers, when exactly one has. Readers from the settings, else
 * (once the writer is known) every other backend with a server of ours. Pass the last known reports, so that a silent HAProxy does not
 * change what the backends are for.
 */
export function findBackends(
  settings: ClusterSettings,
  reports: readonly HaproxyReport[],
  links: readonly LinkedServer[],
): FoundBackends {
  const http = httpBackends(reports);
  const writer = settings.writer?.backend ?? findWriterBackend(reports, http);
  const knownFrom = settings.writer === null ? "found" : "config";
  if (settings.readers !== null) {
    return { writer: writer === null ? null : { backend: writer, knownFrom }, readers: settings.readers };
  }
  if (writer === null) return { writer: null, readers: [] };
  const readers = new Set<string>();
  for (const { node, server } of links) {
    if (node !== null && server.backend !== writer && !http.has(server.backend)) readers.add(server.backend);
  }
  return { writer: { backend: writer, knownFrom }, readers: [...readers] };
}

/** The one backend that has backup servers; null when none or several have. */
export function findWriterBackend(reports: readonly HaproxyReport[], http: ReadonlySet<string>): string | null {
  const found = new Set<string>();
  for (const report of reports) {
    for (const server of report.servers) if (server.backup && !http.has(server.backend)) found.add(server.backend);
  }
  const [only, ...more] = found;
  return only === undefined || more.length > 0 ? null : only;
}

/** One choice per HAProxy whose reading is fresh and which has the backend. */
export function selectChoices(backend: string, links: readonly LinkedServer[]): WriterChoice[] {
  const byHaproxy = new Map<string, LinkedServer[]>();
  for (const link of links) {
    if (link.freshness !== "fresh" || link.server.backend !== backend) continue;
    const list = byHaproxy.get(link.haproxy);
    if (list === undefined) byHaproxy.set(link.haproxy, [link]);
    else list.push(link);
  }
  return [...byHaproxy].map(([haproxy, servers]) => ({ haproxy, servers, chosen: selectChosen(servers) }));
}

/** Name of the node behind a server, or `backend/server` where no node is known. */
export function writerName(link: LinkedServer): string {
  return link.node ?? `${link.server.backend}/${link.server.server}`;
}

/** Everybody who gets new writes through any HAProxy, each once. */
export function selectExpected(choices: readonly WriterChoice[]): string[] {
  return [...new Set(choices.flatMap(({ chosen }) => chosen.map(writerName)))];
}
