/** Whether the primary-to-be can be one for those that are to follow it. */
import type { Change } from "../../../model/operation.ts";
import { block, cannotTell, type Finding, type Guard, type GuardedPlan, warn } from "../../guards/guard.ts";
import { describePurged } from "./histories.ts";
import {
  hasStep,
  isFailover,
  isRejoin,
  listNames,
  loginTo,
  movesWrites,
  notRead,
  preflightOf,
  rolesOf,
  selectFollowers,
} from "./roles.ts";

const repoints = (plan: GuardedPlan): boolean =>
  plan.promotion !== undefined && hasStep(plan, ({ kind }) => kind === "change-source");

export const binaryLog: Guard = {
  name: "binary-log",
  explains: "The primary-to-be writes a binary log, and what it got from others is in it.",
  applies: (plan) => movesWrites(plan) || isRejoin(plan),
  evaluate(facts, plan) {
    const { to, variant } = rolesOf(plan);
    const report = facts.view.report(to);
    if (report === null) return [];
    if (report.logBin === null) {
      return [cannotTell(to, `Whether ${to} writes a binary log cannot be told.`, "Look at log_bin there.", false)];
    }
    if (!report.logBin) {
      const message = `${to} writes no binary log (log_bin is off): nobody could follow it.`;
      return [block(to, message, "Promote another replica, or switch it on (that needs a restart).", false)];
    }
    const mode = report.gtid.mode?.toUpperCase() ?? null;
    const gtids: Finding[] =
      variant === "mysql-gtid" && mode !== "ON"
        ? [
            block(
              to,
              `gtid_mode of ${to} is ${mode ?? "not known"}: its replicas could not follow it by GTID.`,
              "Set gtid_mode=ON there.",
              false,
            ),
          ]
        : [];
    if (report.logReplicaUpdates === true) return gtids;
    const followers = selectFollowers(facts, plan).map(({ name }) => name);
    const why = report.logReplicaUpdates === null ? "is not known" : "is off";
    if (followers.length === 0 && report.logReplicaUpdates === false) {
      const message = `log_replica_updates of ${to} is off: what it got until now is not in its log.`;
      return [...gtids, warn(to, message, "Nobody is to follow it by this plan.")];
    }
    const message = `log_replica_updates (log_slave_updates) of ${to} ${why}: ${listNames(followers) || "its replicas"} could not get from it what they lack.`;
    const advice = "Promote another replica, or switch it on (that needs a restart).";
    return [
      ...gtids,
      report.logReplicaUpdates === null ? cannotTell(to, message, advice, false) : block(to, message, advice, false),
    ];
  },
};

export const purgedLogs: Guard = {
  name: "purged-logs",
  explains: "The primary-to-be still has in its binary log what each node that is to follow it lacks.",
  applies: (plan) => repoints(plan) && rolesOf(plan).variant !== "file",
  evaluate(facts, plan) {
    const { to } = rolesOf(plan);
    const report = facts.view.report(to);
    if (report === null) return [];
    const source = { report, preflight: preflightOf(facts, to) };
    return selectFollowers(facts, plan).flatMap(({ name }): Finding[] => {
      const replica = facts.view.report(name);
      if (replica === null) return [];
      const gone = describePurged(source, replica);
      if (gone === "") return [];
      if (gone === null) {
        const message = `Whether the log of ${to} still has everything that ${name} lacks could not be read.`;
        return [cannotTell(name, message, `Look at the oldest binary log of ${to}.`, isFailover(plan))];
      }
      const message = `${name} lacks what the binary log of ${to} no longer has (${gone}): it could not follow (error 1236).`;
      return [block(name, message, `Let ${name} catch up first, or rebuild it from ${to}.`, isFailover(plan))];
    });
  },
};

export const purgedFiles: Guard = {
  name: "purged-files",
  explains: "Binary logs that a node is to read from by name are still there on the primary.",
  applies: (plan) => hasStep(plan, (change) => knownFile(change) !== null),
  evaluate(facts, plan) {
    const { to } = rolesOf(plan);
    const files = preflightOf(facts, to)?.binlogFiles ?? null;
    return plan.steps.flatMap(({ change }): Finding[] => {
      const file = knownFile(change);
      if (file === null || change.kind !== "change-source" || change.node === to) return [];
      if (files === null) return [notRead(facts, to, "binary logs", false)];
      if (files.some(({ name }) => name === file)) return [];
      const oldest = files[0]?.name ?? "none";
      const message = `${change.node} is to follow ${to} from ${file}, which is gone there (oldest: ${oldest}).`;
      return [block(change.node, message, `Rebuild ${change.node} from ${to}.`, false)];
    });
  },
};

/** Log that a planned change of source names, when it is known already; null elsewhere. */
function knownFile(change: Change): string | null {
  if (change.kind !== "change-source" || change.position?.kind !== "known") return null;
  return change.position.position.file;
}

/** True where the plan itself hands a login on; `keep` leaves the one that the channel has. */
function handsOn(plan: GuardedPlan): boolean {
  return hasStep(plan, (change) => change.kind === "change-source" && change.login.kind !== "keep");
}

export const replicationLogin: Guard = {
  name: "replication-login",
  explains: "The replication account can log in to the primary-to-be and read its binary log: tried, not assumed.",
  applies: repoints,
  evaluate(facts, plan) {
    const { to } = rolesOf(plan);
    const trial = loginTo(facts, to);
    const configure = "Name the account under `replication:` in the configuration.";
    if (trial === null) {
      return [cannotTell(to, `Login of the replication account to ${to} was not tried.`, configure, !handsOn(plan))];
    }
    const account = trial.user === null ? "the replication account" : `the replication account ${trial.user}`;
    if (!trial.ok) {
      const why = trial.failure?.message.replace(/\.$/, "") ?? "no answer";
      if (trial.user === null) {
        const message = `Nothing tells user and password of the replication account (${why}): whether it can log in to ${to} is not known.`;
        // Those that keep their login have one; whoever is to be given one would get none.
        return [cannotTell(to, message, configure, !handsOn(plan))];
      }
      const message = `${account} cannot log in to ${to}: ${why}.`;
      const advice = `Create it on ${to} for the addresses of the replicas. --force when it may log in from those and not from here.`;
      return [block(to, message, trial.failure?.advice ?? advice, true)];
    }
    if (trial.mayReplicate === true) return [];
    const advice = `Give it on ${to} what it has on the old primary (SHOW GRANTS there).`;
    if (trial.mayReplicate === null) {
      return [cannotTell(to, `Whether ${account} may read the binary log of ${to} is not known.`, advice, true)];
    }
    return [block(to, `${account} may not read the binary log of ${to}.`, advice, false)];
  },
};
