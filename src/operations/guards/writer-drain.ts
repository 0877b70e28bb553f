/** A backup that takes over because the active server goes: who would get the writes, and what that does. */
import type { NodeSnapshot } from "../../model/snapshot.ts";
import { nameOf, type ServerView } from "../view.ts";
import { effectsOf } from "./effects.ts";
import { block, cannotTell, type Finding, type Guard, type GuardFacts } from "./guard.ts";
import { selectChosen, touchedBackends } from "./predict.ts";
import { isMutualPair, selectWorstLag, takesOut } from "./selectors.ts";
import { carriesWrites } from "./write-backends.ts";

function judgeTakeover(facts: GuardFacts, next: ServerView, leaving: readonly ServerView[]): Finding {
  const name = nameOf(next.server);
  const subject = `${next.haproxy} ${name}`;
  const who = leaving.map(({ server }) => server.server).join(", ");
  const begin = `Without ${who} the writes of ${next.server.backend} on ${next.haproxy} would go to ${name}`;
  const node = facts.view.node(next.node);
  const report = facts.view.report(next.node);
  if (node === null || report === null || report.readOnly === null) {
    const why = node === null ? "no MySQL node is known behind it" : `${node.name} cannot be read`;
    const advice = "Find out what that server is first; `signalbox promote` moves writes safely.";
    return cannotTell(subject, `${begin}, and ${why}.`, advice, false);
  }
  const advice = `Use \`signalbox promote ${node.name}\`: it moves the writes safely.`;
  if (report.readOnly)
    return block(subject, `${begin}: ${node.name} is read-only, every write would fail.`, advice, false);
  const lag = selectWorstLag(node);
  if (typeof lag !== "number" || lag >= facts.settings.lag.warningSeconds) {
    return block(subject, `${begin}: ${node.name} ${describeLag(lag)}.`, advice, false);
  }
  const pair = leaving.some((each) => isPair(facts.view.node(each.node), node));
  if (node.channels.length > 0 && !pair) {
    const sources = node.channels.map(({ sourceNode, sourceHost }) => sourceNode ?? sourceHost).join(", ");
    const message = `${begin}: ${node.name} is a replica of ${sources}, which would not get them.`;
    return block(subject, message, advice, false);
  }
  if (node.channels.length === 0 && !leaving.some((each) => each.node !== null && node.replicas.includes(each.node))) {
    const message = `${begin}: ${node.name} follows nobody, and none of them follows it: it lacks what they have.`;
    return block(subject, message, advice, false);
  }
  const elsewhere = selectStaying(facts, next, leaving);
  const message =
    elsewhere.length > 0
      ? `${begin} while ${elsewhere.join(" and ")} goes on sending them to ${who}: two writers.`
      : `${begin} while sessions on ${who} go on writing: two writers until the last of them ends.`;
  return block(subject, message, `${advice} --force accepts two writers.`, true);
}

/** Several take writes (a round-robin pair): those that stay get all of them. One that is fit is enough, and nothing fails that did not fail before. */
function judgeStaying(facts: GuardFacts, staying: readonly ServerView[], leaving: readonly ServerView[]): Finding[] {
  const { view } = facts;
  const [first] = staying;
  if (first === undefined || leaving.every(({ node }) => view.report(node)?.readOnly === true)) return [];
  const problems = staying.map((each) => describeUnfit(facts, each));
  if (problems.includes(null)) return [];
  const who = leaving.map(({ server }) => server.server).join(", ");
  const subject = `${first.haproxy} ${first.server.backend}`;
  const message = `Without ${who} all writes of ${first.server.backend} on ${first.haproxy} would go to ${staying.map(({ server }) => server.server).join(", ")}: ${problems.join("; ")}.`;
  if (staying.every(({ node }) => view.report(node)?.readOnly === true)) {
    return [block(subject, `${message} Every write would fail.`, "Open one of them first, or promote it.", false)];
  }
  const advice = "Bring one of them in order first.";
  const isKnown = staying.every(({ node }) => (view.report(node)?.readOnly ?? null) !== null);
  return [isKnown ? block(subject, message, advice, true) : cannotTell(subject, message, advice, true)];
}

/** Why it should not get all the writes; null: nothing is known against it. */
function describeUnfit({ view, settings }: GuardFacts, { node: name, server }: ServerView): string | null {
  const node = view.node(name);
  const report = view.report(name);
  if (node === null || report === null || report.readOnly === null) return `${name ?? nameOf(server)} cannot be read`;
  if (report.readOnly) return `${node.name} is read-only`;
  const lag = selectWorstLag(node);
  return typeof lag === "number" && lag < settings.lag.warningSeconds ? null : `${node.name} ${describeLag(lag)}`;
}

/** Other HAProxies that would, or may, go on sending writes to a server that leaves here. */
function selectStaying(facts: GuardFacts, next: ServerView, leaving: readonly ServerView[]): readonly string[] {
  const { backend } = next.server;
  const isLeaving = ({ node, server }: ServerView) =>
    leaving.some((each) => (each.node === null ? each.server.server === server.server : each.node === node));
  return facts.view.cluster.haproxies
    .filter(({ name }) => name !== next.haproxy)
    .flatMap(({ name, reading }) => {
      if (reading.state !== "fresh") return [`${name} (which cannot be read) perhaps`];
      return selectChosen(facts.after(name, backend)).some(isLeaving) ? [name] : [];
    });
}

function isPair(first: NodeSnapshot | null, second: NodeSnapshot): boolean {
  return first !== null && isMutualPair(first, second);
}

function describeLag(lag: number | "stopped" | null): string {
  if (lag === "stopped") return "does not replicate (a thread is stopped)";
  return lag === null ? "has an unknown lag" : `is ${lag} s behind`;
}

export const writerDrain: Guard = {
  name: "writer-drain",
  explains:
    "Taking the active writer out does not send writes to a backup that is read-only, late, or a replica, nor all of them to a pair's other side that is.",
  applies: ({ steps }) => steps.some(({ change }) => takesOut(change)),
  evaluate(facts, plan) {
    const { writer } = facts.view.cluster;
    return touchedBackends(effectsOf(facts.view, plan).filter(({ change }) => takesOut(change))).flatMap(
      ({ haproxy, backend }): Finding[] => {
        // A backup of a backend for reading may take over at any time: that is what it is for.
        const carries = carriesWrites(facts, backend);
        if (carries === "no") return [];
        const before = selectChosen(facts.view.inBackend(haproxy, backend));
        const next = selectChosen(facts.after(haproxy, backend));
        const chosen = new Set(before.map(({ server }) => server.server));
        const newcomers = next.filter(({ server }) => !chosen.has(server.server));
        const stays = new Set(next.map(({ server }) => server.server));
        const leaving = before.filter(({ server }) => !stays.has(server.server));
        if (leaving.length === 0) return [];
        if (newcomers.length === 0 && carries === "yes") return judgeStaying(facts, next, leaving);
        const findings = newcomers.map((newcomer) => judgeTakeover(facts, newcomer, leaving));
        // The writes are known to go through another backend: this one may be meant for anything.
        const isOther = carries === "maybe" && writer !== null;
        return isOther ? findings.map((finding) => ({ ...finding, forceable: true })) : findings;
      },
    );
  },
};
