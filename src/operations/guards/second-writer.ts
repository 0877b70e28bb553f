import { freshValue } from "../../model/reading.ts";
import type { ServerView } from "../view.ts";
import { nameOf } from "../view.ts";
import { block, cannotTell, type Finding, type Guard, type GuardFacts } from "./guard.ts";
import { selectChosen } from "./predict.ts";
import { isMutualPair, putsIn, type ServerChange, serverOf, subjectOf } from "./selectors.ts";

/**
 * Others that take writes through this backend now on any HAProxy, as it chooses or by sessions that last, and are writable as far as is
 * known. On any: one HAProxy that sends to db1 and another that sends to db2 are two writers as well. Unknown sessions are no zero.
 */
function otherWriters(facts: GuardFacts, change: ServerChange, own: ServerView): readonly ServerView[] {
  return facts.view.cluster.haproxies.flatMap(({ name }) => {
    const servers = facts.view.inBackend(name, change.backend);
    // Before and after: a plan may put two in at once.
    const takers = [...selectChosen(servers), ...selectChosen(facts.after(name, change.backend))];
    const chosen = new Set(takers.map(({ server }) => server.server));
    return servers.filter((each) => {
      if (each.server.server === change.server || (each.node !== null && each.node === own.node)) return false;
      if (!chosen.has(each.server.server) && each.server.sessions === 0) return false;
      return facts.view.report(each.node)?.readOnly !== true;
    });
  });
}

/** True where the backend may carry writes: it is the writer's, or nobody knows which is and it is not named as one for reading. */
function mayCarryWrites({ view, settings }: GuardFacts, backend: string): boolean {
  const { writer } = view.cluster;
  if (writer !== null) return backend === writer.backend;
  return settings.readers?.includes(backend) !== true;
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
  const rivals = otherWriters(facts, change, own).map((other) => {
    const takes = selectChosen(facts.view.inBackend(other.haproxy, change.backend));
    const chosenNow = takes.some((each) => each.server.server === other.server.server);
    const rival = facts.view.node(other.node);
    const pair = node !== null && rival !== null && isMutualPair(node, rival);
    return block(
      subjectOf(change),
      `${nameOf(other.server)} (${other.node ?? "unknown node"}) ${chosenNow ? "takes the writes now" : "still has writing sessions"} on ${other.haproxy}: with ${nameOf(change)} back there would be two writers.`,
      `Use \`signalbox promote ${own.node ?? change.server}\` to move the writes, or \`signalbox rejoin\` to bring it back as a replica.`,
      pair,
    );
  });
  return [...judgeSilent(facts, change), ...rivals];
}

/** What a HAProxy that cannot be read sends where is unknown, and unknown counts as another writer. */
function judgeSilent({ view }: GuardFacts, change: ServerChange): Finding[] {
  const silent = view.cluster.haproxies.filter(
    ({ name, reading }) => name !== change.haproxy && reading.state !== "fresh",
  );
  return silent.map(({ name }) =>
    cannotTell(
      subjectOf(change),
      `${name} cannot be read: nobody knows whether it sends writes to another node while ${nameOf(change)} takes them on ${change.haproxy}.`,
      `Bring ${name} back first; --force only when no client can reach it.`,
      true,
    ),
  );
}

export const secondWriter: Guard = {
  name: "second-writer",
  explains: "No server is put into the writer backend while another one writes.",
  applies: ({ steps }) => steps.some(({ change }) => putsIn(change)),
  evaluate(facts, { steps }) {
    if (facts.view.cluster.writer?.multiWriter === true) return [];
    return steps.flatMap(({ change }) =>
      putsIn(change) && mayCarryWrites(facts, change.backend) ? judge(facts, change) : [],
    );
  },
};
