/** Links of a node as they cross: the server by its place. They change when a server moves or a HAProxy falls silent, hardly ever otherwise. */
import type { HaproxyServer } from "../../model/haproxy.ts";
import type { ServerLink } from "../../model/snapshot.ts";

export interface PackedLink extends Omit<ServerLink, "server"> {
  /** Place among the servers of all HAProxies of the cluster in their order; the server itself when no report holds it. */
  readonly server: number | HaproxyServer;
}

/** Returns `before` itself when it says the same. */
export function packLinks(
  links: readonly ServerLink[],
  places: ReadonlyMap<HaproxyServer, number>,
  before: readonly PackedLink[],
): readonly PackedLink[] {
  const isSame = ({ haproxy, linkedBy, freshness, server }: ServerLink, known: PackedLink | undefined) =>
    known !== undefined &&
    known.server === places.get(server) &&
    known.freshness === freshness &&
    known.linkedBy === linkedBy &&
    known.haproxy === haproxy;
  if (links.length === before.length && links.every((link, index) => isSame(link, before[index]))) return before;
  return links.map(({ haproxy, linkedBy, freshness, server }) => {
    return { haproxy, linkedBy, freshness, server: places.get(server) ?? server };
  });
}

export function unpackLinks(links: readonly PackedLink[], servers: readonly HaproxyServer[]): ServerLink[] {
  return links.map(({ haproxy, linkedBy, freshness, server }) => {
    return { haproxy, linkedBy, freshness, server: typeof server === "number" ? serverAt(servers, server) : server };
  });
}

function serverAt(servers: readonly HaproxyServer[], place: number): HaproxyServer {
  const server = servers[place];
  if (server === undefined) throw new Error(`links: there is no server ${place}`);
  return server;
}
