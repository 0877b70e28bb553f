/** Rules about numbers that must be unique in a replication cluster. */
import { freshNodes, joinNames } from "./facts.ts";
import type { AlertRule, ClusterFacts, Finding } from "./rule.ts";

/** Groups of two or more answering nodes with an equal identity. */
function groupEqual(
  facts: ClusterFacts,
  identify: (entry: ReturnType<typeof freshNodes>[number]) => string | null,
): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const entry of freshNodes(facts)) {
    const identity = identify(entry);
    if (identity === null) continue;
    const group = groups.get(identity);
    if (group === undefined) groups.set(identity, [entry.node.name]);
    else group.push(entry.node.name);
  }
  for (const [identity, names] of groups) if (names.length < 2) groups.delete(identity);
  return groups;
}

/** True when one of them replicates or is replicated from: unrelated servers may well share the default server_id 1. */
function replicates(facts: ClusterFacts, names: readonly string[]): boolean {
  return names.some((name) => {
    const node = facts.nodeByName.get(name);
    return node !== undefined && (node.channels.length > 0 || node.replicas.length > 0);
  });
}

const duplicateServerId: AlertRule = {
  code: "duplicate-server-id",
  severity: "critical",
  title: "Nodes share a server_id",
  explains:
    "Two nodes answer with the same server_id: replicas skip the events they take for their own and throw each other off the source. Only a warning while none of them replicates.",
  evaluate: (facts) =>
    [...groupEqual(facts, ({ report }) => (report.serverId === null ? null : String(report.serverId)))].map(
      ([id, names]): Finding => {
        return {
          severity: replicates(facts, names) ? "critical" : "warning",
          node: names.at(-1) ?? null,
          subject: names.join(" "),
          message: `${joinNames(names)} have the same server_id ${id}.`,
          advice: `Give ${names.at(-1)} its own: server_id in its configuration file, then restart it (or SET GLOBAL server_id and STOP/START its replication). If these are two addresses of one server, configure only one.`,
        };
      },
    ),
};

const duplicateServerUuid: AlertRule = {
  code: "duplicate-server-uuid",
  severity: "critical",
  title: "Nodes share a server_uuid",
  explains:
    "Two nodes answer with the same server_uuid, as images cloned with auto.cnf inside give it: replicas throw each other off the source and GTIDs of both are mixed up.",
  evaluate: (facts) =>
    [...groupEqual(facts, ({ report }) => report.serverUuid?.toLowerCase() ?? null)].map(([uuid, names]): Finding => {
      return {
        node: names.at(-1) ?? null,
        subject: names.join(" "),
        message: `${joinNames(names)} have the same server_uuid ${uuid}.`,
        advice: `Stop ${names.at(-1)}, remove auto.cnf from its data directory and start it again; keep auto.cnf out of the image.`,
      };
    }),
};

export const IDENTITY_RULES: readonly AlertRule[] = [duplicateServerUuid, duplicateServerId];
