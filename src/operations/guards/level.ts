import { freshValue } from "../../model/reading.ts";
import { block, type Finding, type Guard, warn } from "./guard.ts";
import { serverChanges } from "./selectors.ts";

export const level: Guard = {
  name: "level",
  explains: "The stats socket has level admin; every other one refuses changes.",
  applies: (plan) => serverChanges(plan).length > 0,
  evaluate({ view }, plan) {
    return [...new Set(serverChanges(plan).map(({ haproxy }) => haproxy))].flatMap((name): Finding[] => {
      const reading = view.haproxy(name)?.reading;
      const report = reading === undefined ? null : freshValue(reading);
      if (report === null || report.level === "admin") return [];
      if (report.source === "stats-page") {
        const advice = `Configure the stats socket (level admin) of ${name}, or leave it out with --haproxy.`;
        return [
          block(name, `${name} is known by its stats page only, which can be read and not changed.`, advice, false),
        ];
      }
      if (report.level === null) {
        const advice = "It refuses by itself when it is too low.";
        return [warn(name, `${name} does not tell the level of its socket (HAProxy before 2.0).`, advice)];
      }
      const advice = `Put \`level admin\` on the \`stats socket\` line of ${name}, or use a socket that has it.`;
      return [block(name, `The socket of ${name} has level ${report.level}: it refuses changes.`, advice, false)];
    });
  },
};
