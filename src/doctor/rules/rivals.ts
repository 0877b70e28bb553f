/** Rules about other programs that move primaries: locks they hold, and processes on this machine. */
import { type ClusterFacts, listNames, type MachineFacts } from "../facts.ts";
import type { DoctorRule, Found } from "../finding.ts";

export const RIVAL_LOCKS: DoctorRule<ClusterFacts> = {
  code: "rival-lock",
  severity: "warning",
  title: "Another program holds the lock of this cluster",
  explains: "MaxScale's cooperative monitor holds its lock on a node: it is about to move primaries by itself.",
  breaks: ["promote", "rejoin"],
  evaluate: (facts) =>
    [...facts.nodes].flatMap(([name, { examination }]): Found[] => {
      const rivals = examination?.preflight.rivals ?? [];
      if (rivals.length === 0) return [];
      return [
        {
          subject: name,
          message: `${name}: ${listNames(rivals)}.`,
          fix: "Pause it first: maxctrl set server … maintenance, or passive=true.",
        },
      ];
    }),
};

const WATCH_OUT = "Know what it does when a node fails, and pause it before a promotion where it promotes too.";

/** On hosts behind SSH; of this machine there is a rule of the same code, which has its title. */
export const RIVALS_THERE: DoctorRule<ClusterFacts> = {
  code: "rival-process",
  severity: "info",
  title: "",
  explains: "",
  breaks: ["promote", "rejoin"],
  evaluate: ({ rivals }) =>
    [...rivals].map(([target, names]): Found => {
      const message = `${target}: ${listNames(names)} ${names.length === 1 ? "runs" : "run"} there and may move addresses or primaries by itself.`;
      return { subject: target, message, fix: WATCH_OUT };
    }),
};

export const RIVAL_PROCESSES: DoctorRule<MachineFacts> = {
  code: "rival-process",
  severity: "info",
  title: "A program that moves addresses or primaries runs here",
  explains:
    "keepalived, heartbeat, pacemaker, orchestrator, MaxScale, replication-manager or MHA runs on this machine, or on a host that is reached through SSH, and may act in the middle of an operation.",
  breaks: ["promote", "rejoin"],
  evaluate: ({ rivals }) =>
    rivals.length === 0
      ? []
      : [
          {
            subject: "this machine",
            message: `${listNames(rivals)} ${rivals.length === 1 ? "runs" : "run"} on this machine and may move addresses or primaries by itself.`,
            fix: WATCH_OUT,
          },
        ],
};
