/** Rules about the shape of replication: orphans and loops. */
import { freshValue } from "../reading.ts";
import type { NodeSnapshot } from "../snapshot.ts";
import { joinNames, reportOf } from "./facts.ts";
import type { AlertRule, ClusterFacts, Finding } from "./rule.ts";

/**
 * True when everything above the node answers, the chain ends within our nodes, and no writer is in it. Whatever cannot be seen makes this
 * false.
 */
function missesWriter(facts: ClusterFacts, node: NodeSnapshot): boolean {
  if (facts.choices.length === 0 || facts.writers.size === 0) return false;
  const { names, open } = facts.topology.ancestryOf(node.name);
  if (open || names.size === 0) return false;
  return ![...names].some((name) => facts.writers.has(name));
}

function judgeOrphan(facts: ClusterFacts, node: NodeSnapshot): Finding | null {
  if (freshValue(node.reading)?.channels == null || node.channels.length === 0 || facts.writers.has(node.name))
    return null;
  const dead = node.channels.find((channel) => facts.topology.isSourceDead(channel, channel.sourceNode));
  const misses = dead === undefined && missesWriter(facts, node);
  if (dead === undefined && !misses) return null;
  const readers = facts.readersInService.get(node.name);
  const writers = joinNames([...facts.writers]);
  const serves = readers === undefined ? "" : ` It serves ever older reads through ${joinNames(readers)}.`;
  const goal = facts.writers.size > 0 && dead?.sourceNode !== writers ? writers : "the new primary";
  const from = joinNames([...new Set(node.channels.map(({ sourceNode }) => sourceNode ?? "a foreign server"))]);
  return {
    severity: readers === undefined ? "warning" : "critical",
    node: node.name,
    subject: node.name,
    message:
      dead === undefined
        ? `${node.name} follows ${from}, while writes go to ${writers}.${serves}`
        : `${node.name} follows ${dead.sourceNode}, which does not answer.${serves}`,
    advice: `Point it at ${goal}: signalbox promote does it for all replicas when it moves the primary; by hand only after comparing GTIDs or positions.`,
  };
}

const orphanReplica: AlertRule = {
  code: "orphan-replica",
  severity: "warning",
  title: "A replica follows a dead source, or not the writer",
  explains:
    "Its source answers neither us nor the replica; or everything above it answers and none of it is the node that gets the writes. Critical while the replica serves reads. Not raised where the chain above it cannot be seen.",
  evaluate: (facts) => facts.nodes.flatMap((node) => judgeOrphan(facts, node) ?? []),
};

function judgeLoop(facts: ClusterFacts, loop: readonly string[]): Finding | null {
  const members = loop.flatMap((name) => facts.nodeByName.get(name) ?? []);
  const stopped = members.filter(
    (node) =>
      reportOf(facts, node.name) !== null &&
      node.channels.some(
        ({ sourceNode, io, sql }) =>
          sourceNode !== null && loop.includes(sourceNode) && (io !== "yes" || sql !== "yes"),
      ),
  );
  const self = loop.length === 1;
  if (stopped.length === 0 && loop.length === 2) return null;
  const names = joinNames(loop);
  const broken =
    stopped.length === 0
      ? ""
      : ` It is broken at ${joinNames(stopped.map(({ name }) => name))}: changes no longer go round.`;
  const what = self
    ? `${names} follows itself.`
    : loop.length === 2
      ? `${names} follow each other.`
      : `${names} replicate in a ring.`;
  return {
    severity: loop.length > 2 && stopped.length > 0 ? "critical" : "warning",
    node: stopped[0]?.name ?? null,
    subject: [...loop].sort().join(" "),
    message: `${what}${broken}`,
    advice:
      loop.length === 2
        ? `Start the stopped direction: signalbox replica start ${stopped[0]?.name ?? loop[0]}; until then the two drift apart when the writer moves.`
        : "Break it open into a tree: stop the channel of the node that takes the writes (STOP/RESET of that channel) once its source has nothing it lacks.",
  };
}

const brokenLoop: AlertRule = {
  code: "replication-broken-loop",
  severity: "warning",
  title: "Replication runs in a ring, or a pair has lost one direction",
  explains:
    "Three or more nodes follow each other in a circle (often left by a failover), critical when a thread in it is stopped; or one direction of a primary–primary pair is stopped.",
  evaluate: (facts) => facts.topology.loops.flatMap((loop) => judgeLoop(facts, loop) ?? []),
};

export const TOPOLOGY_RULES: readonly AlertRule[] = [orphanReplica, brokenLoop];
