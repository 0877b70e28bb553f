/** Under which address replicas reach a node. */
import { isLoopback } from "../../model/address.ts";
import { hostFromHere } from "../../model/link.ts";
import type { ClusterSettings, NodeSettings } from "../../model/settings.ts";
import type { ClusterView } from "../view.ts";

export interface NodeAddress {
  readonly host: string;
  readonly port: number;
}

/** As those that follow it already name it, when they agree; else as it is configured or was found. */
export function selectAddress(view: ClusterView, settings: ClusterSettings, node: string): NodeAddress {
  const named = view.cluster.nodes.flatMap(({ channels }) => channels.filter(({ sourceNode }) => sourceNode === node));
  const [first, ...more] = named.map(({ sourceHost, sourcePort }) => ({ host: sourceHost, port: sourcePort }));
  if (first !== undefined && more.every(({ host, port }) => host === first.host && port === first.port)) return first;
  const configured = settings.nodes.find(({ name }) => name === node);
  if (configured !== undefined) return locateForOthers(view, configured);
  const address = view.node(node)?.address ?? node;
  const parts = /^\[?(.*?)\]?:(\d+)$/.exec(address);
  return { host: parts?.[1] ?? address, port: Number(parts?.[2] ?? 3306) };
}

/**
 * The loopback behind SSH is that machine's own: a replica that is sent there would follow itself. Where replicas name their sources so already,
 * all of them are on one machine.
 */
function locateForOthers(view: ClusterView, { name, host, port, ssh }: NodeSettings): NodeAddress {
  const fromHere = hostFromHere({ host, ssh });
  const isOneMachine = view.cluster.nodes.some(({ channels }) =>
    channels.some(({ sourceHost }) => isLoopback(sourceHost)),
  );
  if (!isLoopback(host) || isLoopback(fromHere) || isOneMachine) return { host, port };
  const seen = (view.node(name)?.servers ?? []).flatMap(({ server }) =>
    server.host === null || server.port === null || isLoopback(server.host)
      ? []
      : [{ host: server.host, port: server.port }],
  );
  return seen[0] ?? { host: fromHere, port };
}
