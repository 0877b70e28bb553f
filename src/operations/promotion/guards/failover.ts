import type { ChannelSnapshot } from "../../../model/snapshot.ts";
import { block, cannotTell, type Finding, type Guard, type GuardFacts, warn } from "../../guards/guard.ts";
import { channelsBetween, isFailoverAhead, rolesOf, selectSiblings } from "./roles.ts";

const MAX_EVIDENCE = 3;

/** `yes` by a heartbeat or an event within its period; IO=Yes alone is no proof, and no veto. */
function stillReceives({
  io,
  secondsSinceHeartbeat,
  heartbeatPeriodSeconds,
}: ChannelSnapshot): "yes" | "no" | "unknown" {
  if (io !== "yes") return "no";
  if (secondsSinceHeartbeat === null) return "unknown";
  return secondsSinceHeartbeat <= (heartbeatPeriodSeconds ?? 30) ? "yes" : "no";
}

interface Witness {
  readonly name: string;
  readonly channel: ChannelSnapshot;
  readonly receives: ReturnType<typeof stillReceives>;
}

function selectWitnesses(facts: GuardFacts, from: string, replicas: readonly string[]): readonly Witness[] {
  return replicas.flatMap((name) => {
    if (facts.view.report(name) === null) return [];
    return channelsBetween(facts, name, from).map((channel) => ({ name, channel, receives: stillReceives(channel) }));
  });
}

function describeWitness({ name, channel }: Witness): string {
  const { io, secondsSinceHeartbeat, receivedGtid, readFile, readPos } = channel;
  const heard =
    secondsSinceHeartbeat === null
      ? "last heard of not told"
      : `last heard of ${Math.round(secondsSinceHeartbeat)} s ago`;
  const gtid = receivedGtid === null || receivedGtid === "" ? null : receivedGtid.slice(0, 80);
  const at = gtid ?? (readFile === null ? "position not told" : `${readFile} ${readPos ?? "?"}`);
  return `${name}: IO ${io}, ${heard}, received up to ${at}`;
}

export const deathProof: Guard = {
  name: "death-proof",
  explains:
    "The primary is proven dead: three attempts over five seconds failed on the network. An error it answers with proves that it lives.",
  applies: isFailoverAhead,
  evaluate(facts, plan) {
    const { from, to } = rolesOf(plan);
    const subject = from ?? to;
    const death = facts.preflight?.death ?? null;
    if (death === null || (from !== null && death.node !== from)) {
      return [cannotTell(subject, "Whether the primary is dead was not proven.", "Plan again.", false)];
    }
    const attempts = death.attempts
      .slice(0, MAX_EVIDENCE)
      .map(({ failure }) => failure?.message ?? "answered")
      .join("; ");
    const evidence = `${death.message.replace(/\.$/, "")} (${attempts})`;
    if (death.verdict === "alive") {
      const advice = `It may be taking writes. Use a switchover: signalbox promote ${to}`;
      return [block(subject, `${evidence}.`, advice, false)];
    }
    // An answer within this very look weighs more than a proof that is some seconds old.
    if (facts.view.report(from) !== null) {
      const message = `${subject} answers again.`;
      return [block(subject, message, `Use a switchover: signalbox promote ${to}`, false)];
    }
    if (death.verdict === "dead") return [];
    if (death.verdict === "unknown") {
      const message = `${evidence}.`;
      return [cannotTell(subject, message, "See that its address can be reached from here at all.", false)];
    }
    const replicas = [to, ...selectSiblings(facts, rolesOf(plan)).map(({ name }) => name)];
    const witnesses = from === null ? [] : selectWitnesses(facts, from, replicas);
    const isSilent = witnesses.length > 0 && witnesses.every(({ receives }) => receives === "no");
    const message = `${evidence}.`;
    const advice = `It may go on by itself: stop its process or cut it off first.${isSilent ? " --force when that has been done." : ""}`;
    return [block(subject, message, advice, isSilent)];
  },
};

export const replicasReceive: Guard = {
  name: "replicas-receive",
  explains: "No replica still gets anything from the primary that is said to be dead: then only we cannot reach it.",
  applies: isFailoverAhead,
  evaluate(facts, plan) {
    const { from, to } = rolesOf(plan);
    // A primary that answers needs no witnesses.
    if (from === null || facts.preflight?.death?.verdict === "alive") return [];
    const replicas = [to, ...selectSiblings(facts, rolesOf(plan)).map(({ name }) => name)];
    return selectWitnesses(facts, from, replicas).flatMap((witness): Finding[] => {
      if (witness.receives === "no") return [];
      const seen = describeWitness(witness);
      if (witness.receives === "yes") {
        const message = `${witness.name} still receives from ${from} (${seen}): it lives, and only signalbox cannot reach it.`;
        return [block(witness.name, message, "Repair the way to it, or stop it on its own machine.", false)];
      }
      const message = `${witness.name} says that it is connected to ${from} (${seen}); that alone proves nothing, a dead peer is noticed late.`;
      const advice = `Look again in a minute, or see on the machine of ${from} that it is down; --force when it is.`;
      return [cannotTell(witness.name, message, advice, true)];
    });
  },
};

export const recentFailover: Guard = {
  name: "recent-failover",
  explains:
    "There was no failover of this cluster within the last hour: a second one mostly means that the cause is another.",
  applies: isFailoverAhead,
  evaluate({ preflight, now }, plan) {
    const { to } = rolesOf(plan);
    if (preflight === null) return [cannotTell(to, "The journal was not asked for failovers.", "Plan again.", true)];
    if (preflight.recentFailover === null) return [];
    const { operation, at } = preflight.recentFailover;
    const minutes = Math.max(0, Math.round((now - at) / 60_000));
    const message = `This cluster had a failover ${minutes} ${minutes === 1 ? "minute" : "minutes"} ago (${operation}).`;
    return [block(to, message, "Find out why it happens again; --force when you know.", true)];
  },
};

export const knownLoss: Guard = {
  name: "known-loss",
  explains: "Transactions that are known to be lost are given up in so many words (--accept-loss), not by --force.",
  applies: isFailoverAhead,
  evaluate(_, plan) {
    const { knownLoss: loss, to, from } = rolesOf(plan);
    if (loss === null) return [];
    const message = `Would be lost: ${loss.replace(/\.$/, "")}.`;
    if (plan.request.promotion?.acceptLoss === true) {
      return [warn(to, message, "Accepted (--accept-loss).")];
    }
    const advice = `Start ${from ?? "the old primary"} read-only and use a switchover if its disk can be read; else type --accept-loss.`;
    return [block(to, message, advice, false)];
  },
};
