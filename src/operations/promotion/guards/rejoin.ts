import type { MysqlReport } from "../../../model/mysql.ts";
import type { SourcePosition } from "../../../model/source-position.ts";
import { selectAdminState } from "../../admin-state.ts";
import {
  block,
  cannotTell,
  type Finding,
  type Guard,
  type GuardedPlan,
  type GuardFacts,
  warn,
} from "../../guards/guard.ts";
import { selectChosen } from "../../guards/predict.ts";
import { nameOf, type ServerView } from "../../view.ts";
import { describeExtra, originsOf } from "./histories.ts";
import { channelsBetween, freezes, hasStep, isRejoin, listNames, rolesOf } from "./roles.ts";

/** Who gets the writes now; of a node that was demoted and pulled them back, who gets them after the plan. */
function judgeWrites(facts: GuardFacts, plan: GuardedPlan, from: string): Finding[] {
  const { to } = rolesOf(plan);
  const { writer, haproxies } = facts.view.cluster;
  if (writer === null) return [];
  const last = facts.preflight?.lastPromotion ?? null;
  const wasDemoted = last?.from === from && last.to === to;
  const chosenAfter = () =>
    haproxies
      .filter(({ reading }) => reading.state === "fresh")
      .flatMap(({ name }) => selectChosen(facts.after(name, writer.backend)).map(writerName));
  const expected = wasDemoted ? [...new Set(chosenAfter())] : writer.expected;
  if (expected.includes(from) && !expected.includes(to)) {
    const message = `${writer.backend} sends the writes to ${from}: it is the primary.`;
    return [block(from, message, `Use \`signalbox promote ${to}\` to move the writes first.`, false)];
  }
  if (expected.includes(to)) return [];
  const who = expected.length === 0 ? "nobody" : listNames(expected);
  const message = `${writer.backend} ${wasDemoted ? "would send" : "sends"} writes to ${who} and not to ${to}.`;
  return [block(to, message, "Bring the writes in order first (signalbox ready, or promote).", false)];
}

const writerName = ({ node, server }: ServerView): string => node ?? nameOf(server);

export const rejoinRoles: Guard = {
  name: "rejoin-roles",
  explains: "The node that returns is not the primary and gets no writes; the one it is to follow is, and does.",
  applies: isRejoin,
  evaluate(facts, plan) {
    const { view } = facts;
    const { from, to, variant } = rolesOf(plan);
    if (from === null) return [cannotTell(to, "Which node returns is not known.", "Name it.", false)];
    const findings: Finding[] = [...judgeWrites(facts, plan, from)];
    const source = view.report(to);
    if (source !== null && source.readOnly !== false) {
      const finding = source.readOnly === null ? cannotTell : block;
      const message =
        source.readOnly === null
          ? `Whether ${to} is writable cannot be told.`
          : `${to} is read-only: it is no primary.`;
      findings.push(finding(to, message, `Say whom ${from} is to follow: promote a node first.`, false));
    }
    const report = view.report(from);
    // Of two sides that both take writes one is open again once an earlier run has opened it.
    const mayBeOpen = variant === "multi-writer" && report?.readOnly === false;
    if (report === null || report.readOnly === true || mayBeOpen || freezes(plan, from)) return findings;
    const message = `${from} is writable${report.readOnly === null ? ", as far as is known," : ""} and the plan does not close it first.`;
    return [
      ...findings,
      block(from, message, `Make it read-only first: signalbox's command read-only-on for ${from}.`, false),
    ];
  },
};

export const rejoinServers: Guard = {
  name: "rejoin-servers",
  explains: "The servers of the node that returns are in maintenance in the writer backend, or put there by the plan.",
  // A second side of two that both take writes gets them back.
  applies: (plan) => isRejoin(plan) && plan.promotion?.variant !== "multi-writer" && plan.steps.length > 0,
  evaluate(facts, plan) {
    const { from, to, writerBackend: backend } = rolesOf(plan);
    if (from === null) return [];
    if (backend === null) {
      if (facts.view.cluster.haproxies.length === 0) return [];
      const message = `Which backend carries the writes is not known, and so not whether ${from} gets any.`;
      return [cannotTell(from, message, "Name it under `writer:` in the configuration.", false)];
    }
    return facts.view.cluster.haproxies.flatMap(({ name, reading }): Finding[] => {
      if (reading.state !== "fresh") return [];
      return facts.after(name, backend).flatMap(({ node, server }): Finding[] => {
        if (node !== from || selectAdminState(server) === "maint") return [];
        const message = `${nameOf(server)} is not in maintenance on ${name} (${server.state}): it could take the writes from ${to}.`;
        const advice = `Put it into maintenance first: signalbox maint ${nameOf(server)}`;
        return [block(`${name} ${nameOf(server)}`, message, advice, false)];
      });
    });
  },
};

/** PROMOTION.md §2.7.5. */
function optionsFor(from: string, to: string, dialect: MysqlReport["flavor"]): string {
  const inject =
    dialect === "mariadb"
      ? ""
      : ` Or commit empty transactions with those ids on ${to}, when you have judged them harmless.`;
  return `It is not forced. Rebuild ${from} from ${to} (usual); before that, save the extra transactions from its binary log for review (mysqlbinlog).${inject} Never reset its binary logs or set its position back: that hides the difference.`;
}

/** File and position: what the node wrote after the point up to which the new primary had it. */
function judgeByFile(facts: GuardFacts, plan: GuardedPlan, from: string, report: MysqlReport): Finding[] {
  const last = facts.preflight?.lastPromotion ?? null;
  const point: SourcePosition | null =
    last === null || last.from !== from ? null : (last.positions[last.failover ? "applied" : "stop"] ?? null);
  const position = report.position;
  // Frozen by the plan, its log must then still end where it was judged.
  const isSeenAgain = plan.steps.some(({ change }) => change.kind === "confirm-position" && change.node === from);
  if (report.readOnly !== true && !isSeenAgain) {
    const message = `${from} is not read-only: what it writes between this look and the first step would not be seen, for there are no GTIDs.`;
    return [block(from, message, `Make it read-only first: signalbox's command read-only-on for ${from}.`, false)];
  }
  if (point === null || point.file === null || point.pos === null) {
    const message = `Up to where in the log of ${from} the new primary has it is not in the journal of this machine, and there are no GTIDs.`;
    return [cannotTell(from, message, `Rebuild ${from}, or compare its log by hand.`, false)];
  }
  const [file, pos] = [position?.file ?? null, position?.pos ?? null];
  if (file === null || pos === null) {
    return [cannotTell(from, `The end of the binary log of ${from} could not be read.`, "Look at it by hand.", false)];
  }
  if (file === point.file && pos === point.pos) return [];
  const tail = facts.preflight?.rejoinTail ?? null;
  const stretch = `${point.file} ${point.pos} to ${file} ${pos}`;
  if (tail !== null && !tail.changesData) return [];
  if (tail === null) {
    const message = `What the log of ${from} has from ${stretch}, after what ${last?.operation} took over, could not be read.`;
    return [cannotTell(from, message, `Look at it (mysqlbinlog), or rebuild ${from}.`, false)];
  }
  const types = [...new Set(tail.eventTypes)].slice(0, 8).join(", ");
  const message = `${from} wrote after ${last?.operation} took over: its log has changes from ${stretch} (${types}).`;
  return [block(from, message, optionsFor(from, last?.to ?? "the primary", "mariadb"), false)];
}

/** True when the primary itself replicates from the node without errors: the other half of a pair. */
function isFetching(facts: GuardFacts, primary: string, node: string): boolean {
  return channelsBetween(facts, primary, node).some(
    ({ io, sql, ioError, sqlError }) =>
      io === "yes" && sql === "yes" && (ioError?.code ?? 0) === 0 && (sqlError?.code ?? 0) === 0,
  );
}

export const rejoinContained: Guard = {
  name: "rejoin-contained",
  explains:
    "The primary has everything that the node which returns ever wrote; a node that diverged is rebuilt, never forced.",
  applies: isRejoin,
  evaluate(facts, plan: GuardedPlan) {
    const { from, to, variant } = rolesOf(plan);
    const [report, primary] = [facts.view.report(from), facts.view.report(to)];
    if (from === null || report === null || primary === null) return [];
    if (variant === "file") {
      // Only who is given a new place in a log can be given a wrong one.
      const isPointed = hasStep(plan, (change) => change.kind === "change-source" && change.node === from);
      return isPointed ? judgeByFile(facts, plan, from, report) : [];
    }
    const extra = describeExtra(report, [primary], originsOf([primary], channelsBetween(facts, from, to)));
    if (extra === "") return [];
    if (isFetching(facts, to, from)) {
      const message = `${to} follows ${from} and ${extra === null ? "may lack" : "lacks"} transactions of it still${extra === null ? "" : `: ${extra}`}.`;
      return [warn(from, message, "They come over that channel; look again in a moment.")];
    }
    if (extra === null) {
      const message = `Whether ${to} has everything of ${from} cannot be told.`;
      return [cannotTell(from, message, "Compare their GTID sets by hand.", false)];
    }
    const message = `${from} has transactions that ${to} lacks: ${extra}.`;
    return [block(from, message, optionsFor(from, to, report.flavor), false)];
  },
};

export const rejoinChannels: Guard = {
  name: "rejoin-channels",
  explains: "What the returning node replicated before is seen and stopped by the plan.",
  applies: isRejoin,
  evaluate({ view }, plan) {
    const { from, to } = rolesOf(plan);
    const node = view.node(from);
    if (from === null || node === null || view.report(from) === null) return [];
    if (view.report(from)?.channels === null) {
      return [cannotTell(from, `Whom ${from} follows could not be read.`, "Give the account that privilege.", false)];
    }
    return node.channels.flatMap((channel): Finding[] => {
      if (channel.sourceNode === to) return [];
      const isTaken = plan.steps.some(
        ({ change }) =>
          (change.kind === "change-source" || change.kind === "reset-replication") &&
          change.node === from &&
          change.channel === channel.name,
      );
      if (isTaken) return [];
      const source = channel.sourceNode ?? `${channel.sourceHost}:${channel.sourcePort}`;
      const message = `${from} also follows ${source}, which stays as it is.`;
      return [warn(from, message, "End that channel when it is a leftover of an old role.")];
    });
  },
};
