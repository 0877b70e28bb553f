/** Nodes that cannot be reached from here may be reached from the host of a HAProxy that init itself goes to by SSH. Pure. */
import { formatSshEndpoint } from "../../drivers/ssh/endpoint.ts";
import { isLoopback, normalizeHost } from "../../model/address.ts";
import type { ClusterSettings, HaproxySettings, NodeSettings } from "../../model/settings.ts";
import type { ClusterSnapshot, NodeSnapshot } from "../../model/snapshot.ts";

/** With every node that did not answer behind the SSH host that is nearest to it; null where there is none to be tried. */
export function putBehindSsh(settings: ClusterSettings, cluster: ClusterSnapshot): ClusterSettings | null {
  const tried = new Set(settings.nodes.map(({ name }) => name));
  const added = cluster.nodes.flatMap((node) =>
    tried.has(node.name) || !isOutOfReach(node) ? [] : (locateBehind(node, settings) ?? []),
  );
  return added.length === 0 ? null : { ...settings, nodes: [...settings.nodes, ...added] };
}

/** Without those that this did not help: they are as they were found. */
export function keepReached(
  before: ClusterSettings,
  after: ClusterSettings,
  cluster: ClusterSnapshot,
): ClusterSettings {
  const silent = new Set(cluster.nodes.filter(isOutOfReach).map(({ name }) => name));
  const nodes = after.nodes.filter((node) => before.nodes.includes(node) || !silent.has(node.name));
  return { ...after, nodes };
}

/** One that refuses the login is reached. */
function isOutOfReach({ reading }: NodeSnapshot): boolean {
  return reading.state === "failed" && ["unreachable", "timeout"].includes(reading.failure.kind);
}

function locateBehind(node: NodeSnapshot, settings: ClusterSettings): NodeSettings | null {
  const named = node.servers.flatMap(({ haproxy, server: { host, port } }) => {
    const ssh = sshOf(settings.haproxies.find(({ name }) => name === haproxy));
    return ssh === null || host === null || port === null ? [] : [{ ssh, host, port }];
  });
  const place = named[0] ?? locateFound(node, settings);
  if (place === null) return null;
  return { name: node.name, ...place, access: settings.access, servers: [], priority: "neutral" };
}

/** Found through replication: what is named as the SSH host itself is its loopback. */
function locateFound({ address }: NodeSnapshot, { haproxies }: ClusterSettings): Place | null {
  const [, host = "", port = ""] = /^\[?(.*?)\]?:(\d+)$/.exec(address) ?? [];
  const ways = haproxies.flatMap(({ location }) => (location.kind === "ssh" ? [location] : []));
  const own = ways.find((way) => normalizeHost(way.host) === normalizeHost(host));
  const way = own ?? ways[0];
  if (way === undefined || host === "" || isLoopback(host)) return null;
  return { ssh: formatSshEndpoint(way), host: own === undefined ? host : "127.0.0.1", port: Number(port) };
}

interface Place {
  readonly ssh: string;
  readonly host: string;
  readonly port: number;
}

function sshOf(haproxy: HaproxySettings | undefined): string | null {
  return haproxy?.location.kind === "ssh" ? formatSshEndpoint(haproxy.location) : null;
}
