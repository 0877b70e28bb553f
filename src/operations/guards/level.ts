import type { HaproxyReport } from "../../model/haproxy.ts";
import { freshValue } from "../../model/reading.ts";
import type { ClusterView } from "../view.ts";
import { block, type Finding, type Guard, warn } from "./guard.ts";
import { serverChanges } from "./selectors.ts";
import { judgeSqlProxy } from "./sql-proxy.ts";

function reportOf(view: ClusterView, name: string): HaproxyReport | null {
  const reading = view.haproxy(name)?.reading;
  return reading === undefined ? null : freshValue(reading);
}

/** Cannot be changed by anybody: with --force a plan goes on without it. */
export function isReadOnlySource({ source, level }: HaproxyReport): boolean {
  return source === "stats-page" || (source === "sql-admin" && level !== "admin");
}

function judge(name: string, report: HaproxyReport, hasOthers: boolean): Finding[] {
  if (report.level === "admin") return [];
  if (isReadOnlySource(report)) {
    const force = hasOthers ? `; --force leaves ${name} out, which goes on as before` : "";
    const [message, advice] =
      report.source === "stats-page"
        ? [
            `${name} is known by its stats page only, which can be read and not changed.`,
            `Configure the stats socket (level admin) of ${name}${force}.`,
          ]
        : [describeReadOnlyAdmin(name, report), `Act there by hand${force}.`];
    return [block(name, message, advice, hasOthers)];
  }
  if (report.level === null) {
    const message = `${name} does not tell the level of its socket (HAProxy before 2.0).`;
    return [warn(name, message, "It refuses by itself when it is too low.")];
  }
  const advice = `Put \`level admin\` on the \`stats socket\` line of ${name}, or use a socket that has it.`;
  return [block(name, `The socket of ${name} has level ${report.level}: it refuses changes.`, advice, false)];
}

function describeReadOnlyAdmin(name: string, { sqlAdmin }: HaproxyReport): string {
  if (sqlAdmin?.product !== "proxysql") return `${name} is a MySQL Proxy: its admin can be read and changes nothing.`;
  return `The admin of ${name} (ProxySQL) is read-only, by admin-read_only or by this account.`;
}

export const level: Guard = {
  name: "level",
  explains: "The stats socket has level admin; every other one refuses changes.",
  applies: (plan) => serverChanges(plan).length > 0,
  evaluate(facts, plan) {
    const { view } = facts;
    const changes = serverChanges(plan);
    const names = [...new Set(changes.map(({ haproxy }) => haproxy))];
    const hasOthers = names.some((name) => {
      const report = reportOf(view, name);
      return report !== null && !isReadOnlySource(report);
    });
    return names.flatMap((name) => {
      const report = reportOf(view, name);
      if (report === null) return [];
      const findings = judge(name, report, hasOthers);
      if (findings.length > 0 || report.sqlAdmin === undefined) return findings;
      const own = changes.filter(({ haproxy }) => haproxy === name);
      return judgeSqlProxy(facts, name, report.sqlAdmin, own);
    });
  },
};
