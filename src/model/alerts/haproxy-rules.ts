/** Rules about HAProxy processes and what they agree on. */
import type { HaproxyServer } from "../haproxy.ts";
import type { LinkedServer } from "../link.ts";
import { withoutStop } from "../printable.ts";
import type { HaproxySnapshot } from "../snapshot.ts";
import { SQL_PROXY_NAMES } from "../sql-proxy.ts";
import { isUsable, writerName } from "../writer-route.ts";
import { formatSeconds, joinNames } from "./facts.ts";
import type { AlertRule, ClusterFacts, Finding } from "./rule.ts";
import { isOutForGood } from "./server-rules.ts";

/** HAProxies check at different moments; an up/down difference younger than this may only be that. */
const CHECK_SKEW_SECONDS = 10;

function describeSilence(haproxy: HaproxySnapshot, now: number): string {
  const { reading } = haproxy;
  if (reading.state === "failed") return withoutStop(reading.failure.message);
  return reading.state === "stale" ? `no answer for ${formatSeconds((now - reading.at) / 1000)}` : "not asked yet";
}

/** Shell command that asks the same endpoint without us. */
function buildProbeCommand(url: string): string {
  const admin = /^(?:proxysql|atlas|mysql-proxy):\/\/([^@]*)@(\[[^\]]*\]|[^:]*):(\d+)$/.exec(url);
  if (admin !== null) return `mysql -u ${admin[1]} -p -h ${admin[2]} -P ${admin[3]}`;
  if (/^https?:/.test(url)) return `curl "${url};csv"`;
  const address = url
    .replace(/^ssh:\/\/[^/]*/, "UNIX-CONNECT:")
    .replace(/^unix:\/\//, "UNIX-CONNECT:")
    .replace(/^tcp:\/\//, "TCP:");
  return `echo "show info" | socat - ${address}`;
}

const haproxyUnreachable: AlertRule = {
  code: "haproxy-unreachable",
  severity: "warning",
  title: "HAProxy does not answer",
  explains:
    "The runtime socket or stats page of a HAProxy gives no usable answer. Warning while another HAProxy of the cluster answers, critical when none does. What it said before is shown as past and leads to no other alert.",
  evaluate: (facts) => {
    const others = facts.haproxies.some(({ reading }) => reading.state === "fresh");
    return facts.haproxies
      .filter(({ reading }) => reading.state === "failed" || reading.state === "stale")
      .map((haproxy): Finding => {
        const failure = haproxy.reading.state === "failed" ? haproxy.reading.failure : null;
        return {
          severity: others ? "warning" : "critical",
          node: null,
          subject: haproxy.name,
          message: `HAProxy ${haproxy.name} does not answer: ${describeSilence(haproxy, facts.now)}.`,
          advice:
            failure?.advice ??
            `On its host look at "systemctl status haproxy" and try by hand: ${buildProbeCommand(haproxy.url)}`,
        };
      });
  },
};

const haproxyReloaded: AlertRule = {
  code: "haproxy-reloaded",
  severity: "info",
  title: "HAProxy was reloaded",
  explains:
    "A HAProxy answers from a new process (new pid or start time). Warning when run-time changes such as drain, maint or weights were lost with it; shown while the reload is recent.",
  evaluate: (facts) =>
    facts.haproxies.flatMap(({ name, reload }): Finding[] => {
      if (reload === null) return [];
      const age = formatSeconds(Math.max(0, facts.now - reload.at) / 1000);
      const isTold = reload.previousPid !== null || reload.pid !== null;
      const pids = isTold
        ? `pid ${reload.previousPid ?? "unknown"} → ${reload.pid ?? "unknown"}`
        : "its uptime began anew";
      const lost = reload.lost.length === 0 ? "" : ` Lost with it: ${reload.lost.join("; ")}.`;
      return [
        {
          severity: reload.lost.length === 0 ? "info" : "warning",
          node: null,
          subject: name,
          message: `HAProxy ${name} was reloaded ${age} ago (${pids}).${lost}`,
          advice:
            reload.lost.length === 0
              ? "Nothing to do; server states are not proven until every check has run once."
              : !isTold
                ? "Put them back as one plan where they are still meant: `:re-apply` in the console. To keep them over restarts: SAVE MYSQL SERVERS TO DISK."
                : `Put them back as one plan where they are still meant: \`:re-apply\` in the console (or "set server BACKEND/SERVER state drain" on ${name}). To keep them over reloads: load-server-state-from-file.`,
        },
      ];
    }),
};

const haproxyNotAdmin: AlertRule = {
  code: "haproxy-not-admin",
  severity: "info",
  title: "HAProxy can only be watched",
  explains:
    "The socket is not of level admin, or the source is a stats page: everything is shown, nothing can be changed.",
  evaluate: (facts) =>
    facts.haproxies.flatMap(({ name, reading }): Finding[] => {
      const level = reading.state === "fresh" ? reading.value.level : null;
      if (level === null || level === "admin") return [];
      if (reading.state === "fresh" && reading.value.sqlAdmin !== undefined) {
        const product = SQL_PROXY_NAMES[reading.value.sqlAdmin.product];
        return [
          {
            node: null,
            subject: name,
            message: `${name} is ${product === "ProxySQL" ? "a ProxySQL whose admin is read-only" : `a ${product}`}: its servers can be watched but not changed.`,
            advice: "Act there by hand.",
          },
        ];
      }
      const what = level === "read-only" ? "is read through its stats page" : `gives us level ${level}`;
      return [
        {
          node: null,
          subject: name,
          message: `HAProxy ${name} ${what}: its servers can be watched but not changed.`,
          advice: `To act through it, configure in its global section: stats socket /run/haproxy/admin.sock mode 660 level admin`,
        },
      ];
    }),
};

/** What matters about a server when two HAProxies are compared: whether and why not it gets new connections, and its role. */
function describeStanding(server: HaproxyServer): string {
  const role = server.backup ? "backup" : "active";
  if (isUsable(server)) return `${role}, in rotation`;
  if (server.state === "up" || server.state === "unchecked") return `${role}, weight 0`;
  return `${role}, ${server.state}`;
}

/** True when the difference is only of health checks and so young, or so near a reload, that the next check may settle it. */
function maySettle(links: readonly LinkedServer[], facts: ClusterFacts): boolean {
  const operational = links.every(({ server }) => server.state === "up" || server.state === "down");
  if (!operational) return false;
  return links.some(({ haproxy, server }) => {
    if (server.inTransition && !isOutForGood(server)) return true;
    if (server.lastChangeSeconds !== null && server.lastChangeSeconds < CHECK_SKEW_SECONDS) return true;
    const reading = facts.haproxies.find(({ name }) => name === haproxy)?.reading;
    const uptime = reading?.state === "fresh" ? (reading.value.process?.uptimeSeconds ?? null) : null;
    return uptime !== null && uptime < CHECK_SKEW_SECONDS;
  });
}

function groupByServer(facts: ClusterFacts): Map<string, LinkedServer[]> {
  const groups = new Map<string, LinkedServer[]>();
  for (const link of facts.freshLinks) {
    const key = `${link.server.backend}/${link.server.server}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [link]);
    else group.push(link);
  }
  return groups;
}

/** HAProxies that answer and have the backend but not the server. */
function selectLacking(
  links: readonly LinkedServer[],
  facts: ClusterFacts,
  haproxiesOf: Map<string, Set<string>>,
): string[] {
  const backend = links[0]?.server.backend ?? "";
  let having = haproxiesOf.get(backend);
  if (having === undefined) {
    having = new Set(facts.freshLinks.filter(({ server }) => server.backend === backend).map(({ haproxy }) => haproxy));
    haproxiesOf.set(backend, having);
  }
  return [...having].filter((name) => !links.some(({ haproxy }) => haproxy === name));
}

/** HAProxy's own command where all of them have it, else ours. */
function buildStateCommand(key: string, links: readonly LinkedServer[], { haproxies }: ClusterFacts): string {
  const hasOther = haproxies.some(
    ({ name, reading }) =>
      links.some(({ haproxy }) => haproxy === name) &&
      reading.state === "fresh" &&
      reading.value.source === "sql-admin",
  );
  return hasOther ? `signalbox ready|drain ${key} --haproxy NAME` : `set server ${key} state ready|drain|maint`;
}

const haproxyDisagree: AlertRule = {
  code: "haproxy-disagree",
  severity: "warning",
  title: "HAProxies disagree about a server",
  explains:
    "Two HAProxies of the cluster treat the same server differently: in rotation here, down, drained, in maintenance, of weight 0, of another role or missing there. Critical when they send new writes to different nodes (not with writer.multi_writer). An up/down difference younger than 10 s is left to the next check.",
  evaluate: (facts) => {
    if (facts.haproxies.filter(({ reading }) => reading.state === "fresh").length < 2) return [];
    const several = facts.writer?.multiWriter === true;
    const writersDiffer =
      !several && new Set(facts.choices.map(({ chosen }) => chosen.map(writerName).sort().join())).size > 1;
    const haproxiesOf = new Map<string, Set<string>>();
    const findings: Finding[] = [];
    for (const [key, links] of groupByServer(facts)) {
      const lacking = selectLacking(links, facts, haproxiesOf);
      if (lacking.length === 0 && new Set(links.map(({ server }) => describeStanding(server))).size < 2) continue;
      if (lacking.length === 0 && maySettle(links, facts)) continue;
      const words = [
        ...links.map(({ haproxy, server }) => `${haproxy}: ${describeStanding(server)}`),
        ...lacking.map((name) => `${name}: not there`),
      ];
      const critical = writersDiffer && links[0]?.server.backend === facts.writer?.backend;
      findings.push({
        severity: critical ? "critical" : "warning",
        node: links[0]?.node ?? null,
        subject: key,
        message: `HAProxies disagree about ${key}: ${words.join("; ")}.${critical ? " New writes go to different nodes." : ""}`,
        advice: `Decide which is right and make it so on the others: ${buildStateCommand(key, links, facts)} on each of ${joinNames(links.map(({ haproxy }) => haproxy))}.`,
      });
    }
    return findings;
  },
};

export const HAPROXY_RULES: readonly AlertRule[] = [
  haproxyUnreachable,
  haproxyDisagree,
  haproxyReloaded,
  haproxyNotAdmin,
];
