import { block, cannotTell, type Finding, type Guard } from "../../guards/guard.ts";
import { describeSilence } from "../../view.ts";
import { isFailover, isRejoin, preflightOf, rolesOf } from "./roles.ts";

export const nodesAnswer: Guard = {
  name: "nodes-answer",
  explains:
    "The nodes answer now: both whose roles change without exception (but the dead primary of a failover), the others unless they are to be left behind.",
  applies: ({ promotion }) => promotion !== undefined,
  evaluate({ view }, plan) {
    const { from, to } = rolesOf(plan);
    return view.cluster.nodes.flatMap(({ name, reading }): Finding[] => {
      if (reading.state === "fresh" || (isFailover(plan) && name === from)) return [];
      const isOurs = name === from || name === to;
      if (!isOurs && isRejoin(plan)) return [];
      const message = `${name} does not answer (${describeSilence(reading)}).`;
      const left = `Make it reachable first; --force leaves ${name} behind: it follows nobody then, and what it has is not known.`;
      return [cannotTell(name, message, isOurs ? "Make it reachable first." : left, !isOurs)];
    });
  },
};

export const clusterKind: Guard = {
  name: "cluster-kind",
  explains: "No node belongs to Galera, Group Replication, Aurora or RDS: they decide themselves who takes writes.",
  applies: ({ promotion }) => promotion !== undefined,
  evaluate: (facts, plan) => {
    const { from, to } = rolesOf(plan);
    return facts.view.cluster.nodes.flatMap(({ name }): Finding[] => {
      const report = facts.view.report(name);
      if (report === null) return [];
      const kinds = preflightOf(facts, name)?.refusedKinds ?? null;
      const found = [
        ...(report.galera === true ? ["Galera (wsrep_on)"] : []),
        ...(report.groupReplication === true ? ["Group Replication"] : []),
        ...(kinds ?? []),
      ];
      if (found.length > 0) {
        const message = `${name} belongs to ${[...new Set(found)].join(", ")}: its primary is chosen there.`;
        return [block(name, message, "Use the tools of that kind of cluster.", false)];
      }
      const isKnown = kinds !== null || (report.galera === false && report.groupReplication === false);
      if (isKnown || (name !== from && name !== to)) return [];
      const message = `Whether ${name} belongs to Galera or Group Replication could not be read.`;
      return [cannotTell(name, message, "Look at wsrep_on and at group_replication_group_name.", false)];
    });
  },
};
