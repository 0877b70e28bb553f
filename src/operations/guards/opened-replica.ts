import { nameOf } from "../view.ts";
import { block, cannotTell, type Finding, type Guard, type GuardFacts, warn } from "./guard.ts";
import { selectChosen } from "./predict.ts";
import { isMutualPair, type NodeChange, nodeChanges } from "./selectors.ts";
import { carriesWrites } from "./write-backends.ts";

const opens = (change: NodeChange) => change.kind === "read-only" && !change.on;

/** True while some HAProxy sends clients to the node where writes may go. */
function isFed({ view, settings }: GuardFacts, node: string): boolean {
  return view.servers.some((each) => {
    const { haproxy, server } = each;
    if (each.node !== node || carriesWrites({ view, settings }, server.backend) === "no") return false;
    return server.sessions !== 0 || selectChosen(view.inBackend(haproxy, server.backend)).includes(each);
  });
}

/** Nodes that may be writable and cannot be asked: silent ones, servers without a known node, a source that is none of ours. */
function judgeUnknownWriters(facts: GuardFacts, node: string, others: readonly string[]): Finding[] {
  const { view } = facts;
  const advice = `Use \`signalbox promote ${node}\`: it makes the other one read-only first.`;
  const silent = others.filter((name) => (view.report(name)?.readOnly ?? null) === null);
  const fed = silent.find((name) => isFed(facts, name));
  const quiet = fed ?? silent[0];
  const findings: Finding[] = [];
  if (fed !== undefined) {
    const message = `${fed} does not tell whether it is writable, and HAProxy sends it clients that may write.`;
    findings.push(cannotTell(node, message, advice, false));
  } else if (quiet !== undefined) {
    findings.push(cannotTell(node, `${quiet} does not tell whether it is writable.`, advice, true));
  }
  for (const { haproxy, server, node: behind } of view.servers) {
    const takes = selectChosen(view.inBackend(haproxy, server.backend)).some((each) => each.server === server);
    if (behind !== null || !takes || carriesWrites(facts, server.backend) !== "yes") continue;
    const message = `${nameOf(server)} takes the writes on ${haproxy}, and no MySQL node is known behind it.`;
    findings.push(cannotTell(node, message, "Name the node in the configuration (`nodes:`).", false));
  }
  for (const { sourceNode, sourceHost, sourcePort, io } of view.node(node)?.channels ?? []) {
    if (sourceNode !== null || io === "no") continue;
    const message = `${node} follows ${sourceHost}:${sourcePort}, which is not known here and may be writable.`;
    findings.push(cannotTell(node, message, "Stop its replication first, or name its source in `nodes:`.", true));
  }
  return findings;
}

/** Both follow each other: published pairs have both sides writable, and one that was closed for a handover must not keep it from being taken back. */
function isPair({ view }: GuardFacts, node: string, rival: string): boolean {
  const [first, second] = [view.node(node), view.node(rival)];
  return first !== null && second !== null && isMutualPair(first, second);
}

export const openedReplica: Guard = {
  name: "opened-replica",
  explains: "No second node is opened for writes while another one is writable.",
  applies: (plan) => nodeChanges(plan).some(opens),
  evaluate(facts, plan) {
    const { view } = facts;
    if (view.cluster.writer?.multiWriter === true) return [];
    const opened = new Set(
      nodeChanges(plan)
        .filter(opens)
        .map(({ node }) => node),
    );
    return [...opened].flatMap((node): Finding[] => {
      const others = view.cluster.nodes.map(({ name }) => name).filter((name) => name !== node);
      if (others.some((name) => opened.has(name))) {
        const message = "This plan opens more than one node: there would be two writers.";
        return [block(node, message, "Open one node.", false)];
      }
      const rival = others.find((name) => view.report(name)?.readOnly === false);
      if (rival === undefined) return judgeUnknownWriters(facts, node, others);
      const message = `${rival} is writable: with ${node} open there would be two writers.`;
      const advice = `Use \`signalbox promote ${node}\`: it makes the other one read-only first.`;
      if (plan.request.command === "undo" && isPair(facts, node, rival)) {
        const found = `${rival} is writable as well: that is how the two were found.`;
        return [warn(node, found, `\`signalbox read-only on ${node}\` closes it again.`)];
      }
      return [block(node, message, advice, false)];
    });
  },
};
