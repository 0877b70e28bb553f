import { freshValue } from "../../model/reading.ts";
import type { ServerView } from "../view.ts";
import { nameOf } from "../view.ts";
import { type Effect, effectsOf } from "./effects.ts";
import { block, cannotTell, type Finding, type Guard, type GuardFacts } from "./guard.ts";
import { selectChosen, selectChosenOnceUp } from "./predict.ts";
import { isMutualPair, putsIn, type ServerChange, serverOf, subjectOf } from "./selectors.ts";
import { carriesWrites } from "./write-backends.ts";

/** Who gets new connections after the plan, once everything it puts in answers its checks. */
export function selectTakers(
  facts: GuardFacts,
  effects: readonly Effect[],
  haproxy: string,
  backend: string,
): readonly ServerView[] {
  const putIn = new Set(effects.flatMap(({ change }) => (putsIn(change) ? [subjectOf(change)] : [])));
  return selectChosenOnceUp(facts.after(haproxy, backend), ({ server }) => putIn.has(`${haproxy} ${nameOf(server)}`));
}

/** True when both lead to the same MySQL node: by name, or by address where no node is known. The same server name elsewhere may be another node. */
function isSameNode(left: ServerView, right: ServerView): boolean {
  if (left.haproxy === right.haproxy && nameOf(left.server) === nameOf(right.server)) return true;
  if (left.node !== null || right.node !== null) return left.node === right.node;
  const { server, host, port } = left.server;
  return server === right.server.server && host === right.server.host && port === right.server.port;
}

interface Question {
  readonly facts: GuardFacts;
  readonly effects: readonly Effect[];
  readonly own: ServerView;
}

/**
 * Others that take writes through a backend now on any HAProxy, as it chooses or by sessions that last, and are writable as far as is
 * known. On any: one HAProxy that sends to db1 and another that sends to db2 are two writers as well. Unknown sessions are no zero.
 */
function otherWriters({ facts, effects, own }: Question, backend: string): readonly ServerView[] {
  return facts.view.cluster.haproxies.flatMap(({ name }) => {
    const servers = facts.view.inBackend(name, backend);
    // Before and after: a plan may put two in at once.
    const takers = [...selectChosen(servers), ...selectTakers(facts, effects, name, backend)];
    const chosen = new Set(takers.map(({ server }) => server.server));
    return servers.filter((each) => {
      if (isSameNode(each, own)) return false;
      const takes = chosen.has(each.server.server) || each.server.state === "unknown";
      if (!takes && each.server.sessions === 0) return false;
      return facts.view.report(each.node)?.readOnly !== true;
    });
  });
}

function judge(facts: GuardFacts, effects: readonly Effect[], change: ServerChange): Finding[] {
  const own = serverOf(facts, change);
  const isOwn = (each: ServerView) => each.server.server === change.server;
  if (own === null || !selectTakers(facts, effects, change.haproxy, change.backend).some(isOwn)) return [];
  // It gets writes already: nothing becomes different.
  if (selectChosen(facts.view.inBackend(change.haproxy, change.backend)).some(isOwn)) return [];
  const node = facts.view.node(own.node);
  const report = node === null ? null : freshValue(node.reading);
  if (report?.readOnly === true) return [];
  const question = { facts, effects, own };
  const backends = new Set(facts.view.servers.map(({ server }) => server.backend));
  backends.delete(change.backend);
  const rivals = otherWriters(question, change.backend);
  const told = new Set(rivals.map((rival) => rival.node));
  const findings = [
    ...rivals.map((rival) => judgeRival(question, change, rival)),
    ...[...backends].flatMap((backend) => judgeOtherBackend(question, change, backend, told)),
  ];
  return [...judgeSilent(facts, change), ...selectWorst(findings)];
}

/** One is enough to refuse; of fifty servers that come back together each would name all the others. */
function selectWorst(findings: readonly Finding[]): Finding[] {
  const worst = findings.find(({ forceable }) => !forceable) ?? findings[0];
  if (worst === undefined) return [];
  const more = findings.length - 1;
  return [more === 0 ? worst : { ...worst, message: `${worst.message} (And ${more} more.)` }];
}

function judgeRival({ facts, own }: Question, change: ServerChange, other: ServerView): Finding {
  const node = facts.view.node(own.node);
  const rival = facts.view.node(other.node);
  const pair = node !== null && rival !== null && isMutualPair(node, rival);
  // Perhaps no MySQL at all: a person may know.
  const isForeign = own.node === null && other.node === null && carriesWrites(facts, change.backend) === "maybe";
  return block(
    subjectOf(change),
    `${nameOf(other.server)} (${other.node ?? "unknown node"}) ${describeRole(facts, other)} on ${other.haproxy}: with ${nameOf(change)} back there would be two writers.`,
    `Use \`signalbox promote ${own.node ?? change.server}\` to move the writes, or \`signalbox rejoin\` to bring it back as a replica.`,
    pair || isForeign,
  );
}

function describeRole({ view }: GuardFacts, { haproxy, server }: ServerView): string {
  const takes = selectChosen(view.inBackend(haproxy, server.backend));
  const isChosen = takes.some((each) => each.server.server === server.server);
  return isChosen ? "takes the writes now" : "still has writing sessions";
}

/** Writes may go through more than one backend. Where one of the two is only not known to be for reading, a person may know better. */
function judgeOtherBackend(
  question: Question,
  change: ServerChange,
  backend: string,
  told: ReadonlySet<string | null>,
): Finding[] {
  const { facts, own } = question;
  const carries = carriesWrites(facts, backend);
  const isSure = carries === "yes" && carriesWrites(facts, change.backend) === "yes";
  // Servers that are not known to be MySQL at all are of no concern here.
  if (carries === "no" || own.node === null) return [];
  return otherWriters(question, backend).flatMap((rival): Finding[] => {
    if (told.has(rival.node) || (rival.node === null && carries !== "yes")) return [];
    const finding = judgeRival(question, change, rival);
    if (facts.view.report(rival.node)?.readOnly === false) {
      return [{ ...finding, forceable: finding.forceable || !isSure }];
    }
    const message = `Whether ${rival.node ?? nameOf(rival.server)} (${nameOf(rival.server)} on ${rival.haproxy}) is writable cannot be told: with ${nameOf(change)} back there might be two writers.`;
    return [cannotTell(subjectOf(change), message, finding.advice, true)];
  });
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
  evaluate(facts, plan) {
    if (facts.view.cluster.writer?.multiWriter === true) return [];
    const effects = effectsOf(facts.view, plan);
    return effects.flatMap(({ change }) =>
      putsIn(change) && carriesWrites(facts, change.backend) !== "no" ? judge(facts, effects, change) : [],
    );
  },
};
