/** HAProxy gives a server that comes back traffic before its first check, so MySQL is asked first. */
import { isUsable } from "../../model/writer-route.ts";
import { describeSilence, nameOf, type ServerView } from "../view.ts";
import { effectsOf } from "./effects.ts";
import { block, cannotTell, type Finding, type Guard, type GuardedPlan, type GuardFacts } from "./guard.ts";
import { selectChosen } from "./predict.ts";
import { selectTakers } from "./second-writer.ts";
import { putsIn, type ServerChange, selectWorstLag, serverOf, subjectOf } from "./selectors.ts";
import { carriesWrites } from "./write-backends.ts";

function judgeAlive(facts: GuardFacts, change: ServerChange, server: ServerView): Finding | null {
  const subject = subjectOf(change);
  const node = facts.view.node(server.node);
  if (node === null) {
    const message = `No MySQL node is known behind ${nameOf(change)}: nobody knows whether it is alive, late or read-only.`;
    return cannotTell(subject, message, "Name the node in the configuration (`nodes:`), or look at it by hand.", true);
  }
  if (node.reading.state === "fresh") return null;
  const why = describeSilence(node.reading);
  const message = `${node.name} does not answer (${why}); HAProxy would send it clients before its first check.`;
  const isDead = node.reading.state === "failed" && node.reading.failure.kind === "unreachable";
  const advice = "Start it, or make it reachable, first.";
  return isDead ? block(subject, message, advice, true) : cannotTell(subject, message, advice, true);
}

function judgeReader(facts: GuardFacts, change: ServerChange, server: ServerView): Finding | null {
  const { view, settings } = facts;
  const node = view.node(server.node);
  const report = view.report(server.node);
  if (node === null || report === null) return null;
  const subject = subjectOf(change);
  const lag = selectWorstLag(node);
  if (lag === "stopped") {
    const message = `${node.name} does not replicate: readers of ${change.backend} would get old data.`;
    return block(subject, message, `Start its replication first: signalbox replica start ${node.name}`, true);
  }
  if (lag === null) {
    const message = `The lag of ${node.name} cannot be told: readers might get old data.`;
    return cannotTell(subject, message, "Look at its replication first.", true);
  }
  if (lag >= settings.lag.warningSeconds) {
    const message = `${node.name} is ${lag} s behind (limit ${settings.lag.warningSeconds} s): readers of ${change.backend} would get old data.`;
    return block(subject, message, "Wait until it has caught up.", true);
  }
  const isReader = view.cluster.readerBackends.includes(change.backend);
  const writes = view.cluster.writer?.expected.includes(node.name) === true;
  if (!isReader || writes) return null;
  if (node.role === "standalone" && view.cluster.nodes.length > 1) {
    const message = `${node.name} follows nobody: readers of ${change.backend} would get other data than the writer's.`;
    return block(subject, message, "Make it a replica first.", true);
  }
  if (report.readOnly === null) {
    const message = `Whether ${node.name} is writable cannot be told: a client of ${change.backend} that writes might split the data.`;
    return cannotTell(subject, message, "Look at it first.", true);
  }
  if (!report.readOnly) {
    const message = `${node.name} is writable and not the writer: a client of ${change.backend} that writes would split the data.`;
    return block(subject, message, `Make it read-only first: signalbox's command read-only-on for ${node.name}.`, true);
  }
  return null;
}

function judgeWriter(facts: GuardFacts, change: ServerChange, server: ServerView, isTaker: boolean): Finding | null {
  const report = facts.view.report(server.node);
  const carries = carriesWrites(facts, change.backend);
  if (report === null || report.readOnly === false || carries === "no" || !isTaker) return null;
  if (carries === "maybe") return judgePossibleWriter(facts, change, server);
  const subject = subjectOf(change);
  if (report.readOnly === null) {
    return cannotTell(subject, `Whether ${server.node} is read-only cannot be told.`, "Look at it first.", false);
  }
  const message = `${server.node} is read-only and would get the writes of ${change.backend}: every write would fail.`;
  return block(subject, message, `Use \`signalbox promote ${server.node}\`: it moves the writes safely.`, false);
}

/** Nobody said what the backend is for: one that sends to read-only nodes, or has no other ones, is for reading. */
function judgePossibleWriter(facts: GuardFacts, change: ServerChange, server: ServerView): Finding | null {
  const { view } = facts;
  const isReadOnly = ({ node }: ServerView) => view.report(node)?.readOnly === true;
  const perHaproxy = view.cluster.haproxies.map(({ name }) => view.inBackend(name, change.backend));
  const others = perHaproxy.flat().filter(({ node }) => node !== server.node);
  if (others.every(isReadOnly) || perHaproxy.some((servers) => selectChosen(servers).some(isReadOnly))) return null;
  const message = `${server.node} is not known to be writable, and nobody knows whether ${change.backend} carries writes: they would fail there.`;
  const advice = "Name the backends in the configuration (`writer:`, `readers:`); --force when it is for reading.";
  return cannotTell(subjectOf(change), message, advice, true);
}

/** A server that takes traffic already is not put in by another weight. */
function isInAlready(change: ServerChange, { server }: ServerView): boolean {
  return change.kind === "server-weight" && isUsable(server);
}

/** The way back of a promotion opens a node, or lets it follow again, before it puts its server in; asked again right before that, it is so. */
function opens({ steps }: GuardedPlan, node: string | null): boolean {
  return steps.some(({ change }) => change.kind === "read-only" && !change.on && change.node === node);
}

function starts({ steps }: GuardedPlan, node: string | null): boolean {
  return steps.some(({ change }) => change.kind === "replication" && change.action === "start" && change.node === node);
}

export const readyNode: Guard = {
  name: "ready-node",
  explains:
    "A server that is put back is alive, not late, not read-only where it would be written to, not writable among readers.",
  applies: ({ steps }) => steps.some(({ change }) => putsIn(change)),
  evaluate(facts, plan) {
    const effects = effectsOf(facts.view, plan);
    return effects.flatMap(({ change }): Finding[] => {
      if (!putsIn(change)) return [];
      const server = serverOf(facts, change);
      if (server === null || isInAlready(change, server)) return [];
      const dead = judgeAlive(facts, change, server);
      if (dead !== null) return [dead];
      const takers = selectTakers(facts, effects, change.haproxy, change.backend);
      const isTaker = takers.some((each) => each.server.server === change.server);
      const writer = opens(plan, server.node) ? null : judgeWriter(facts, change, server, isTaker);
      // Nobody reads from a backend that carries the writes: there it goes back to what it was.
      const isBack = plan.request.command === "undo" && carriesWrites(facts, change.backend) === "yes";
      const reader = isBack || starts(plan, server.node) ? null : judgeReader(facts, change, server);
      return [writer, reader].flatMap((found) => found ?? []);
    });
  },
};
