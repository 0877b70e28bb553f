/** Alerts that keep an action from working are findings too: the same rule, the same words. */
import type { AlertCode, Severity } from "../../model/alert.ts";
import { ALERT_RULES } from "../../model/alerts/table.ts";
import type { ClusterFacts } from "../facts.ts";
import { type Command, type DoctorRule, HAPROXY_COMMANDS } from "../finding.ts";

interface Meaning {
  readonly breaks: readonly Command[];
  /** Where it weighs more for somebody who wants to act than for somebody who looks. */
  readonly severity?: Severity;
}

const promotion: Meaning = { breaks: ["promote", "rejoin"] };

/** Null: it is about clients, and breaks no action of ours. */
export const ALERT_MEANINGS: Readonly<Partial<Record<AlertCode, Meaning | null>>> = {
  "haproxy-unreachable": { breaks: HAPROXY_COMMANDS },
  "haproxy-not-admin": { breaks: HAPROXY_COMMANDS, severity: "warning" },
  "haproxy-reloaded": null,
  "haproxy-disagree": { breaks: ["promote"] },
  "backend-no-server": null,
  "server-down": { breaks: ["promote"] },
  "forgotten-drain": null,
  "node-unreachable": { breaks: ["promote", "rejoin", "replica", "read-only"] },
  "node-privileges": { breaks: ["status", "promote"] },
  "replica-io-stopped": { breaks: ["promote"] },
  "replica-sql-stopped": { breaks: ["promote"] },
  "replica-lag": { breaks: ["promote"] },
  "replication-broken-loop": promotion,
  "split-brain": promotion,
  "backup-writable": null,
  "writer-read-only": null,
  "reader-stopped": null,
  "no-writer": { breaks: ["promote"] },
  "orphan-replica": promotion,
  "errant-transactions": promotion,
  "duplicate-server-id": { breaks: ["promote", "rejoin", "replica"] },
  "duplicate-server-uuid": { breaks: ["promote", "rejoin", "replica"] },
  "auto-increment-clash": null,
  "route-mismatch": { breaks: ["promote"] },
  "route-unanswered": { breaks: ["promote"] },
  "floating-ip-none": null,
  "floating-ip-unknown": null,
  "floating-ip-double": promotion,
  "check-cannot-work": { breaks: ["ready", "promote"] },
  "operation-unfinished": promotion,
  "left-by-hand": null,
  "rival-automation": promotion,
};

export const ALERT_FINDINGS: readonly DoctorRule<ClusterFacts>[] = ALERT_RULES.flatMap((rule) => {
  const meaning = ALERT_MEANINGS[rule.code];
  if (meaning === null || meaning === undefined) return [];
  const { code, title, explains } = rule;
  return [
    {
      code,
      title,
      explains,
      severity: meaning.severity ?? rule.severity,
      breaks: meaning.breaks,
      evaluate: ({ cluster, readOnly }) =>
        cluster.alerts
          .filter((alert) => alert.code === code && !(readOnly && code === "haproxy-not-admin"))
          .map(({ severity, subject, message, advice }) => ({
            severity: meaning.severity ?? severity,
            subject,
            message,
            fix: advice,
          })),
    },
  ];
});
