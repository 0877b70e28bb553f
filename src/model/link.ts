/** Which HAProxy server is which MySQL node, and how that is known. */
import { addressKey, isLoopback, normalizeHost, resolveRelative } from "./address.ts";
import type { HaproxyReport, HaproxyServer } from "./haproxy.ts";
import { lastKnown, type Reading } from "./reading.ts";
import type { ClusterSettings, HaproxySettings } from "./settings.ts";
import type { ServerLink } from "./snapshot.ts";

export interface LinkableNode {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Further `host:port` the same server answers at. */
  readonly aliases?: readonly { readonly host: string; readonly port: number }[];
}

export interface LinkedServer {
  readonly haproxy: string;
  readonly server: HaproxyServer;
  /** Name of the node; null when no node is known for it. */
  readonly node: string | null;
  readonly linkedBy: ServerLink["linkedBy"] | null;
  readonly freshness: ServerLink["freshness"];
}

export type FindNode = (
  server: HaproxyServer,
  seenFrom: string | null,
) => { readonly node: string; readonly linkedBy: ServerLink["linkedBy"] } | null;

/** `[user@]host[:port]` without user and port. */
function sshHost(target: string): string {
  return target.replace(/^[^@]*@/, "").replace(/^\[([^\]]*)\](:\d+)?$|^([^:]*):\d+$/, "$1$3");
}

/** Host of a node as seen from here: an address behind SSH is as that machine sees it. */
export function hostFromHere({ host, ssh }: { readonly host: string; readonly ssh: string | null }): string {
  return resolveRelative(host, ssh === null ? null : sshHost(ssh));
}

/** Host a HAProxy runs on as seen from here; null when it is this machine or the path does not tell. */
export function haproxyHost(settings: HaproxySettings | undefined): string | null {
  if (settings === undefined) return null;
  const location = settings.location;
  switch (location.kind) {
    case "unix":
      return null;
    case "stats":
      return URL.canParse(location.url) ? new URL(location.url).hostname : null;
    case "sql-admin":
      // Through SSH its admin port is often one of the loopback there.
      return location.ssh !== null && isLoopback(location.host) ? sshHost(location.ssh) : location.host;
    default:
      return location.host;
  }
}

/**
 * Builds the look-up: names given in the configuration first, then the address, then the name (case does not matter). A name alone does
 * not link a server whose port, or whose port on the same host, says that it is another one.
 */
export function createNodeFinder(settings: ClusterSettings, nodes: readonly LinkableNode[]): FindNode {
  const byServer = new Map<string, string>();
  for (const node of settings.nodes) for (const server of node.servers) byServer.set(server, node.name);
  const byAddress = new Map<string, string>();
  const byName = new Map<string, LinkableNode>();
  for (const node of nodes) {
    for (const { host, port } of [node, ...(node.aliases ?? [])]) {
      const key = addressKey(host, port);
      if (!byAddress.has(key)) byAddress.set(key, node.name);
    }
    byName.set(node.name.toLowerCase(), node);
  }
  return (server, seenFrom) => {
    const configured = byServer.size === 0 ? undefined : byServer.get(`${server.backend}/${server.server}`);
    if (configured !== undefined) return { node: configured, linkedBy: "config" };
    if (server.host !== null && server.port !== null) {
      const found = byAddress.get(addressKey(resolveRelative(server.host, seenFrom), server.port));
      if (found !== undefined) return { node: found, linkedBy: "address" };
    }
    const named = byName.get(server.server.toLowerCase());
    return named !== undefined && nameMayLink(named, server) ? { node: named.name, linkedBy: "name" } : null;
  };
}

function nameMayLink(node: LinkableNode, server: HaproxyServer): boolean {
  if (server.port !== null && server.port !== node.port) return false;
  return server.host === null || server.port !== null || normalizeHost(server.host) === normalizeHost(node.host);
}

export interface HaproxySource {
  readonly name: string;
  readonly reading: Reading<HaproxyReport>;
}

/** Every server of every HAProxy that ever answered, with its node. What a HAProxy said last stays, marked as past by `freshness`. */
export function linkServers(
  settings: ClusterSettings,
  haproxies: readonly HaproxySource[],
  nodes: readonly LinkableNode[],
): LinkedServer[] {
  const find = createNodeFinder(settings, nodes);
  const links: LinkedServer[] = [];
  for (const { name, reading } of haproxies) {
    const known = lastKnown(reading);
    if (known === null || reading.state === "never") continue;
    const seenFrom = haproxyHost(settings.haproxies.find((haproxy) => haproxy.name === name));
    for (const server of known.value.servers) {
      const found = find(server, seenFrom);
      links.push({
        haproxy: name,
        server,
        node: found?.node ?? null,
        linkedBy: found?.linkedBy ?? null,
        freshness: reading.state,
      });
    }
  }
  return links;
}
