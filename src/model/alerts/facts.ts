/** Look-ups the rules share. A silent HAProxy or node contributes nothing: no rule concludes from what is past. */
import type { MysqlReport } from "../mysql.ts";
import { freshValue } from "../reading.ts";
import type { NodeSnapshot } from "../snapshot.ts";
import { isUsable } from "../writer-route.ts";
import type { ClusterFacts, ClusterFindings } from "./rule.ts";

export function buildFacts(findings: ClusterFindings): ClusterFacts {
  const nodeByName = new Map(findings.nodes.map((node) => [node.name, node]));
  const freshLinks = findings.links.filter(({ freshness }) => freshness === "fresh");
  const writers = new Set<string>();
  for (const { chosen } of findings.choices) for (const { node } of chosen) if (node !== null) writers.add(node);
  const writerSessions = new Map<string, number>();
  const readersInService = new Map<string, string[]>();
  const readerBackends = new Set(findings.readerBackends);
  for (const { node, server } of freshLinks) {
    if (node === null) continue;
    if (server.backend === findings.writer?.backend && server.sessions !== null) {
      writerSessions.set(node, (writerSessions.get(node) ?? 0) + server.sessions);
    }
    if (readerBackends.has(server.backend) && isUsable(server)) {
      const backends = readersInService.get(node) ?? [];
      if (!backends.includes(server.backend)) backends.push(server.backend);
      readersInService.set(node, backends);
    }
  }
  return { ...findings, nodeByName, freshLinks, writers, writerSessions, readersInService };
}

/** The report of a node that answers now, else null. */
export function reportOf(facts: ClusterFacts, name: string | null): MysqlReport | null {
  const node = name === null ? undefined : facts.nodeByName.get(name);
  return node === undefined ? null : freshValue(node.reading);
}

/** Nodes that answer now, with their report. */
export function freshNodes(facts: ClusterFacts): { readonly node: NodeSnapshot; readonly report: MysqlReport }[] {
  return facts.nodes.flatMap((node) => {
    const report = freshValue(node.reading);
    return report === null ? [] : [{ node, report }];
  });
}

/** True when a node said so just now; a read_only that could not be read is not "off". */
export function isWritable(report: MysqlReport | null): boolean {
  return report !== null && report.readOnly === false;
}

/** `db1, db2 and db3`. */
export function joinNames(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** `45 s`, `12 min`, `3 h`, `2 d`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`;
}
