import type { Alert } from "../alert.ts";
import type { ClusterSnapshot } from "../snapshot.ts";
import type { Change } from "./change.ts";

function key(alert: Alert): string {
  return `${alert.code} ${alert.subject}`;
}

/** True when what the alert was about cannot be seen now, so that its absence does not mean that all is well again. */
export function isOutOfSight(alert: Alert, after: ClusterSnapshot): boolean {
  const silent = [...after.nodes, ...after.haproxies].filter(({ reading }) => reading.state !== "fresh");
  const words = alert.subject.split(/[\s/]+/);
  return silent.some(({ name }) => name === alert.node || words.includes(name));
}

/** Alerts that came, went, changed their severity, or can no longer be judged. */
export function diffAlerts(before: ClusterSnapshot, after: ClusterSnapshot): Change[] {
  const old = new Map(before.alerts.map((alert) => [key(alert), alert]));
  const changes: Change[] = [];
  for (const alert of after.alerts) {
    const known = old.get(key(alert));
    old.delete(key(alert));
    const about = { kind: "alert", subject: `${alert.code} ${alert.subject}`, severity: alert.severity } as const;
    if (known === undefined) changes.push({ ...about, before: "clear", after: alert.message });
    else if (known.severity !== alert.severity)
      changes.push({ ...about, before: known.severity, after: alert.severity });
  }
  for (const alert of old.values()) {
    const subject = `${alert.code} ${alert.subject}`;
    const out = isOutOfSight(alert, after);
    changes.push({
      kind: "alert",
      severity: "info",
      subject,
      before: alert.severity,
      after: out ? "not known now" : "clear",
    });
  }
  return changes;
}
