/** promote: moves the writes to a replica, with SQL and HAProxy in one plan; with `promotion.failover` without a primary that is dead. */
import { freshValue } from "../../model/reading.ts";
import type { ClusterSnapshot } from "../../model/snapshot.ts";
import { describeNoPromotion } from "../../model/sql-proxy.ts";
import { draftFailover } from "../promotion/failover/draft.ts";
import { draftSwitchover } from "../promotion/plan/switchover.ts";
import { COMMAND_ALIASES } from "./aliases.ts";
import type { Command } from "./command.ts";
import { findNode, whyNotNode } from "./disabled.ts";

function whyNotPromote(cluster: ClusterSnapshot, target: string | null): string | null {
  const reason = whyNotNode(cluster, target);
  const node = findNode(cluster, target);
  if (reason !== null || node === null) return reason;
  const { writer } = cluster;
  if (writer === null) return "Which backend of HAProxy carries the writes is not known.";
  if (freshValue(node.reading)?.channels === null) return `${node.name} does not tell whom it follows.`;
  if (!node.channels.some(({ sourceNode }) => sourceNode !== null)) {
    return writer.expected.includes(node.name) || node.role === "source"
      ? `${node.name} is the primary already.`
      : `${node.name} follows no node of this cluster.`;
  }
  const proxy = cluster.haproxies.find(({ reading }) => freshValue(reading)?.source === "sql-admin");
  if (proxy !== undefined) return describeNoPromotion(proxy.name);
  return node.servers.some(({ server }) => server.backend === writer.backend)
    ? null
    : `${node.name} has no server in ${writer.backend}: no write would reach it.`;
}

export const promote: Command = {
  id: "promote",
  title: "Promote",
  key: "P",
  aliases: COMMAND_ALIASES.promote,
  scope: "node",
  danger: "disruptive",
  fields: ["targets", "promotion", "force", "reason"],
  disabledReason: whyNotPromote,
  draft: (input) => (input.request.promotion?.failover === true ? draftFailover(input) : draftSwitchover(input)),
};
