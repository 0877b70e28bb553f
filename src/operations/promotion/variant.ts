/** How a cluster replicates, as far as it matters for moving its writes. */
import type { PromotionPlan } from "../../model/operation.ts";
import type { ChannelSnapshot } from "../../model/snapshot.ts";
import type { ClusterView } from "../view.ts";

export type Variant = PromotionPlan["variant"];

/** The channel over which `node` follows `source`; null when it does not. */
export function channelTo(view: ClusterView, node: string, source: string): ChannelSnapshot | null {
  return view.node(node)?.channels.find(({ sourceNode }) => sourceNode === source) ?? null;
}

/** GTIDs where the channel uses them; else coordinates. */
export function selectReplicationBy(
  view: ClusterView,
  node: string,
  source: string,
): "mysql-gtid" | "mariadb-gtid" | "file" {
  if (channelTo(view, node, source)?.usesGtid !== true) return "file";
  return view.report(node)?.flavor === "mariadb" ? "mariadb-gtid" : "mysql-gtid";
}

/** True when each follows the other. A channel that somebody stopped and left behind is no pair. */
function isPair(view: ClusterView, from: string, to: string): boolean {
  const back = channelTo(view, from, to);
  return channelTo(view, to, from) !== null && back !== null && (back.io !== "no" || back.sql !== "no");
}

/** `from` takes the writes now, `to` shall. */
export function selectVariant(view: ClusterView, from: string, to: string): Variant {
  if (isPair(view, from, to)) {
    return view.cluster.writer?.multiWriter === true ? "multi-writer" : "pair";
  }
  return selectReplicationBy(view, to, from);
}

/**
 * How a wait between these two is asked. In a MariaDB pair only coordinates tell: what a node wrote itself is not in its gtid_slave_pos,
 * and the last id in the log of the other may be one of those.
 */
export function selectWaitBy(view: ClusterView, node: string, source: string): "gtid" | "file" {
  const by = selectReplicationBy(view, node, source);
  const mutual = channelTo(view, source, node) !== null;
  return by === "file" || (by === "mariadb-gtid" && mutual) ? "file" : "gtid";
}
