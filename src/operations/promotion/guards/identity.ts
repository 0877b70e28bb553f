import type { MysqlReport, ReplicaChannel } from "../../../model/mysql.ts";
import { block, cannotTell, type Finding, type Guard, type GuardFacts, warn } from "../../guards/guard.ts";
import { lastReport, listNames, rolesOf } from "./roles.ts";

/** Names of nodes per value, where more than one has it. */
function selectShared(pairs: readonly (readonly [string | number | null, string])[]) {
  const byValue = new Map<string | number, string[]>();
  for (const [value, name] of pairs) {
    if (value === null || value === "" || value === 0) continue;
    byValue.set(value, [...(byValue.get(value) ?? []), name]);
  }
  return [...byValue].filter(([, names]) => names.length > 1);
}

function judgeShared(facts: GuardFacts): Finding[] {
  const known = facts.view.cluster.nodes.flatMap((node) => {
    const report = lastReport(node);
    return report === null ? [] : [{ name: node.name, report }];
  });
  const uuids = selectShared(known.map(({ name, report }) => [report.serverUuid?.toLowerCase() ?? null, name]));
  const ids = selectShared(known.map(({ name, report }) => [report.serverId, name]));
  const advice = "If they are one server under two names, leave one out of the configuration; else give each its own";
  return [
    ...ids.map(([id, names]) =>
      block(listNames(names), `${listNames(names)} have the same server_id ${id}.`, `${advice} server_id.`, false),
    ),
    ...uuids.map(([uuid, names]) =>
      block(
        listNames(names),
        `${listNames(names)} have the same server_uuid ${uuid}.`,
        `${advice} server_uuid (auto.cnf).`,
        false,
      ),
    ),
  ];
}

/** How what a channel knows of its source differs from what the node says of itself; null: it does not, or cannot be told. */
function describeOther(channel: ReplicaChannel, name: string, { serverId, serverUuid }: MysqlReport): string | null {
  // One that is not connected keeps the number of the source it had before it was pointed elsewhere.
  if (channel.io !== "yes") return null;
  const id = channel.sourceServerId;
  if (id !== null && id !== 0 && id !== serverId) return `server_id ${id}, and ${name} answers with ${serverId}`;
  const uuid = channel.sourceUuid === "" ? null : (channel.sourceUuid?.toLowerCase() ?? null);
  const own = serverUuid?.toLowerCase() ?? null;
  return uuid === null || own === null || uuid === own ? null : `server_uuid ${uuid}, and ${name} answers with ${own}`;
}

/** What replicas say of their source against what the node at that address says of itself: another one answers behind a proxy or a virtual IP. */
function judgeAnswers(facts: GuardFacts, name: string): Finding[] {
  const report = facts.view.report(name);
  const node = facts.view.node(name);
  if (report === null || node === null) return [];
  if (report.serverId === null) {
    return [cannotTell(name, `${name} does not tell its server_id.`, "Look at it by hand first.", false)];
  }
  const answering = facts.view.cluster.nodes.filter((replica) => facts.view.report(replica.name) !== null);
  const wrong = answering.flatMap((replica) =>
    replica.channels.flatMap((channel): Finding[] => {
      const other = channel.sourceNode === name ? describeOther(channel, name, report) : null;
      if (other === null) return [];
      const message = `${replica.name} follows ${channel.sourceHost}:${channel.sourcePort} as ${other}.`;
      return [block(name, message, "Another server answers at that address: a proxy or a virtual IP?", false)];
    }),
  );
  const port = Number(/:(\d+)$/.exec(node.address)?.[1] ?? Number.NaN);
  if (report.port === null || Number.isNaN(port) || report.port === port) return wrong;
  const message = `${name} was asked at ${node.address} and says that its port is ${report.port}.`;
  return [...wrong, warn(name, message, "See that no proxy answers there; a forwarded port looks the same.")];
}

export const identity: Guard = {
  name: "identity",
  explains:
    "Every node has a server_id and a server_uuid of its own, and who answers at an address is who its replicas follow there.",
  applies: ({ promotion }) => promotion !== undefined,
  evaluate(facts, plan) {
    const { from, to } = rolesOf(plan);
    return [...judgeShared(facts), ...[from, to].flatMap((name) => (name === null ? [] : judgeAnswers(facts, name)))];
  },
};
