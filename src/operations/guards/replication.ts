import { isUsable } from "../../model/writer-route.ts";
import { type ClusterView, nameOf } from "../view.ts";
import { block, type Finding, type Guard, warn } from "./guard.ts";
import { nodeChanges } from "./selectors.ts";

/** Whoever else reads its binary log: a replica that is none of ours, or a tool that captures changes. */
function describeStrangers(view: ClusterView, node: string): Finding[] {
  const attached = view.report(node)?.attachedReplicas ?? null;
  const known = view.node(node)?.replicas.length ?? 0;
  if (attached !== null && attached.length <= known) return [];
  const message =
    attached === null
      ? `${node} does not tell who reads its binary log: there may be replicas that are not known here.`
      : `${attached.length === 1 ? "1 session reads" : `${attached.length} sessions read`} the binary log of ${node}, and ${known} of its replicas are known here: the others would get nothing new either.`;
  return [warn(node, message, "Look at its processlist (Binlog Dump) first.")];
}

export const relayStop: Guard = {
  name: "relay-stop",
  explains: "Replication of a relay is not stopped while other nodes depend on it.",
  applies: (plan) => nodeChanges(plan).some((change) => change.kind === "replication" && change.action === "stop"),
  evaluate: ({ view }, plan) =>
    nodeChanges(plan).flatMap((change): Finding[] => {
      if (change.kind !== "replication" || change.action !== "stop") return [];
      const replicas = (view.node(change.node)?.replicas ?? []).filter((name) => {
        // The other side of a pair depends on us for its own writes' way back only.
        const channels = view.node(change.node)?.channels ?? [];
        return !channels.some(({ sourceNode }) => sourceNode === name);
      });
      const strangers = describeStrangers(view, change.node);
      if (replicas.length === 0) return strangers;
      const message = `${replicas.join(", ")} ${replicas.length === 1 ? "follows" : "follow"} ${change.node} and would get nothing new.`;
      return [
        block(change.node, message, "Take those out of service first, or stop them instead.", true),
        ...strangers,
      ];
    }),
};

export const readerStop: Guard = {
  name: "reader-in-service",
  explains:
    "A node whose replication is stopped is not serving readers: HAProxy's check does not see that its data grow old.",
  applies: (plan) => nodeChanges(plan).some((change) => change.kind === "replication" && change.action === "stop"),
  evaluate: ({ view }, plan) =>
    nodeChanges(plan).flatMap((change): Finding[] => {
      if (change.kind !== "replication" || change.action !== "stop") return [];
      const serving = view.servers.filter(
        ({ node, server }) =>
          node === change.node && isUsable(server) && view.cluster.readerBackends.includes(server.backend),
      );
      if (serving.length === 0) return [];
      const names = serving.map(({ haproxy, server }) => `${nameOf(server)} on ${haproxy}`).join(", ");
      return [
        warn(
          change.node,
          `${names} goes on serving readers, with data that grow old.`,
          `Drain it first: signalbox drain ${change.node}`,
        ),
      ];
    }),
};

export const applierError: Guard = {
  name: "applier-error",
  explains: "An applier that stopped on an error stops again on the same transaction unless its cause is removed.",
  applies: (plan) => nodeChanges(plan).some((change) => change.kind === "replication" && change.action === "start"),
  evaluate: ({ view }, plan) =>
    nodeChanges(plan).flatMap((change): Finding[] => {
      if (change.kind !== "replication" || change.action !== "start" || change.thread === "io") return [];
      const channel = view.node(change.node)?.channels.find(({ name }) => name === change.channel);
      const error = channel?.sqlError ?? null;
      if (error === null || error.code === 0 || channel?.sql === "yes") return [];
      const message = `The applier of ${change.node} stopped with error ${error.code} (${error.message}) and will stop again.`;
      return [warn(change.node, message, "Repair the cause first.")];
    }),
};
