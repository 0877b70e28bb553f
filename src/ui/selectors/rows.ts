/** Snapshot to rows of each pane. Cheap objects only: cells are drawn later, for visible rows. */

import type { SessionsReport } from "../../engine/protocol.ts";
import type { HaproxyReport } from "../../model/haproxy.ts";
import type { ClusterHistory } from "../../model/history/history.ts";
import { lastKnown } from "../../model/reading.ts";
import type { ClusterSnapshot, HaproxySnapshot } from "../../model/snapshot.ts";
import type { HaproxyRow } from "../columns/haproxy.ts";
import type { NodeRow } from "../columns/nodes.ts";
import type { ReplicationRow } from "../columns/replication.ts";
import type { SessionRow } from "../columns/sessions.ts";
import type { Glyphs } from "../glyphs.ts";
import { orderTree } from "./tree.ts";

export function selectNodeRows(cluster: ClusterSnapshot, glyphs: Glyphs): NodeRow[] {
  const counts = new Map<string, { critical: number; warnings: number }>();
  for (const alert of cluster.alerts) {
    if (alert.node === null || alert.severity === "info") continue;
    const count = counts.get(alert.node) ?? { critical: 0, warnings: 0 };
    counts.set(alert.node, count);
    if (alert.severity === "critical") count.critical += 1;
    else count.warnings += 1;
  }
  return orderTree(cluster.nodes, cluster.writer?.expected ?? [], glyphs).map(({ node, prefix }) => ({
    node,
    prefix,
    writer: cluster.writer,
    readerBackends: cluster.readerBackends,
    critical: counts.get(node.name)?.critical ?? 0,
    warnings: counts.get(node.name)?.warnings ?? 0,
    history: cluster.history ?? null,
  }));
}

export function selectHaproxyRows(cluster: ClusterSnapshot): HaproxyRow[] {
  const nodeOf = new Map<string, string>();
  for (const node of cluster.nodes) {
    for (const link of node.servers)
      nodeOf.set(serverKey(link.haproxy, link.server.backend, link.server.server), node.name);
  }
  return cluster.haproxies.flatMap((haproxy) => {
    const report = lastKnown(haproxy.reading)?.value;
    const process: HaproxyRow = { key: haproxy.name, kind: "process", haproxy };
    return report === undefined
      ? [process]
      : [process, ...selectProxyRows(haproxy, report, nodeOf, cluster.history ?? null)];
  });
}

function serverKey(haproxy: string, backend: string, server: string): string {
  return `${haproxy}/${backend}/${server}`;
}

function selectProxyRows(
  haproxy: HaproxySnapshot,
  report: HaproxyReport,
  nodeOf: ReadonlyMap<string, string>,
  history: ClusterHistory | null,
): HaproxyRow[] {
  const byBackend = new Map<string, HaproxyRow[]>();
  for (const server of report.servers) {
    const key = serverKey(haproxy.name, server.backend, server.server);
    const row: HaproxyRow = { key, kind: "server", haproxy, server, node: nodeOf.get(key) ?? null, history };
    const rows = byBackend.get(server.backend);
    if (rows === undefined) byBackend.set(server.backend, [row]);
    else rows.push(row);
  }
  const rows: HaproxyRow[] = [];
  for (const proxy of report.proxies) {
    rows.push({ key: `${haproxy.name}/${proxy.kind}:${proxy.name}`, kind: "proxy", haproxy, proxy });
    if (proxy.kind !== "backend") continue;
    for (const row of byBackend.get(proxy.name) ?? []) rows.push(row);
    byBackend.delete(proxy.name);
  }
  // Servers of a backend that has no line of its own.
  for (const rest of byBackend.values()) rows.push(...rest);
  return rows;
}

export function selectReplicationRows(cluster: ClusterSnapshot, glyphs: Glyphs): ReplicationRow[] {
  const history = cluster.history ?? null;
  return orderTree(cluster.nodes, cluster.writer?.expected ?? [], glyphs).flatMap(
    ({ node, prefix }): ReplicationRow[] => {
      if (node.channels.length === 0) return [{ key: node.name, node, prefix, channel: null, history }];
      return node.channels.map((channel) => ({ key: `${node.name}/${channel.name}`, node, prefix, channel, history }));
    },
  );
}

export function selectSessionRows(report: SessionsReport | null): SessionRow[] {
  const known = report === null ? null : lastKnown(report.reading);
  if (report === null || known === null) return [];
  return known.value.map((session) => ({ session, freshness: report.reading.state }));
}
