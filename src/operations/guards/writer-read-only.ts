import { nameOf, type ServerView } from "../view.ts";
import { block, cannotTell, type Finding, type Guard, type GuardFacts, warn } from "./guard.ts";
import { selectChosen } from "./predict.ts";
import { type NodeChange, nodeChanges } from "./selectors.ts";
import { carriesWrites } from "./write-backends.ts";

const closes = (change: NodeChange) => change.kind === "read-only" && change.on;

const PROMOTE = "Use `signalbox promote` to move the writes first.";

/** What would lose its writes, beside the writer that is known. Only asked for a node that is writable now. */
function judgeClosing(facts: GuardFacts, node: string): Finding[] {
  const { view } = facts;
  if (view.report(node)?.readOnly === true) return [];
  const possible = view.servers.filter(
    (each) =>
      each.node === node && carriesWrites(facts, each.server.backend) === "maybe" && isPossibleWriter(facts, each),
  );
  const [first] = possible;
  const unsure =
    first === undefined
      ? []
      : [
          cannotTell(
            node,
            `${node} is writable and gets clients through ${nameOf(first.server)} on ${first.haproxy}, and nobody knows whether ${first.server.backend} carries writes: they would fail with error 1290.`,
            `Name the backends in the configuration (\`writer:\`, \`readers:\`). ${PROMOTE}`,
            true,
          ),
        ];
  return [...unsure, ...judgeSilentRoutes(facts, node), ...judgeLeftSessions(facts, node)];
}

/** A backend that sends to a node that is read-only now is for reading, or its writes fail already. */
function isPossibleWriter({ view }: GuardFacts, { haproxy, server }: ServerView): boolean {
  const chosen = selectChosen(view.inBackend(haproxy, server.backend));
  if (chosen.some((each) => view.report(each.node)?.readOnly === true)) return false;
  return chosen.some((each) => each.server.server === server.server) || server.sessions !== 0;
}

/** A silent HAProxy may send the writes to the node, unless it has no server for it where writes may go. */
function judgeSilentRoutes(facts: GuardFacts, node: string): Finding[] {
  const { view } = facts;
  return view.cluster.haproxies.flatMap(({ name, reading }): Finding[] => {
    if (reading.state === "fresh") return [];
    const past = view.pastServers.filter(({ haproxy }) => haproxy === name);
    const maySend = past.some((each) => each.node === node && carriesWrites(facts, each.server.backend) !== "no");
    if (past.length > 0 && !maySend) return [];
    const message = `${name} cannot be read: nobody knows whether it sends writes to ${node}.`;
    return [cannotTell(node, message, `Bring ${name} back first; --force only when no client can reach it.`, true)];
  });
}

function judgeLeftSessions(facts: GuardFacts, node: string): Finding[] {
  const left = facts.view.servers.filter(
    (each) => each.node === node && carriesWrites(facts, each.server.backend) === "yes" && each.server.sessions !== 0,
  );
  return left.map(({ haproxy, server }) =>
    warn(
      node,
      `${server.sessions ?? "An unknown number of"} sessions of ${nameOf(server)} on ${haproxy} are left on ${node}: their writes would fail.`,
      `\`signalbox shutdown-sessions ${nameOf(server)}\` ends them.`,
    ),
  );
}

export const writerReadOnly: Guard = {
  name: "writer-read-only",
  explains: "The node that gets the writes is not made read-only under its clients.",
  applies: (plan) => nodeChanges(plan).some(closes),
  evaluate: (facts, plan) =>
    nodeChanges(plan)
      .filter(closes)
      .flatMap(({ node }): Finding[] => {
        const { writer } = facts.view.cluster;
        if (writer?.expected.includes(node) !== true) return judgeClosing(facts, node);
        const message = `${node} gets the writes of ${writer.backend}: every write would fail with error 1290.`;
        return [block(node, message, PROMOTE, true)];
      }),
};
