import type { HaproxyReport } from "../../model/haproxy.ts";
import { freshValue } from "../../model/reading.ts";
import type { ClusterView } from "../view.ts";
import { block, type Finding, type Guard, warn } from "./guard.ts";
import { serverChanges } from "./selectors.ts";

function reportOf(view: ClusterView, name: string): HaproxyReport | null {
  const reading = view.haproxy(name)?.reading;
  return reading === undefined ? null : freshValue(reading);
}

function judge(name: string, report: HaproxyReport, hasOthers: boolean): Finding[] {
  if (report.level === "admin") return [];
  if (report.source === "stats-page") {
    const message = `${name} is known by its stats page only, which can be read and not changed.`;
    const force = hasOthers ? `; --force leaves ${name} out, which goes on as before` : "";
    return [block(name, message, `Configure the stats socket (level admin) of ${name}${force}.`, hasOthers)];
  }
  if (report.level === null) {
    const message = `${name} does not tell the level of its socket (HAProxy before 2.0).`;
    return [warn(name, message, "It refuses by itself when it is too low.")];
  }
  const advice = `Put \`level admin\` on the \`stats socket\` line of ${name}, or use a socket that has it.`;
  return [block(name, `The socket of ${name} has level ${report.level}: it refuses changes.`, advice, false)];
}

export const level: Guard = {
  name: "level",
  explains: "The stats socket has level admin; every other one refuses changes.",
  applies: (plan) => serverChanges(plan).length > 0,
  evaluate({ view }, plan) {
    const names = [...new Set(serverChanges(plan).map(({ haproxy }) => haproxy))];
    const hasOthers = names.some((name) => reportOf(view, name)?.source === "socket");
    return names.flatMap((name) => {
      const report = reportOf(view, name);
      return report === null ? [] : judge(name, report, hasOthers);
    });
  },
};
