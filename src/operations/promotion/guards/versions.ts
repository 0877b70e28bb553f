import { gtidKind } from "../../../model/gtid/gtid-set.ts";
import type { MysqlReport } from "../../../model/mysql.ts";
import type { ComparedSettings } from "../../../model/preflight.ts";
import { block, cannotTell, type Finding, type Guard, type GuardFacts, warn } from "../../guards/guard.ts";
import {
  isRejoin,
  lastReport,
  movesWrites,
  notRead,
  preflightOf,
  rolesOf,
  selectFollowers,
  selectSiblings,
} from "./roles.ts";

/** Release series, e.g. 10.11 or 8.4: servers replicate within one, and from an older to a newer one. Null: not to be told. */
function parseSeries(version: string): readonly [number, number] | null {
  const match = /^(\d+)\.(\d+)/.exec(version);
  return match === null ? null : [Number(match[1]), Number(match[2])];
}

function isOlder(one: string, other: string): boolean | null {
  const [first, second] = [parseSeries(one), parseSeries(other)];
  if (first === null || second === null) return null;
  return first[0] !== second[0] ? first[0] < second[0] : first[1] < second[1];
}

function judgeVersion(name: string, report: MysqlReport, to: string, source: MysqlReport, returns: boolean): Finding[] {
  if (gtidKind(report.flavor) !== gtidKind(source.flavor)) {
    const message = `${name} is ${report.flavor} ${report.version} and ${to} is ${source.flavor} ${source.version}: they cannot replicate safely.`;
    return [block(name, message, "Promote a node of the same kind of server.", false)];
  }
  const older = isOlder(report.version, source.version);
  if (older === false) return [];
  if (older === null) {
    const message = `${name} (${report.version}) and ${to} (${source.version}): which one is newer cannot be told.`;
    return [cannotTell(name, message, "Compare their versions by hand.", true)];
  }
  const what = `${name} (${report.version}) is older than ${to} (${source.version})`;
  if (returns) {
    return [warn(name, `${what}: it cannot return as its replica safely.`, `Upgrade ${name} before it follows ${to}.`)];
  }
  return [
    block(
      name,
      `${what}: it may not be able to apply what ${to} logs.`,
      `Upgrade ${name} first, or promote a node of its version.`,
      true,
    ),
  ];
}

export const versions: Guard = {
  name: "versions",
  explains:
    "Every node that is to follow the primary-to-be is of the same kind of server and of no older release series.",
  applies: (plan) => movesWrites(plan) || isRejoin(plan),
  evaluate(facts, plan) {
    const { from, to, mode } = rolesOf(plan);
    const source = facts.view.report(to);
    if (source === null) return [];
    const others = mode === "rejoin" ? [] : selectSiblings(facts, rolesOf(plan)).map(({ name }) => name);
    return [...(from === null ? [] : [from]), ...others].flatMap((name) => {
      const report = lastReport(facts.view.node(name));
      return report === null ? [] : judgeVersion(name, report, to, source, name === from && mode !== "rejoin");
    });
  },
};

const NAMES: Readonly<Record<keyof ComparedSettings, string>> = {
  binlogFormat: "binlog_format",
  binlogRowImage: "binlog_row_image",
  binlogChecksum: "binlog_checksum",
  characterSetServer: "character_set_server",
  collationServer: "collation_server",
  lowerCaseTableNames: "lower_case_table_names",
  timeZone: "time_zone",
  sqlMode: "sql_mode",
  gtidMode: "gtid_mode",
  gtidStrict: "gtid_strict_mode",
  enforceGtidConsistency: "enforce_gtid_consistency",
  gtidDomainId: "gtid_domain_id",
};

/** A relay that logs statements cannot log the rows it gets: its applier stops (error 1666). */
function judgeFormats(facts: GuardFacts, to: string, followers: readonly string[]): Finding[] {
  const format = facts.view.report(to)?.binlogFormat?.toUpperCase() ?? null;
  if (format === null) {
    return [cannotTell(to, `binlog_format of ${to} cannot be told.`, "Look at it by hand.", true)];
  }
  if (format === "STATEMENT") return [];
  return followers.flatMap((name): Finding[] => {
    const report = facts.view.report(name);
    if (report === null || report.logBin === false || report.logReplicaUpdates === false) return [];
    if (report.binlogFormat === null) {
      return [cannotTell(name, `binlog_format of ${name} cannot be told.`, "Look at it by hand.", true)];
    }
    if (report.binlogFormat.toUpperCase() !== "STATEMENT") return [];
    const message = `${name} logs by STATEMENT and could not log the rows that ${to} (${format}) sends: its applier would stop.`;
    return [block(name, message, `Set binlog_format=${format} on ${name} first.`, false)];
  });
}

/** Names and values that differ, old primary first. */
function compareSettings(old: ComparedSettings, next: ComparedSettings, isPair: boolean): string[] {
  return (Object.keys(NAMES) as (keyof ComparedSettings)[]).flatMap((key) => {
    if (key === "gtidDomainId" && isPair) return [];
    const [before, after] = [old[key], next[key]];
    if (before?.toUpperCase() === after?.toUpperCase()) return [];
    return [`${NAMES[key]} ${before || "(none)"} → ${after || "(none)"}`];
  });
}

export const settingsCompared: Guard = {
  name: "settings",
  explains:
    "Settings that change what a statement does agree between old and new primary, and nobody gets rows it cannot log.",
  applies: (plan) => movesWrites(plan) || isRejoin(plan),
  evaluate(facts, plan) {
    const { from, to, mode, variant } = rolesOf(plan);
    const formats = judgeFormats(
      facts,
      to,
      selectFollowers(facts, plan).map(({ name }) => name),
    );
    // A dead primary tells nothing any more.
    if (from === null || (mode === "failover" && facts.view.report(from) === null)) return formats;
    const unread = [from, to].filter((name) => (preflightOf(facts, name)?.settings ?? null) === null);
    const [old, next] = [preflightOf(facts, from)?.settings ?? null, preflightOf(facts, to)?.settings ?? null];
    if (old === null || next === null) {
      return [...formats, ...unread.map((name) => notRead(facts, name, "settings", true))];
    }
    const differences = compareSettings(old, next, variant === "pair" || variant === "multi-writer");
    if (differences.length === 0) return formats;
    const message = `${from} and ${to} differ: ${differences.join(", ")}.`;
    return [...formats, warn(to, message, "Clients may see other results afterwards; set them alike.")];
  },
};
