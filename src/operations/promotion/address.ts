/** Under which address replicas reach a node. */
import type { ClusterSettings } from "../../model/settings.ts";
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
  if (configured !== undefined) return { host: configured.host, port: configured.port };
  const address = view.node(node)?.address ?? node;
  const parts = /^\[?(.*?)\]?:(\d+)$/.exec(address);
  return { host: parts?.[1] ?? address, port: Number(parts?.[2] ?? 3306) };
}
