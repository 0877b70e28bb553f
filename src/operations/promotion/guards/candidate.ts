import type { ChannelSnapshot } from "../../../model/snapshot.ts";
import {
  block,
  cannotTell,
  type Finding,
  type Guard,
  type GuardedPlan,
  type GuardFacts,
  warn,
} from "../../guards/guard.ts";
import { channelsBetween, hasStep, isFailover, movesWrites, notRead, preflightOf, rolesOf } from "./roles.ts";

/** Over this nobody may force a candidate: the write stop would not be the longest part of the outage any more. */
const HARD_LAG_SECONDS = 60;

/** True while the plan still counts on replication of the candidate: when it was stopped by an earlier run, its state says nothing. */
export function needsReplication(plan: GuardedPlan): boolean {
  const { to } = rolesOf(plan);
  return hasStep(
    plan,
    (change) =>
      (change.kind === "replication" || change.kind === "wait-position" || change.kind === "drain-relay") &&
      change.node === to,
  );
}

function candidateChannel(facts: GuardFacts, plan: GuardedPlan): ChannelSnapshot | null {
  const { from, to } = rolesOf(plan);
  return facts.view.report(to) === null ? null : (channelsBetween(facts, to, from)[0] ?? null);
}

function describeErrors({ ioError, sqlError }: ChannelSnapshot): string {
  const errors = [ioError, sqlError].filter((error) => error !== null && error.code !== 0);
  return errors.map((error) => ` Error ${error?.code}: ${error?.message.replace(/\.$/, "")}.`).join("");
}

function judgePlanned(to: string, channel: ChannelSnapshot): Finding[] {
  const { io, sql } = channel;
  const errors = describeErrors(channel);
  if (io === "yes" && sql === "yes" && errors === "") return [];
  const state =
    sql === "no"
      ? `The applier of ${to} is stopped.`
      : io === "yes"
        ? `Replication of ${to} reports an error.`
        : `The receiver of ${to} ${io === "no" ? "is stopped" : "is not connected"}.`;
  const advice =
    sql === "no" || errors !== "" ? "Repair its replication first." : "See why it cannot reach the primary.";
  return [block(to, `${state}${errors}`, `${advice} Then: signalbox replica start ${to}`, false)];
}

function judgeFailover(plan: GuardedPlan, channel: ChannelSnapshot): Finding[] {
  const { to, variant } = rolesOf(plan);
  const { io, sql, sqlError, applierBacklog } = channel;
  if (sqlError !== null && sqlError.code !== 0) {
    const message = `The applier of ${to} stopped with error ${sqlError.code} (${sqlError.message}): what it received is not applied.`;
    return [block(to, message, "Repair it first, or promote another replica.", false)];
  }
  if (sql === "yes" || applierBacklog === 0) return [];
  const waiting = applierBacklog === null ? "what it received" : `${applierBacklog} received transactions`;
  if (io === "no" && variant === "mariadb-gtid") {
    const message = `Both threads of ${to} are stopped and ${waiting} may not be applied: the next start of either throws the relay logs away.`;
    const advice =
      "Start nothing there: note Relay_Log_File and Relay_Log_Pos, point its replication to those without GTIDs, and start the applier alone. Or promote another replica.";
    return [block(to, message, advice, false)];
  }
  const isStarted = hasStep(
    plan,
    (change) =>
      change.kind === "replication" && change.node === to && change.action === "start" && change.thread !== "io",
  );
  if (isStarted) return [warn(to, `The applier of ${to} is stopped; the plan starts it to apply ${waiting}.`, "")];
  const message = `The applier of ${to} is stopped and ${waiting} may not be applied.`;
  return [block(to, message, `Start it first: signalbox replica start ${to} --thread sql`, false)];
}

export const candidateHealth: Guard = {
  name: "candidate-health",
  explains: "The candidate receives and applies without errors; in a failover, everything it received can be applied.",
  applies: (plan) => movesWrites(plan) && needsReplication(plan),
  evaluate(facts, plan) {
    const channel = candidateChannel(facts, plan);
    if (channel === null) return [];
    return isFailover(plan) ? judgeFailover(plan, channel) : judgePlanned(rolesOf(plan).to, channel);
  },
};

export const candidateLag: Guard = {
  name: "candidate-lag",
  explains:
    "The candidate is at most `promotion.max_lag` behind; --force goes up to a minute. In a failover: how much it has still to apply.",
  applies: (plan) => movesWrites(plan) && needsReplication(plan),
  evaluate(facts, plan) {
    const { to } = rolesOf(plan);
    const channel = candidateChannel(facts, plan);
    if (channel === null) return [];
    const { lagSeconds, applierBacklog } = channel;
    if (isFailover(plan)) {
      if (applierBacklog === 0) return [];
      const count =
        applierBacklog === null ? "It cannot be told how many transactions" : `${applierBacklog} transactions`;
      return [warn(to, `${count} ${to} has received and not applied: they are applied first.`, "That takes its time.")];
    }
    if (channel.io !== "yes" || channel.sql !== "yes") return [];
    if (lagSeconds === null) {
      return [cannotTell(to, `How far ${to} is behind cannot be told.`, "Look at its replication first.", true)];
    }
    const limit = facts.settings.promotion.maxLagSeconds;
    if (lagSeconds <= limit) return [];
    const isForceable = lagSeconds <= HARD_LAG_SECONDS;
    const message = `${to} is ${Math.round(lagSeconds)} s behind (limit ${limit} s): writes would stop until it has caught up.`;
    return [block(to, message, "Wait until it has caught up, or promote another replica.", isForceable)];
  },
};

export const candidateDelay: Guard = {
  name: "candidate-delay",
  explains: "The candidate applies without a configured delay.",
  applies: movesWrites,
  evaluate(facts, plan) {
    const { to } = rolesOf(plan);
    const channel = candidateChannel(facts, plan);
    if (channel === null) return [];
    const { delaySeconds } = channel;
    if (delaySeconds === null) {
      return [cannotTell(to, `Whether ${to} is a delayed replica is not told.`, "Look at it by hand first.", true)];
    }
    if (delaySeconds === 0) return [];
    const message = `${to} is a delayed replica: it applies everything ${delaySeconds} s late.`;
    return [block(to, message, "Promote another replica.", false)];
  },
};

export const candidateFilters: Guard = {
  name: "candidate-filters",
  explains: "Nothing is left out on the candidate: neither replication nor its binary log is filtered.",
  applies: movesWrites,
  evaluate(facts, plan) {
    const { to } = rolesOf(plan);
    const node = facts.view.node(to);
    if (node === null || facts.view.report(to) === null) return [];
    const advice = `Promote a replica without filters: what is left out of ${to} or of its log would be lost.`;
    const found = node.channels
      .filter(({ filters }) => filters.length > 0)
      .map(({ name, filters }) => {
        const channel = name === "" ? "" : ` (channel ${name})`;
        return block(to, `Replication of ${to} is filtered${channel}: ${filters.join("; ")}.`, advice, false);
      });
    const logFilters = preflightOf(facts, to)?.binlogFilters ?? null;
    if (logFilters === null) return [...found, notRead(facts, to, "binary log filters", false)];
    if (logFilters.length === 0) return found;
    return [...found, block(to, `The binary log of ${to} is filtered: ${logFilters.join("; ")}.`, advice, false)];
  },
};

export const candidatePriority: Guard = {
  name: "candidate-priority",
  explains: "The candidate is not configured as one that is never to be promoted (`priority: never`).",
  applies: movesWrites,
  evaluate({ view }, plan) {
    const { to } = rolesOf(plan);
    if (view.node(to)?.priority !== "never") return [];
    const message = `${to} has priority never in the configuration.`;
    return [block(to, message, "Promote another replica, or change its priority.", true)];
  },
};

export const candidateFenced: Guard = {
  name: "candidate-read-only",
  explains:
    "The candidate is read-only until the old primary is closed; a writable one is closed first, and the other side of a pair may not hold writers.",
  applies: movesWrites,
  evaluate(facts, plan) {
    const { to, variant, mode } = rolesOf(plan);
    const report = facts.view.report(to);
    if (report === null || report.readOnly === true || variant === "multi-writer") return [];
    if (report.readOnly === null) {
      return [cannotTell(to, `Whether ${to} is writable cannot be told.`, "Look at it by hand first.", false)];
    }
    // With the primary dead a writable one is the one that has to take its place; of a pair a dead side cannot even tell that it was one.
    if (mode === "failover") return [];
    const isClosed = hasStep(plan, (change) => change.kind === "read-only" && change.on && change.node === to);
    if (isClosed) return [];
    const message = `${to} is writable now, beside the primary, and the plan does not close it first.`;
    return [block(to, message, `Make it read-only first: signalbox's command read-only-on for ${to}.`, false)];
  },
};
