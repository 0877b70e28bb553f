import type { Alert, AlertCode } from "../alert.ts";
import type { ClusterSnapshot } from "../snapshot.ts";
import type { Change } from "./change.ts";

/** Alerts that are found by comparing what several endpoints say; the one they name may well be heard when they go. */
const TOLD_BY_SEVERAL: ReadonlySet<AlertCode> = new Set([
  "split-brain",
  "no-writer",
  "writer-read-only",
  "backup-writable",
  "reader-stopped",
  "orphan-replica",
  "haproxy-disagree",
  "auto-increment-clash",
]);
/** Alerts about a replica that only its source can tell. */
const TOLD_BY_SOURCE: ReadonlySet<AlertCode> = new Set(["replica-lag", "errant-transactions"]);

function key(alert: Alert): string {
  return `${alert.code} ${alert.subject}`;
}

/** Who answers in this picture. */
export function listHeard({ nodes, haproxies }: ClusterSnapshot): ReadonlySet<string> {
  return new Set([...nodes, ...haproxies].flatMap(({ name, reading }) => (reading.state === "fresh" ? [name] : [])));
}

/**
 * True when what the alert was about cannot be seen now, so that its absence does not mean that all is well again.
 * @param heard who answered when it was there last
 */
export function isOutOfSight(alert: Alert, after: ClusterSnapshot, heard: ReadonlySet<string>): boolean {
  const silent = [...after.nodes, ...after.haproxies].filter(({ reading }) => reading.state !== "fresh");
  const words = alert.subject.split(/[\s/]+/);
  if (silent.some(({ name }) => name === alert.node || words.includes(name))) return true;
  if (TOLD_BY_SEVERAL.has(alert.code)) return silent.some(({ name }) => heard.has(name));
  if (!TOLD_BY_SOURCE.has(alert.code)) return false;
  const channels = after.nodes.find(({ name }) => name === alert.node)?.channels ?? [];
  return channels.some(({ sourceNode }) => silent.some(({ name }) => name === sourceNode));
}

/** Alerts that came, went, changed their severity, or can no longer be judged. */
export function diffAlerts(before: ClusterSnapshot, after: ClusterSnapshot): Change[] {
  const old = new Map(before.alerts.map((alert) => [key(alert), alert]));
  const heard = listHeard(before);
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
    const out = isOutOfSight(alert, after, heard);
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
