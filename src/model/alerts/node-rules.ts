/** Rules about single MySQL and MariaDB nodes. */
import { withoutStop } from "../printable.ts";
import { provesLife } from "../reading.ts";
import type { NodeSnapshot } from "../snapshot.ts";
import { formatSeconds, freshNodes, joinNames } from "./facts.ts";
import type { AlertRule, ClusterFacts, Finding } from "./rule.ts";

/** ER_CON_COUNT_ERROR and ER_USER_LIMIT_REACHED: alive, but clients are turned away as we are. */
const FULL_CODES: ReadonlySet<number | string> = new Set([1040, 1203]);

/** Gets writes as HAProxy sees it now, is the active server of the writer backend, or was the source of others when last seen. */
function isWriterNode(facts: ClusterFacts, node: NodeSnapshot): boolean {
  if (facts.writers.has(node.name)) return true;
  const backend = facts.writer?.backend;
  const active = node.servers.some(
    ({ server }) => server.backend === backend && !server.backup && server.state !== "maint",
  );
  if (active || facts.writer !== null) return active;
  return node.replicas.length > 0 && facts.topology.sourcesOf(node.name).length === 0;
}

function describeWriter(facts: ClusterFacts, node: NodeSnapshot): string {
  if (facts.writers.has(node.name)) return " It gets the writes.";
  return facts.writer === null
    ? " It is the source of the others."
    : ` It is the active server of ${facts.writer.backend}.`;
}

function judgeSilence(facts: ClusterFacts, node: NodeSnapshot): Finding | null {
  const { reading, name } = node;
  if (reading.state !== "failed" && reading.state !== "stale") return null;
  const failure = reading.state === "failed" ? reading.failure : null;
  const known = reading.state === "failed" ? reading.last : reading;
  const seen =
    known === null ? "never seen" : `last answer ${formatSeconds(Math.max(0, facts.now - known.at) / 1000)} ago`;
  const alive = failure !== null && provesLife(failure);
  const full = failure?.serverCode != null && FULL_CODES.has(failure.serverCode);
  const writer = isWriterNode(facts, node);
  const what = alive ? "answers but cannot be read" : "does not answer";
  return {
    severity: writer && (!alive || full) ? "critical" : "warning",
    node: name,
    subject: name,
    message: `${name} (${node.address}) ${what}: ${withoutStop(failure?.message ?? "no answer in time")} (${seen}).${writer ? describeWriter(facts, node) : ""}`,
    advice: alive
      ? (failure?.advice ?? "Check user, password and TLS settings of this node.")
      : adviseSilent(facts, node, writer, failure?.advice ?? null),
  };
}

/** @param known what the driver makes of the failure; who else sees the node, and what to do without it, comes after that */
function adviseSilent(facts: ClusterFacts, node: NodeSnapshot, writer: boolean, known: string | null): string {
  const up = node.servers.filter(({ freshness, server }) => freshness === "fresh" && server.state === "up");
  if (up.length > 0) {
    const names = [...new Set(up.map(({ haproxy }) => haproxy))];
    const seen = `${joinNames(names)} still ${names.length === 1 ? "holds" : "hold"} it for UP: see whether only we cannot reach it, or whether it hangs (a plain TCP check does not notice).`;
    return known === null ? seen : `${known} ${seen}`;
  }
  const first = known ?? "See whether its host and server process are alive.";
  const candidates = facts.nodes
    .filter(({ reading, role }) => reading.state === "fresh" && role !== "standalone")
    .map(({ name }) => name);
  if (writer && candidates.length > 0)
    return `${first} If it is dead: signalbox promote NODE --failover (answering: ${joinNames(candidates)}).`;
  return known ?? `${first} Its figures here are past until it answers.`;
}

const nodeUnreachable: AlertRule = {
  code: "node-unreachable",
  severity: "warning",
  title: "A node cannot be read",
  explains:
    "A MySQL or MariaDB node refuses, times out, or cannot be read (login, TLS, protocol). Critical when it is the writer and not proven alive, or has no connection left. Everything shown of it is past.",
  evaluate: (facts) => facts.nodes.flatMap((node) => judgeSilence(facts, node) ?? []),
};

const nodePrivileges: AlertRule = {
  code: "node-privileges",
  severity: "warning",
  title: "Part of a node cannot be read",
  explains:
    "The node answers, but some of our questions fail, mostly for want of a privilege: what they would tell is unknown.",
  evaluate: (facts) =>
    freshNodes(facts).flatMap(({ node, report }): Finding[] => {
      const [first] = report.problems;
      if (first === undefined) return [];
      const parts = joinNames(report.problems.map(({ part }) => part));
      return [
        {
          node: node.name,
          subject: node.name,
          message: `${node.name}: ${parts} unknown: ${withoutStop(first.failure.message)}.`,
          advice:
            first.failure.advice ??
            "Grant what is missing: MySQL: REPLICATION CLIENT, PROCESS and SELECT on performance_schema.*; MariaDB 10.5+: BINLOG MONITOR, REPLICA MONITOR and PROCESS.",
        },
      ];
    }),
};

const rivalAutomation: AlertRule = {
  code: "rival-automation",
  severity: "info",
  title: "Another program manages this cluster",
  explains:
    "Accounts of tools that change topology by themselves (orchestrator, MaxScale, replication-manager, …) are connected.",
  evaluate: (facts) => {
    const seen = new Map<string, string[]>();
    for (const { node, report } of freshNodes(facts)) {
      for (const user of report.rivalUsers ?? []) seen.set(user, [...(seen.get(user) ?? []), node.name]);
    }
    return [...seen].map(([user, nodes]): Finding => {
      return {
        node: nodes.length === 1 ? (nodes[0] ?? null) : null,
        subject: user,
        message: `${user} is connected to ${joinNames(nodes)}: another program may change this cluster by itself.`,
        advice:
          "Before switching over by hand, pause it (orchestrator: downtime or disable-global-recoveries; MaxScale: passive=true), or it may undo the change.",
      };
    });
  },
};

export const NODE_RULES: readonly AlertRule[] = [nodeUnreachable, nodePrivileges, rivalAutomation];
