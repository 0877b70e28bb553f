import { block, cannotTell, type Finding, type Guard } from "../../guards/guard.ts";
import { channelsBetween, movesWrites, rolesOf, selectSiblings } from "./roles.ts";

export const pairHealth: Guard = {
  name: "pair-health",
  explains:
    "The way back of a primary–primary pair works: the old primary receives and applies what the other side writes.",
  applies: (plan) =>
    movesWrites(plan) &&
    plan.promotion?.mode === "switchover" &&
    (plan.promotion.variant === "pair" || plan.promotion.variant === "multi-writer"),
  evaluate(facts, plan) {
    const { from, to } = rolesOf(plan);
    const report = facts.view.report(from);
    if (from === null || report === null) return [];
    const findings: Finding[] = channelsBetween(facts, from, to).flatMap((channel) => {
      const error = [channel.sqlError, channel.ioError].find((each) => each !== null && each.code !== 0) ?? null;
      if (channel.io === "yes" && channel.sql === "yes" && error === null) return [];
      const why = error === null ? "" : ` (error ${error.code}: ${error.message.replace(/\.$/, "")})`;
      const message = `${from} does not get what ${to} writes: IO ${channel.io}, SQL ${channel.sql}${why}.`;
      return [block(from, message, `Repair it first: signalbox replica start ${from}`, false)];
    });
    const below = selectSiblings(facts, rolesOf(plan)).map(({ name }) => name);
    if (below.length === 0 || report.logReplicaUpdates === true) return findings;
    const message = `${below.join(", ")} would get the writes of ${to} through ${from}, whose log_replica_updates (log_slave_updates) is`;
    if (report.logReplicaUpdates === null) {
      return [...findings, cannotTell(from, `${message} not known.`, "Look at it by hand.", false)];
    }
    return [...findings, block(from, `${message} off.`, `Switch it on on ${from}, or let them follow ${to}.`, false)];
  },
};
