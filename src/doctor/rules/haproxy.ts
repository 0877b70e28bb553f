/** Rules about what a HAProxy process is able to do. */
import { freshValue } from "../../model/reading.ts";
import { type ClusterFacts, freshHaproxies, listNames, ownBackends, versionNumber } from "../facts.ts";
import { type Command, type DoctorRule, type Found, HAPROXY_COMMANDS } from "../finding.ts";

/** A `rise` above this is no number of checks any more, but a way to say never. */
const NEVER_RISES = 10_000;

interface Lack {
  /** First version that has it, as major * 100 + minor. */
  readonly since: number;
  readonly what: string;
  readonly breaks: readonly Command[];
  readonly severity: "critical" | "warning";
}

/** Worst first: what is wrong with the oldest is all that is told. */
const LACKS: readonly Lack[] = [
  {
    since: 105,
    what: "cannot drain, set weights or end sessions at run time",
    breaks: HAPROXY_COMMANDS,
    severity: "critical",
  },
  {
    since: 106,
    what: "does not tell why a server is out, so a change cannot be fully read back",
    breaks: ["drain", "maint", "ready", "promote", "rejoin"],
    severity: "warning",
  },
];

const tooOld: DoctorRule<ClusterFacts> = {
  code: "haproxy-too-old",
  severity: "critical",
  title: "HAProxy is too old for some actions",
  explains:
    "HAProxy 1.4 knows neither drain nor `set server`; 1.5 has no `show servers state` to read a change back from.",
  breaks: HAPROXY_COMMANDS,
  evaluate: (facts) =>
    freshHaproxies(facts).flatMap(({ name, report }): Found[] => {
      const version = versionNumber(report.process?.version ?? null);
      const lack = version === null ? undefined : LACKS.find(({ since }) => version < since);
      if (lack === undefined) return [];
      const { what, breaks, severity } = lack;
      const message = `${name}: HAProxy ${report.process?.version} ${what}.`;
      return [
        { subject: name, message, breaks, severity, fix: "Upgrade HAProxy; any version from 2.0 on can do all of it." },
      ];
    }),
};

const levelUnknown: DoctorRule<ClusterFacts> = {
  code: "haproxy-level-unknown",
  severity: "info",
  title: "Level of the socket cannot be told",
  explains:
    "HAProxy before 2.0 does not say which level its socket gives: whether it takes changes shows at the first one.",
  breaks: HAPROXY_COMMANDS,
  evaluate: (facts) =>
    freshHaproxies(facts)
      .filter(({ report }) => report.source === "socket" && report.level === null)
      .map(({ name }) => ({
        subject: name,
        message: `${name}: this version does not tell the level of its socket.`,
        fix: "Make sure haproxy.cfg has: stats socket … level admin",
      })),
};

const manyProcesses: DoctorRule<ClusterFacts> = {
  code: "haproxy-nbproc",
  severity: "warning",
  title: "HAProxy runs as several processes",
  explains:
    "With `nbproc` above 1 every process has servers and sessions of its own, and one socket speaks for one of them, by chance.",
  breaks: HAPROXY_COMMANDS,
  evaluate: (facts) =>
    freshHaproxies(facts)
      .filter(({ report }) => (report.process?.nbproc ?? 1) > 1)
      .map(({ name, report }) => ({
        subject: name,
        message: `${name}: nbproc is ${report.process?.nbproc}; a change reaches one process of them only.`,
        fix: "Use nbthread instead of nbproc, or give each process a socket (stats socket … process N) and configure all of them.",
      })),
};

const neverReturns: DoctorRule<ClusterFacts> = {
  code: "rise-never-returns",
  severity: "info",
  title: "A server that was DOWN stays DOWN",
  explains:
    "`rise 99999999` and the like: a server that failed its checks once never comes back by itself. Meant for a writer backend, where a dead primary has missed writes; it has to be known, because a candidate whose server was DOWN once is not usable either.",
  breaks: ["promote"],
  evaluate: (facts) =>
    freshHaproxies(facts).flatMap(({ name, report }): Found[] => {
      const stuck = report.servers.filter(
        ({ backend, rise }) => rise !== null && rise > NEVER_RISES && ownBackends(facts).has(backend),
      );
      return [...new Set(stuck.map(({ backend }) => backend))].map((backend) => {
        const servers = stuck.filter((server) => server.backend === backend);
        const names = listNames(servers.map(({ server }) => server));
        return {
          subject: `${name} ${backend}`,
          message: `${name} ${backend}: ${names} would stay DOWN after one failure (rise ${servers[0]?.rise}).`,
          fix: `After a repair: signalbox maint ${backend}/SERVER, then signalbox ready ${backend}/SERVER.`,
        };
      });
    }),
};

/** errno of MySQL in the answer to a check: the account of the check is refused, or this host is. */
const REFUSALS: Readonly<Record<number, string>> = {
  1045: "the account of the check is refused",
  1129: "the host of HAProxy is blocked after too many aborted checks",
  1130: "the account of the check may not log in from the host of HAProxy",
};

const checkRefused: DoctorRule<ClusterFacts> = {
  code: "check-refused",
  severity: "warning",
  title: "The health check is refused by a server that is alive",
  explains:
    "The last `option mysql-check` ended with 1045, 1129 or 1130: the server answers and refuses, so HAProxy holds it for dead.",
  breaks: ["ready", "promote"],
  evaluate: (facts) =>
    freshHaproxies(facts).flatMap(({ name, report }) =>
      report.servers.flatMap(({ backend, server, check, checkCode }): Found[] => {
        const why = checkCode === null || check?.startsWith("L7") !== true ? undefined : REFUSALS[checkCode];
        if (why === undefined || !ownBackends(facts).has(backend)) return [];
        const subject = `${name} ${backend}/${server}`;
        const fix =
          checkCode === 1129
            ? "Run FLUSH HOSTS on the node, set host_cache_size=0 there, and give the check a user: option mysql-check user haproxy_check"
            : "Create the account on the nodes, without password: CREATE USER 'haproxy_check'@'%'; and name it: option mysql-check user haproxy_check";
        return [{ subject, message: `${subject}: ${why} (${checkCode}).`, fix }];
      }),
    ),
};

const pending: DoctorRule<ClusterFacts> = {
  code: "proxysql-pending",
  severity: "warning",
  title: "ProxySQL has edits that are not loaded",
  explains:
    "The editable table mysql_servers of a ProxySQL says something else than runtime_mysql_servers: the LOAD of any change brings all of it into effect, also somebody else's half-made edits.",
  breaks: ["drain", "maint", "ready", "weight", "promote"],
  evaluate: ({ cluster }) =>
    cluster.haproxies.flatMap(({ name, reading }): Found[] => {
      const differences = freshValue(reading)?.sqlAdmin?.pending ?? [];
      if (differences.length === 0) return [];
      const message = `${name}: mysql_servers has what does not run: ${listNames(differences, 4)}.`;
      const fix = "Finish the edit (LOAD MYSQL SERVERS TO RUNTIME) or drop it (SAVE MYSQL SERVERS TO MEMORY).";
      return [{ subject: name, message, fix }];
    }),
};

export const HAPROXY_RULES: readonly DoctorRule<ClusterFacts>[] = [
  tooOld,
  manyProcesses,
  pending,
  checkRefused,
  neverReturns,
  levelUnknown,
];
