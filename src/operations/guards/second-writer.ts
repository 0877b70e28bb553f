import { freshValue } from "../../model/reading.ts";
import type { ServerView } from "../view.ts";
import { nameOf } from "../view.ts";
import { block, type Finding, type Guard, type GuardFacts } from "./guard.ts";
import { selectChosen } from "./predict.ts";
import { isMutualPair, putsIn, type ServerChange, serverOf, subjectOf } from "./selectors.ts";

/** Others that take writes through this backend now, as HAProxy chooses or by sessions that last, and are writable as far as is known. */
function otherWriters(facts: GuardFacts, change: ServerChange, own: ServerView): readonly ServerView[] {
  const servers = facts.view.inBackend(change.haproxy, change.backend);
  const chosen = new Set(selectChosen(servers));
  return servers.filter((each) => {
    if (each.server.server === change.server || (each.node !== null && each.node === own.node)) return false;
    if (!chosen.has(each) && (each.server.sessions ?? 0) === 0) return false;
    return facts.view.report(each.node)?.readOnly !== true;
  });
}

function judge(facts: GuardFacts, change: ServerChange): Finding[] {
  const own = serverOf(facts, change);
  const chosen = selectChosen(facts.after(change.haproxy, change.backend));
  if (own === null || !chosen.some((each) => each.server.server === change.server)) return [];
  // It gets writes already: nothing becomes different.
  const before = selectChosen(facts.view.inBackend(change.haproxy, change.backend));
  if (before.some((each) => each.server.server === change.server)) return [];
  const node = facts.view.node(own.node);
  const report = node === null ? null : freshValue(node.reading);
  if (report?.readOnly === true) return [];
  return otherWriters(facts, change, own).map((other) => {
    const writes =
      chosen.includes(other) || before.includes(other) ? "takes the writes now" : "still has writing sessions";
    const rival = facts.view.node(other.node);
    const pair = node !== null && rival !== null && isMutualPair(node, rival);
    return block(
      subjectOf(change),
      `${nameOf(other.server)} (${other.node ?? "unknown node"}) ${writes} on ${change.haproxy}: with ${nameOf(change)} back there would be two writers.`,
      `Use \`signalbox promote ${own.node ?? change.server}\` to move the writes, or \`signalbox rejoin\` to bring it back as a replica.`,
      pair,
    );
  });
}

export const secondWriter: Guard = {
  name: "second-writer",
  explains: "No server is put into the writer backend while another one writes.",
  applies: ({ steps }) => steps.some(({ change }) => putsIn(change)),
  evaluate(facts, { steps }) {
    const { writer } = facts.view.cluster;
    if (writer === null || writer.multiWriter) return [];
    return steps.flatMap(({ change }) =>
      putsIn(change) && change.backend === writer.backend ? judge(facts, change) : [],
    );
  },
};
