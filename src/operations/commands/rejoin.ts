/** rejoin: a node that came back, or was left behind, follows the primary of now. */
import { freshValue } from "../../model/reading.ts";
import type { ClusterSnapshot } from "../../model/snapshot.ts";
import { draftRejoin } from "../promotion/rejoin/draft.ts";
import { COMMAND_ALIASES } from "./aliases.ts";
import type { Command } from "./command.ts";
import { findNode, whyNotNode } from "./disabled.ts";

/** What it follows, and whether that is right, is told by the plan: here only what no plan could be made for. */
function whyNotRejoin(cluster: ClusterSnapshot, target: string | null): string | null {
  const reason = whyNotNode(cluster, target);
  const node = findNode(cluster, target);
  if (reason !== null || node === null) return reason;
  const report = freshValue(node.reading);
  if (report?.channels === null) return `${node.name} does not tell whom it follows.`;
  const takesWrites = cluster.writer?.expected.includes(node.name) === true && report?.readOnly === false;
  const others = cluster.nodes.some(
    ({ name, reading }) => name !== node.name && freshValue(reading)?.readOnly === false,
  );
  if (takesWrites && !others) return `${node.name} gets the writes: it is the primary.`;
  return others ? null : "No other node takes writes: there is no primary that it could follow.";
}

export const rejoin: Command = {
  id: "rejoin",
  title: "Rejoin",
  key: "R",
  aliases: COMMAND_ALIASES.rejoin,
  scope: "node",
  danger: "disruptive",
  fields: ["targets", "force", "reason"],
  disabledReason: whyNotRejoin,
  draft: draftRejoin,
};
