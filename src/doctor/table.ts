/** All rules, in the order in which findings of one severity are told. */
import type { ClusterFacts, MachineFacts } from "./facts.ts";
import type { DoctorFinding, DoctorRule } from "./finding.ts";
import { ALERT_FINDINGS } from "./rules/alerts.ts";
import { CLOCK_RULES } from "./rules/clocks.ts";
import { ADDRESS_RULES } from "./rules/floating-ip.ts";
import { HAPROXY_RULES } from "./rules/haproxy.ts";
import { CHECK_BY_FILE, HAPROXY_CONFIG_RULES } from "./rules/haproxy-config.ts";
import { MACHINE_RULES } from "./rules/machine.ts";
import { NODE_RULES } from "./rules/nodes.ts";
import { PRIVILEGE_RULES } from "./rules/privileges.ts";
import { REPLICATION_RULES } from "./rules/replication.ts";
import { RIVAL_LOCKS, RIVAL_PROCESSES, RIVALS_THERE } from "./rules/rivals.ts";

/** One rule per code, with the words that explain it. */
export const CLUSTER_RULES: readonly DoctorRule<ClusterFacts>[] = [
  ...ALERT_FINDINGS,
  ...PRIVILEGE_RULES,
  ...REPLICATION_RULES,
  ...NODE_RULES,
  RIVAL_LOCKS,
  ...CLOCK_RULES,
  ...HAPROXY_RULES,
  ...HAPROXY_CONFIG_RULES,
  ...ADDRESS_RULES,
];

export const LOCAL_RULES: readonly DoctorRule<MachineFacts>[] = [...MACHINE_RULES, RIVAL_PROCESSES];

const RANK = { critical: 0, warning: 1, info: 2 } as const;

/** Findings about clusters and this machine, worst first. */
export function diagnose(clusters: readonly ClusterFacts[], machine: MachineFacts): readonly DoctorFinding[] {
  const findings = [
    ...clusters.flatMap((facts) =>
      [...CLUSTER_RULES, CHECK_BY_FILE, RIVALS_THERE].flatMap((rule) => apply(rule, facts, facts.cluster.name)),
    ),
    ...LOCAL_RULES.flatMap((rule) => apply(rule, machine, null)),
  ];
  return findings.sort((a, b) => RANK[a.severity] - RANK[b.severity]);
}

function apply<F>(rule: DoctorRule<F>, facts: F, cluster: string | null): readonly DoctorFinding[] {
  return rule.evaluate(facts).map(({ severity, subject, message, breaks, fix }) => ({
    code: rule.code,
    severity: severity ?? rule.severity,
    cluster,
    subject,
    message,
    breaks: breaks ?? rule.breaks,
    fix,
  }));
}
