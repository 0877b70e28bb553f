/** What goes on on the node whose writes are to be stopped. */
import type { ClientSession } from "../../../model/mysql.ts";
import type { LongWork } from "../../../model/preflight.ts";
import { block, cannotTell, type Finding, type Guard, type GuardFacts, warn } from "../../guards/guard.ts";
import { describeWithout, selectSourceSide, WITHOUT_ADVICE } from "../semi-sync.ts";
import { needsReplication } from "./candidate.ts";
import {
  hasStep,
  isFailover,
  movesWrites,
  notRead,
  preflightOf,
  rolesOf,
  selectSiblings,
  stopsWrites,
} from "./roles.ts";

/** Work that takes longer than this would hold up the statement that stops writes, and all other writes behind it. */
const LONG_SECONDS = 2;
/** Beyond these only their number is told. */
const SHOWN = 8;

/** `session 42 of app@10.0.0.7:51000 (shop)`. */
function describeSession({ id, user, host, database }: ClientSession): string {
  return `session ${id} of ${user}@${host ?? "unknown host"}${database === null ? "" : ` (${database})`}`;
}

const shortQuery = (query: string | null): string => {
  if (query === null || query.trim() === "") return "no statement now";
  const line = query.replace(/\s+/g, " ").trim();
  return line.length <= 120 ? line : `${line.slice(0, 119)}…`;
};

const WORDS: Readonly<Record<LongWork["kind"], string>> = {
  statement: "has been running a statement",
  transaction: "has had a transaction open",
  "table-lock": "has held a table lock",
  ddl: "has been changing a table",
  "metadata-lock": "has been waiting for a metadata lock",
};

function describeWork({ kind, session, seconds, rowsModified }: LongWork): string {
  const time = seconds === null ? "for an unknown time" : `for ${Math.round(seconds)} s`;
  const rows = rowsModified === null || rowsModified === 0 ? "" : ` (${rowsModified} rows not committed)`;
  return `${describeSession(session)} ${WORDS[kind]} ${time}${rows}: ${shortQuery(session.query)}`;
}

export const longWork: Guard = {
  name: "long-work",
  explains:
    "Nothing on the old primary takes longer than two seconds: it would hold up the write stop, and all writes with it.",
  applies: stopsWrites,
  evaluate(facts, plan) {
    const { from } = rolesOf(plan);
    if (from === null || facts.view.report(from) === null) return [];
    const work = preflightOf(facts, from)?.work ?? null;
    // Bounded all the same: the statement that stops writes gives up after lock_wait.
    if (work === null) return [notRead(facts, from, "running work", true)];
    const long = work.filter(({ session, seconds }) => !session.system && (seconds === null || seconds > LONG_SECONDS));
    const found = long.slice(0, SHOWN).map((each) => {
      const advice = `Wait for it, or end it: signalbox's command kill-session for ${from}, session ${each.session.id}.`;
      return block(from, `On ${from}, ${describeWork(each)}.`, advice, true);
    });
    const more = long.length - found.length;
    if (more <= 0) return found;
    return [
      ...found,
      block(from, `${more} more on ${from} take longer than ${LONG_SECONDS} s.`, "Wait for them.", true),
    ];
  },
};

export const preparedXa: Guard = {
  name: "prepared-xa",
  explains: "No XA transaction is prepared on the old primary: it could not be committed once that is read-only.",
  applies: stopsWrites,
  evaluate(facts, plan) {
    const { from } = rolesOf(plan);
    if (from === null || facts.view.report(from) === null) return [];
    const prepared = preflightOf(facts, from)?.preparedXa ?? null;
    if (prepared === null) return [notRead(facts, from, "prepared XA transactions", isFailover(plan))];
    if (prepared.length === 0) return [];
    const names = prepared.slice(0, SHOWN).join(", ");
    const message = `${prepared.length} XA ${prepared.length === 1 ? "transaction is" : "transactions are"} prepared on ${from}: ${names}.`;
    return [block(from, message, "Let their coordinator commit them, or: XA COMMIT / XA ROLLBACK.", isFailover(plan))];
  },
};

/** Where the worst that could be found is a warning, not to know is one. */
function warnUnread(facts: GuardFacts, node: string, what: string): Finding {
  const { subject, message, advice } = notRead(facts, node, what, true);
  return warn(subject, message, advice);
}

export const privilegedWriters: Guard = {
  name: "privileged-writers",
  explains:
    "Accounts that may write to a read-only server are known: their sessions are ended while writes are stopped.",
  applies: stopsWrites,
  evaluate(facts, plan) {
    const { from, variant } = rolesOf(plan);
    if (from === null || facts.view.report(from) === null) return [];
    return [...judgeAccounts(facts, from), ...(variant === "multi-writer" ? [] : judgeHeartbeats(facts, from))];
  },
};

function judgeAccounts(facts: GuardFacts, from: string): Finding[] {
  const preflight = preflightOf(facts, from);
  const accounts = preflight?.privilegedAccounts ?? null;
  const sessions = preflight?.privilegedSessions ?? null;
  if (accounts === null || sessions === null) return [warnUnread(facts, from, "privileged accounts")];
  if (accounts.length === 0 && sessions.length === 0) return [];
  const names = accounts.slice(0, SHOWN).map(({ account, privilege }) => `${account} (${privilege})`);
  const more = accounts.length > SHOWN ? ` and ${accounts.length - SHOWN} more` : "";
  const kills = sessions.slice(0, SHOWN).map(describeSession).join(", ");
  const killed = sessions.length === 0 ? "none of them is connected now" : `these are ended: ${kills}`;
  const message = `May write to ${from} although it is read-only: ${names.join(", ")}${more}; ${killed}.`;
  return [warn(from, message, "Take the privilege from accounts of applications.")];
}

/** A row that is younger is being written. */
const BEATING_SECONDS = 3;

/** Who writes heartbeats to a replica writes transactions there that nobody else has. */
function judgeHeartbeats({ view }: GuardFacts, from: string): Finding[] {
  const own = view.report(from)?.serverId ?? null;
  return view.cluster.nodes.flatMap(({ name }): Finding[] => {
    const rows = view.report(name)?.heartbeats ?? [];
    const beating = rows.filter(({ ageSeconds }) => ageSeconds <= BEATING_SECONDS).map(({ serverId }) => serverId);
    const others = beating.filter((id) => id !== own);
    if (own === null || beating.length < 2 || others.length === 0) return [];
    const message = `Heartbeats of ${beating.length} servers (server_id ${beating.join(", ")}) are written to the table on ${name}: only ${from} (${own}) takes writes.`;
    return [warn(name, message, "End the other writers first: what they write to a replica is on no other node.")];
  });
}

export const events: Guard = {
  name: "events",
  explains: "Scheduled events of the old primary run on the new one afterwards, and nowhere else.",
  applies: movesWrites,
  evaluate(facts, plan) {
    const { from, to } = rolesOf(plan);
    // Of a dead primary only what its replica was told: there they are switched off.
    const isDead = facts.view.report(from) === null;
    const preflight = preflightOf(facts, isDead ? to : from);
    const subject = isDead ? to : (from ?? to);
    if (preflight === null) return [notRead(facts, subject, "events", true)];
    if (preflight.events === null) return [warnUnread(facts, subject, "events")];
    const wanted = preflight.events.filter(({ status }) => status === (isDead ? "replica-disabled" : "enabled"));
    const left = wanted.filter(
      ({ schema, name }) =>
        !hasStep(plan, (change) => change.kind === "enable-event" && change.schema === schema && change.name === name),
    );
    const findings: Finding[] = [];
    if (left.length > 0) {
      const names = left.slice(0, SHOWN).map(({ schema, name }) => `${schema}.${name}`);
      const message = `${left.length} ${left.length === 1 ? "event" : "events"} of ${from ?? "the old primary"} (${names.join(", ")}) will not be enabled on ${to} by the plan.`;
      const why = isDead ? "Which of them ran there a replica is not told. " : "";
      findings.push(warn(subject, message, `${why}Enable them on ${to} by hand: ALTER EVENT … ENABLE.`));
    }
    const early = (preflightOf(facts, to)?.events ?? []).filter(({ status }) => status === "enabled");
    const scheduler = preflightOf(facts, to)?.eventScheduler ?? null;
    if (early.length > 0 && scheduler !== "off" && scheduler !== "disabled" && !isDead) {
      const names = early.slice(0, SHOWN).map(({ schema, name }) => `${schema}.${name}`);
      const message = `${early.length} ${early.length === 1 ? "event is" : "events are"} enabled on ${to} although it is a replica (${names.join(", ")}).`;
      findings.push(warn(to, message, "They write there beside replication, or fail for want of privileges."));
    }
    return findings;
  },
};

function judgeSource(facts: GuardFacts, from: string): Finding[] {
  const semiSync = facts.view.report(from)?.semiSync ?? null;
  if (semiSync === null || semiSync.sourceEnabled === false) return [];
  const stuck = preflightOf(facts, from)?.stuckCommits ?? null;
  if (stuck === 0) return [];
  if (stuck === null) {
    const message = `Whether commits on ${from} wait in vain for a semi-sync acknowledgement cannot be told.`;
    return [cannotTell(from, message, "Look at Rpl_semi_sync_*_wait_sessions there.", true)];
  }
  const message = `${stuck} ${stuck === 1 ? "commit waits" : "commits wait"} on ${from} for a semi-sync acknowledgement, and none comes: the statement that stops writes would wait behind them.`;
  return [
    block(from, message, "Bring a semi-sync replica back, or switch the source side off: they are let go.", true),
  ];
}

export const semiSync: Guard = {
  name: "semi-sync",
  explains:
    "No commit waits in vain for a semi-synchronous replica, and no replica has the source side switched on: its applier would wait.",
  applies: movesWrites,
  evaluate(facts, plan) {
    const { from, to, variant } = rolesOf(plan);
    const isPair = variant === "pair" || variant === "multi-writer";
    const siblings = selectSiblings(facts, rolesOf(plan)).map(({ name }) => name);
    // One that has left its source already has nothing to apply that would wait, and was switched on by the plan perhaps.
    const replicas = [...(!isPair && needsReplication(plan) ? [to] : []), ...siblings];
    const wrong = replicas.filter((name) => {
      return facts.view.report(name)?.semiSync?.sourceEnabled === true;
    });
    const flagged = wrong.map((name) => {
      const message = `${name} is a replica and has the source side of semi-sync switched on: its applier waits for acknowledgements, and STOP REPLICA can hang.`;
      return block(name, message, `SET GLOBAL rpl_semi_sync_*_enabled = 0 for the source side of ${name}.`, false);
    });
    const followers = [...(isFailover(plan) || from === null ? [] : [from]), ...(isPair ? [] : siblings)];
    const side = variant === "multi-writer" ? null : selectSourceSide(facts.view, from, to, followers);
    const without = describeWithout(side, from, to);
    return [
      ...(from !== null && stopsWrites(plan) ? judgeSource(facts, from) : []),
      ...flagged,
      ...(without === null ? [] : [warn(to, without, WITHOUT_ADVICE)]),
    ];
  },
};
