/** Rules about single servers and backends of HAProxy. */
import type { AdminReason, HaproxyServer } from "../haproxy.ts";
import type { LinkedServer } from "../link.ts";
import { freshValue } from "../reading.ts";
import { isUsable } from "../writer-route.ts";
import { formatSeconds, isWritable, joinNames, reportOf } from "./facts.ts";
import type { AlertRule, ClusterFacts, Finding } from "./rule.ts";

/** Longer than ordinary work on a node takes. */
const FORGOTTEN_SECONDS = 30 * 60;

function describeCheck(server: HaproxyServer): string {
  if (server.check === null) return "";
  return ` (${server.check}${server.checkInfo === "" ? "" : `: ${server.checkInfo}`})`;
}

/** Above this many good checks "rise" is meant to keep a server out for good: a dead primary must not come back by itself. */
const RISE_NEVER = 1000;

/** A server that is DOWN and stays it whatever its checks say: HAProxy counts the good ones for weeks. */
export function isOutForGood({ state, rise }: HaproxyServer): boolean {
  return state === "down" && rise !== null && rise > RISE_NEVER;
}

export function adviseReturn(server: HaproxyServer): string {
  if (!isOutForGood(server)) return "HAProxy takes it back by itself when its checks pass often enough.";
  const name = `${server.backend}/${server.server}`;
  return `HAProxy never takes it back by itself (rise ${server.rise}): once it is fit, "set server ${name} state maint", then "state ready".`;
}

/** Null unless another node takes the writes meanwhile: then a return of this one would lose them, by itself or by a hasty hand. */
function adviseWriterReturn(facts: ClusterFacts, server: HaproxyServer, node: string | null): string | null {
  if (server.backend !== facts.writer?.backend || server.backup || facts.writer.multiWriter) return null;
  const takers = [...facts.writers].filter((name) => name !== node && isWritable(reportOf(facts, name)));
  if (takers.length === 0) return null;
  const names = joinNames(takers);
  const name = `${server.backend}/${server.server}`;
  return isOutForGood(server)
    ? `HAProxy never takes it back by itself (rise ${server.rise}), and ${names} ${takers.length === 1 ? "gets" : "get"} the writes now: before it takes any again it has to have them all, e.g. signalbox rejoin ${node ?? "NODE"}.`
    : `HAProxy gives it the writes back as soon as its checks pass, whatever it has missed of what ${names} got: if it must not, signalbox maint ${name} now.`;
}

/** `L7OK` of a server that is DOWN: its checks pass, and are being counted up to `rise`. */
const PASSES = /^(L[467]OKC?|PROCOK)$/;

function describeCause(facts: ClusterFacts, haproxy: string, server: HaproxyServer, node: string | null): string {
  if (server.check !== null && PASSES.test(server.check)) return "Its checks pass now.";
  if (reportOf(facts, node) === null) return "Look at the server process and its host.";
  return `${node} answers us: look at the check user, the network between ${haproxy} and it, and its connection limit.`;
}

const serverDown: AlertRule = {
  code: "server-down",
  severity: "warning",
  title: "HAProxy holds a server for dead",
  explains:
    "The health check of a server fails, so HAProxy sends it nothing new. Critical for an active server of the writer backend: that is a failover.",
  evaluate: (facts) =>
    facts.freshLinks
      .filter(({ server }) => server.state === "down")
      .map(({ haproxy, server, node }): Finding => {
        const name = `${server.backend}/${server.server}`;
        const since = server.lastChangeSeconds === null ? "" : ` for ${formatSeconds(server.lastChangeSeconds)}`;
        const cause = describeCause(facts, haproxy, server, node);
        return {
          severity: server.backend === facts.writer?.backend && !server.backup ? "critical" : "warning",
          node,
          subject: `${haproxy} ${name}`,
          message: `${haproxy}: ${name} is DOWN${since}${describeCheck(server)}.`,
          advice: `${cause} ${adviseWriterReturn(facts, server, node) ?? adviseReturn(server)}`,
        };
      }),
};

/** Servers of every backend of every HAProxy that answers. */
function groupByBackend(facts: ClusterFacts): Map<string, LinkedServer[]> {
  const groups = new Map<string, LinkedServer[]>();
  for (const link of facts.freshLinks) {
    const key = `${link.haproxy} ${link.server.backend}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [link]);
    else group.push(link);
  }
  return groups;
}

const backendNoServer: AlertRule = {
  code: "backend-no-server",
  severity: "critical",
  title: "A backend has no usable server",
  explains:
    "Every server of a backend is down, drained, in maintenance or of weight 0: clients are refused at once. For the writer backend see no-writer.",
  evaluate: (facts) =>
    [...groupByBackend(facts)].flatMap(([subject, links]): Finding[] => {
      const { haproxy, server } = links[0] ?? {};
      if (haproxy === undefined || server === undefined || server.backend === facts.writer?.backend) return [];
      // Of a backend that is disabled in haproxy.cfg HAProxy tells its servers, and nothing of them.
      if (links.some((link) => isUsable(link.server) || link.server.state === "unknown")) return [];
      const states = links.map((link) => `${link.server.server} ${describeOut(link.server)}`).join(", ");
      return [
        {
          node: null,
          subject,
          message: `${haproxy}: no server of ${server.backend} takes connections (${states}).`,
          advice: `Bring one back: set server ${server.backend}/${server.server} state ready on ${haproxy} for a drained or disabled one, or repair the one whose check fails.`,
        },
      ];
    }),
};

/** Why a server gets no new connections, in one word. */
export function describeOut(server: HaproxyServer): string {
  return server.state === "up" || server.state === "unchecked" ? "weight 0" : server.state;
}

/** Set by a person or a program at run time, not by the configuration, DNS or a tracked server. Unknown bits: the state itself has to do. */
function isForced(server: HaproxyServer): boolean {
  const forced: readonly AdminReason[] = ["maint-forced", "drain-forced"];
  if (server.adminReasons === null) return server.tracks === null;
  return server.adminReasons.some((reason) => forced.includes(reason));
}

/** True when nothing known of the node speaks against giving it work. */
function isHealthy(facts: ClusterFacts, name: string | null): boolean {
  const node = name === null ? undefined : facts.nodeByName.get(name);
  if (node === undefined || freshValue(node.reading) === null) return false;
  return node.channels.every(
    ({ io, sql, lagSeconds }) =>
      io === "yes" && sql === "yes" && (lagSeconds === null || lagSeconds < facts.settings.lag.warningSeconds),
  );
}

/** Who took it out, when and why, where the journal of this machine knows. */
function describeTaker(facts: ClusterFacts, haproxy: string, server: HaproxyServer): string {
  const taken = facts.journal?.takenOut.find(
    (each) =>
      each.haproxy === haproxy &&
      each.backend === server.backend &&
      each.server === server.server &&
      each.state === server.state,
  );
  if (taken === undefined) return "";
  const at = `${new Date(taken.at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
  const why = taken.reason === null ? "no reason given" : taken.reason;
  return `: ${taken.operator} on ${taken.host} did it at ${at} (${why}; operation ${taken.operation})`;
}

const forgottenDrain: AlertRule = {
  code: "forgotten-drain",
  severity: "info",
  title: "A server is out of service by an operator's word",
  explains:
    "Somebody put a server in drain or maintenance at run time. Told from the start, so that nobody has to remember; a warning after 30 minutes when its node is healthy (replication runs and is not late). Not for the writer backend while another server takes its writes, where the old primary belongs in maintenance.",
  evaluate: (facts) =>
    facts.freshLinks.flatMap(({ haproxy, server, node }): Finding[] => {
      if ((server.state !== "drain" && server.state !== "maint") || !isForced(server)) return [];
      if (server.backend === facts.writer?.backend && facts.writers.size > 0) return [];
      const name = `${server.backend}/${server.server}`;
      const seconds = server.lastChangeSeconds;
      const healthy = isHealthy(facts, node);
      const since = seconds === null ? "" : ` for ${formatSeconds(seconds)}`;
      return [
        {
          severity: healthy && seconds !== null && seconds >= FORGOTTEN_SECONDS ? "warning" : "info",
          node,
          subject: `${haproxy} ${name}`,
          message: `${haproxy}: ${name} has been in ${server.state}${since}${healthy ? ` although ${node} is healthy` : ""}${describeTaker(facts, haproxy, server)}.`,
          advice: healthy
            ? `If the work is done: signalbox ready ${name} (set server ${name} state ready).`
            : `Before it goes back into service, see that ${node ?? "its node"} is healthy.`,
        },
      ];
    }),
};

/** MySQL errors of a check that cannot log in by any password: old client protocol, plugin not loadable. */
const PLUGIN_ERRORS: ReadonlySet<number> = new Set([1251, 2059]);
/** HAProxy before 2.2 gives no check code, only the text of the server, so the text has to be looked at (here and nowhere else). */
const PLUGIN_TEXT =
  /\b(1251|2059)\b|mysql_native_password|caching_sha2_password|authentication protocol requested|auth\w* plugin/i;

const checkCannotWork: AlertRule = {
  code: "check-cannot-work",
  severity: "warning",
  title: "The health check can never succeed",
  explains:
    "`option mysql-check` logs in with mysql_native_password, which MySQL 9 does not have (and 8.4 has switched off): error 1251 or 2059 whatever the account. The server is alive but never UP.",
  evaluate: (facts) =>
    facts.freshLinks.flatMap(({ haproxy, server, node }): Finding[] => {
      if (server.check !== "L7RSP" && server.check !== "L7STS") return [];
      const byCode = server.checkCode !== null && PLUGIN_ERRORS.has(server.checkCode);
      if (!byCode && !PLUGIN_TEXT.test(server.checkInfo)) return [];
      const version = reportOf(facts, node)?.version;
      return [
        {
          node,
          subject: `${haproxy} ${server.backend}/${server.server}`,
          message: `${haproxy}: the MySQL check of ${server.backend}/${server.server} cannot work${version === undefined ? "" : ` against ${version}`}${describeCheck(server)}.`,
          advice:
            'Replace "option mysql-check" by "option tcp-check" (and start mysqld with host_cache_size=0, or aborted logins will block the HAProxy host), or check through an agent.',
        },
      ];
    }),
};

export const SERVER_RULES: readonly AlertRule[] = [backendNoServer, serverDown, checkCannotWork, forgottenDrain];
