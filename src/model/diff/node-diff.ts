import type { MysqlReport, ReplicaChannel, ReplicationError } from "../mysql.ts";
import { freshValue, lastKnown } from "../reading.ts";
import type { NodeSnapshot } from "../snapshot.ts";
import { type Change, diffSight } from "./change.ts";

/** Server clocks count whole seconds; anything lower than before by more than this is a restart. */
const UPTIME_SLACK_SECONDS = 2;

function onOff(value: boolean | null): string {
  return value === null ? "unknown" : value ? "ON" : "OFF";
}

function diffIdentity(name: string, before: MysqlReport, after: MysqlReport): Change[] {
  const about = { kind: "node", subject: name } as const;
  const changes: Change[] = [];
  const { uptimeSeconds: was } = before;
  const { uptimeSeconds: is } = after;
  if (was !== null && is !== null && is + UPTIME_SLACK_SECONDS < was) {
    changes.push({ ...about, severity: "warning", before: `up ${was} s`, after: `restarted ${is} s ago` });
  }
  if (before.version !== after.version) {
    changes.push({
      ...about,
      severity: "info",
      before: `version ${before.version}`,
      after: `version ${after.version}`,
    });
  }
  if (before.serverId !== null && after.serverId !== null && before.serverId !== after.serverId) {
    changes.push({
      ...about,
      severity: "warning",
      before: `server_id ${before.serverId}`,
      after: `server_id ${after.serverId}`,
    });
  }
  for (const [label, key] of [
    ["read_only", "readOnly"],
    ["super_read_only", "superReadOnly"],
  ] as const) {
    const [old, now] = [before[key], after[key]];
    if (old === now || old === null || now === null) continue;
    changes.push({ ...about, severity: "warning", before: `${label} ${onOff(old)}`, after: `${label} ${onOff(now)}` });
  }
  return changes;
}

function label(node: string, channel: ReplicaChannel): string {
  return channel.name === "" ? `${node} replication` : `${node} replication ${channel.name}`;
}

function describeError(error: ReplicationError | null): string {
  return error === null ? "no error" : `error ${error.code}: ${error.message}`;
}

function diffChannel(node: string, before: ReplicaChannel, after: ReplicaChannel): Change[] {
  const subject = label(node, after);
  const changes: Change[] = [];
  const oldSource = `${before.sourceHost}:${before.sourcePort}`;
  const newSource = `${after.sourceHost}:${after.sourcePort}`;
  if (oldSource !== newSource) {
    changes.push({
      kind: "topology",
      severity: "warning",
      subject,
      before: `from ${oldSource}`,
      after: `from ${newSource}`,
    });
  }
  for (const thread of ["io", "sql"] as const) {
    if (before[thread] === after[thread]) continue;
    const word = thread.toUpperCase();
    const severity = after[thread] === "yes" ? "info" : "warning";
    changes.push({
      kind: "replication",
      severity,
      subject,
      before: `${word} ${before[thread]}`,
      after: `${word} ${after[thread]}`,
    });
  }
  for (const thread of ["ioError", "sqlError"] as const) {
    const [old, now] = [before[thread], after[thread]];
    if (now === null || old?.code === now.code) continue;
    changes.push({
      kind: "replication",
      severity: "critical",
      subject,
      before: describeError(old),
      after: describeError(now),
    });
  }
  return changes;
}

function diffChannels(node: string, before: MysqlReport, after: MysqlReport): Change[] {
  if (before.channels === null || after.channels === null) return [];
  const old = new Map(before.channels.map((channel) => [channel.name, channel]));
  const changes: Change[] = [];
  for (const channel of after.channels) {
    const known = old.get(channel.name);
    old.delete(channel.name);
    if (known !== undefined) changes.push(...diffChannel(node, known, channel));
    else {
      const source = `from ${channel.sourceHost}:${channel.sourcePort}`;
      changes.push({
        kind: "topology",
        severity: "info",
        subject: label(node, channel),
        before: "none",
        after: source,
      });
    }
  }
  for (const channel of old.values()) {
    const source = `from ${channel.sourceHost}:${channel.sourcePort}`;
    changes.push({
      kind: "topology",
      severity: "warning",
      subject: label(node, channel),
      before: source,
      after: "none",
    });
  }
  return changes;
}

export function diffNodes(before: readonly NodeSnapshot[], after: readonly NodeSnapshot[]): Change[] {
  const old = new Map(before.map((node) => [node.name, node]));
  const changes: Change[] = [];
  for (const node of after) {
    const known = old.get(node.name);
    old.delete(node.name);
    if (known === undefined) {
      const found = `found by ${node.knownFrom}, ${node.address}`;
      changes.push({ kind: "topology", severity: "info", subject: node.name, before: "absent", after: found });
      continue;
    }
    const sight = diffSight(known.reading, node.reading, { kind: "node", subject: node.name });
    if (sight !== null) changes.push(sight);
    const was = lastKnown(known.reading)?.value;
    const is = freshValue(node.reading);
    if (was === undefined || is === null || was === is) continue;
    changes.push(...diffIdentity(node.name, was, is), ...diffChannels(node.name, was, is));
    if (known.role !== node.role && known.role !== "unknown" && node.role !== "unknown") {
      changes.push({ kind: "topology", severity: "info", subject: node.name, before: known.role, after: node.role });
    }
  }
  for (const node of old.values()) {
    changes.push({ kind: "topology", severity: "warning", subject: node.name, before: node.address, after: "absent" });
  }
  return changes;
}
