import { gtidKind } from "../../../model/gtid/gtid-set.ts";
import type { MysqlReport } from "../../../model/mysql.ts";
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
import { compareCoordinates, coordinates } from "../failover/holdings.ts";
import { describeExtra, describeLead, originsOf } from "./histories.ts";
import {
  channelsBetween,
  hasStep,
  isFailoverAhead,
  lastReport,
  listNames,
  movesWrites,
  rolesOf,
  selectSiblings,
} from "./roles.ts";

interface Compared {
  readonly name: string;
  readonly report: MysqlReport;
  /** Names and reports of those that should have everything of it. */
  readonly witnesses: readonly (readonly [string, MysqlReport])[];
}

/** Who is compared with whom: with the primary, and when that is dead with what it said last and with the other replicas. */
function selectCompared(facts: GuardFacts, plan: GuardedPlan): readonly Compared[] {
  const { from, to, mode } = rolesOf(plan);
  const siblings = selectSiblings(facts, rolesOf(plan)).map(({ name }) => name);
  const names = [to, ...siblings];
  const primary = mode === "failover" ? lastReport(facts.view.node(from)) : facts.view.report(from);
  return names.flatMap((name): Compared[] => {
    const report = facts.view.report(name);
    if (report === null) return [];
    const others = mode === "failover" ? names.filter((other) => other !== name) : [];
    const witnesses: (readonly [string, MysqlReport])[] = primary === null || from === null ? [] : [[from, primary]];
    for (const other of others) {
      const seen = facts.view.report(other);
      if (seen !== null) witnesses.push([other, seen]);
    }
    return [{ name, report, witnesses }];
  });
}

const isRunning = ({ io, sql }: ChannelSnapshot): boolean => io === "yes" && sql === "yes";

function judgeExtra(facts: GuardFacts, plan: GuardedPlan, { name, report, witnesses }: Compared): Finding[] {
  const { from, to, variant, mode } = rolesOf(plan);
  // With nobody to compare with, what the only replica has is all there is.
  if (witnesses.length === 0) return [];
  const old = lastReport(facts.view.node(from));
  // Where both sides take writes by design, what one has just written is on its way to the other, as long as that gets it.
  const isOnItsWay = variant === "multi-writer" && from !== null && channelsBetween(facts, from, name).some(isRunning);
  const mayArrive = originsOf(isOnItsWay ? [old, report] : [old], channelsBetween(facts, name, from));
  const extra = describeExtra(
    report,
    witnesses.map(([, witness]) => witness),
    mayArrive,
  );
  if (extra === "") return [];
  const others = listNames(witnesses.map(([witness]) => witness));
  const isForceable = variant === "file" || (mode === "failover" && name !== to);
  if (extra === null) {
    if (witnesses.some(([, witness]) => gtidKind(witness.flavor) !== gtidKind(report.flavor))) return [];
    const message = `Whether ${name} has transactions that ${others} lacks cannot be told`;
    const isMutual = variant === "pair" || variant === "multi-writer";
    // Without GTIDs nobody can tell; that the way back of a pair works is looked at by pair-health.
    if (variant === "file" || (isMutual && report.gtid.mode?.toUpperCase() !== "ON"))
      return [warn(name, `${message}: there are no GTIDs.`, "Compare the data by hand when in doubt.")];
    return [cannotTell(name, `${message}.`, "Look at its GTID sets by hand.", isForceable)];
  }
  const message = `${name} has transactions that ${others} never had: ${extra}.`;
  const advice =
    name === to
      ? "Promote another replica; these would become part of the data. Look at them in its binary log, then rebuild it or repair both sides."
      : `Look at them in its binary log, then rebuild ${name}: it is not equal to the others.`;
  return [block(name, message, advice, isForceable)];
}

export const errantTransactions: Guard = {
  name: "errant-transactions",
  explains: "Neither the candidate nor another replica of the old primary has transactions that the old primary lacks.",
  applies: movesWrites,
  evaluate: (facts, plan) => selectCompared(facts, plan).flatMap((each) => judgeExtra(facts, plan, each)),
};

/** Coordinates in the log of the dead primary that a replica has received; null for logs of different names. */
function describeFileLead(theirs: ChannelSnapshot, ours: ChannelSnapshot): string | null {
  const ahead = coordinates(theirs.readFile, theirs.readPos);
  const behind = coordinates(ours.readFile, ours.readPos);
  const distance = ahead === null || behind === null ? null : compareCoordinates(ahead, behind);
  if (distance === null) return null;
  return distance <= 0 ? "" : `up to ${ahead?.file} ${ahead?.pos}, and not only ${behind?.file} ${behind?.pos}`;
}

function leadOf(facts: GuardFacts, plan: GuardedPlan, sibling: string): string | null {
  const { from, to, variant } = rolesOf(plan);
  const channels = [channelsBetween(facts, sibling, from)[0] ?? null, channelsBetween(facts, to, from)[0] ?? null];
  const [theirs = null, ours = null] = channels;
  const [ahead, behind] = [facts.view.report(sibling), facts.view.report(to)];
  if (ahead === null || behind === null) return null;
  if (variant === "file") {
    if (theirs === null || ours === null) return null;
    return describeFileLead(theirs, ours);
  }
  return describeLead({ report: ahead, channel: theirs }, { report: behind, channel: ours });
}

export const mostAdvanced: Guard = {
  name: "most-advanced",
  explains:
    "No other replica that answers has received more of the dead primary than the candidate, or the plan fetches it.",
  applies: isFailoverAhead,
  evaluate(facts, plan) {
    const { to, knownLoss } = rolesOf(plan);
    const isGivenUp = knownLoss !== null && plan.request.promotion?.acceptLoss === true;
    const fetches = hasStep(
      plan,
      (change) =>
        change.kind === "wait-position" &&
        change.node === to &&
        change.position.kind === "role" &&
        change.position.role === "ahead",
    );
    return selectSiblings(facts, rolesOf(plan)).flatMap(({ name }): Finding[] => {
      const lead = leadOf(facts, plan, name);
      if (lead === "") return [];
      if (lead === null) {
        const message = `Whether ${name} has received more than ${to} cannot be told.`;
        return [cannotTell(name, message, "Compare what both have received by hand.", false)];
      }
      const message = `${name} has received more than ${to}: ${lead}.`;
      if (isGivenUp) return [warn(name, `${message} That is given up (--accept-loss).`, `Or promote ${name}.`)];
      if (fetches) return [warn(name, `${message} The plan lets ${to} fetch it first.`, `Or promote ${name}.`)];
      return [block(name, message, `Promote ${name} instead: those writes would be lost.`, false)];
    });
  },
};
