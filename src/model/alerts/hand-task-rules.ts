/** What a promotion has left to people, until it is seen done. */
import type { HandTask, HandTaskEnd } from "../operation.ts";
import type { EpochMs } from "../reading.ts";
import { formatSeconds, reportOf } from "./facts.ts";
import type { AlertRule, ClusterFacts, Finding } from "./rule.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
/** Clocks of two machines, and the second in which uptime is counted. */
const RESTART_MARGIN_MS = 5_000;

type OnServers = Extract<HandTaskEnd, { readonly haproxy: string }>;

/** Servers of the task as that HAProxy has them now; null when it does not answer: nothing is seen then. */
function findServers(facts: ClusterFacts, { haproxy: name, backend, servers }: OnServers) {
  const haproxy = facts.haproxies.find((each) => each.name === name);
  if (haproxy?.reading.state !== "fresh") return null;
  return haproxy.reading.value.servers.filter((each) => each.backend === backend && servers.includes(each.server));
}

function isSeenDone(facts: ClusterFacts, until: HandTaskEnd, since: EpochMs): boolean {
  switch (until.kind) {
    case "configured-out":
      return (
        findServers(facts, until)?.every(
          (each) => each.backup || each.adminReasons?.includes("maint-config") === true,
        ) ?? false
      );
    case "in-maintenance":
      return findServers(facts, until)?.every(({ state }) => state === "maint") ?? false;
    case "follows": {
      const channels = reportOf(facts, until.node) === null ? [] : (facts.nodeByName.get(until.node)?.channels ?? []);
      return channels.some(({ sourceNode, io, sql }) => sourceNode === until.source && io === "yes" && sql === "yes");
    }
    case "restarted": {
      const report = reportOf(facts, until.node);
      const uptimeSeconds = report?.uptimeSeconds ?? null;
      if (report === null || uptimeSeconds === null) return false;
      const startedAt = facts.now - uptimeSeconds * 1000;
      return startedAt > since + RESTART_MARGIN_MS && report.readOnly === until.readOnly;
    }
  }
}

/** One side of a pair follows the other as soon as it is started, and its configuration may have it writable: that is no fence. */
function isFenced(facts: ClusterFacts, { code, until }: HandTask): boolean {
  if (code !== "not-fenced" || until?.kind !== "follows") return true;
  return reportOf(facts, until.node)?.readOnly === true;
}

/** What would have people lose writes, or a node, if it were forgotten; the rest is told and does not worry. */
const WORRYING: ReadonlySet<HandTask["code"]> = new Set([
  "config-names-old-primary",
  "not-fenced",
  "haproxy-not-changed",
  "node-not-following",
  "rebuild-node",
]);

const leftByHand: AlertRule = {
  code: "left-by-hand",
  severity: "warning",
  title: "A promotion has left something to people",
  explains:
    "The last promotion or rejoin of this machine's journal left something that only people can do: a configuration that still names the old primary, a read_only that a restart takes back, a node to be rebuilt. It stays until it is seen done; what cannot be seen ends after a day.",
  evaluate: (facts) =>
    (facts.journal?.byHand ?? []).flatMap(({ operation, at, task }): Finding[] => {
      const { until, code, subject, message, lines } = task;
      if (until === undefined ? facts.now - at > DAY_MS : isSeenDone(facts, until, at) && isFenced(facts, task))
        return [];
      const node = facts.nodeByName.has(subject) ? subject : null;
      const ago = formatSeconds(Math.max(0, facts.now - at) / 1000);
      return [
        {
          severity: WORRYING.has(code) ? "warning" : "info",
          node,
          subject: `${subject} ${code}`,
          message: `Left by ${operation} ${ago} ago: ${message}`,
          advice: lines.length === 0 ? `signalbox operations show ${operation} tells the whole.` : lines.join("; "),
        },
      ];
    }),
};

export const HAND_TASK_RULES: readonly AlertRule[] = [leftByHand];
