/** Runs the table of rules. */
import type { Alert, Health, Severity } from "../alert.ts";
import type { HaproxySnapshot, NodeSnapshot } from "../snapshot.ts";
import { buildFacts } from "./facts.ts";
import type { AlertRule, ClusterFindings } from "./rule.ts";

const RANK: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, info: 2 };

/** Alerts of all rules, worst first, within a severity in the order of the table. */
export function evaluateAlerts(rules: readonly AlertRule[], findings: ClusterFindings): Alert[] {
  const facts = buildFacts(findings);
  const alerts = rules.flatMap((rule) =>
    rule.evaluate(facts).map(({ severity, node, subject, message, advice }): Alert => {
      return { code: rule.code, severity: severity ?? rule.severity, node, subject, message, advice };
    }),
  );
  return alerts.sort((a, b) => RANK[a.severity] - RANK[b.severity]);
}

/**
 * Health of a cluster: unknown when nobody answers; else the worst alert; and ok is only said when every configured endpoint has been asked
 * at least once. Info alerts leave it ok.
 */
export function selectHealth(
  alerts: readonly Alert[],
  haproxies: readonly HaproxySnapshot[],
  nodes: readonly NodeSnapshot[],
): Health {
  const endpoints = [...haproxies, ...nodes];
  if (!endpoints.some(({ reading }) => reading.state === "fresh")) return "unknown";
  if (alerts.some(({ severity }) => severity === "critical")) return "critical";
  if (alerts.some(({ severity }) => severity === "warning")) return "warning";
  const asked = nodes.filter(({ knownFrom }) => knownFrom === "config");
  return [...haproxies, ...asked].some(({ reading }) => reading.state === "never") ? "unknown" : "ok";
}
