/** The replication tree as rows: sources first, replicas below and indented; loops and orphans lose nobody. */
import type { NodeSnapshot } from "../../model/snapshot.ts";
import type { Glyphs } from "../glyphs.ts";

export interface TreeRow {
  readonly node: NodeSnapshot;
  /** Tree lines in front of the name; "" for a root. */
  readonly prefix: string;
}

/** Orders nodes so that each follows its first known source. `preferred` (the expected writers) come first among roots and break loops. */
export function orderTree(nodes: readonly NodeSnapshot[], preferred: readonly string[], glyphs: Glyphs): TreeRow[] {
  const names = new Set(nodes.map((node) => node.name));
  const children = new Map<string, NodeSnapshot[]>();
  const roots: NodeSnapshot[] = [];
  for (const node of nodes) {
    const source = node.channels.find(
      (channel) => channel.sourceNode !== null && names.has(channel.sourceNode),
    )?.sourceNode;
    if (source === undefined || source === null || source === node.name) {
      roots.push(node);
      continue;
    }
    const siblings = children.get(source);
    if (siblings === undefined) children.set(source, [node]);
    else siblings.push(node);
  }
  const rows: TreeRow[] = [];
  const seen = new Set<string>();
  const rank = (node: NodeSnapshot) =>
    preferred.includes(node.name)
      ? 0
      : node.role === "source"
        ? 1
        : node.role === "relay"
          ? 2
          : node.role === "unknown"
            ? 4
            : 3;
  const byRank = (list: readonly NodeSnapshot[]) => [...list].sort((a, b) => rank(a) - rank(b));

  const visit = (node: NodeSnapshot, prefix: string, below: string): void => {
    if (seen.has(node.name)) return;
    seen.add(node.name);
    rows.push({ node, prefix });
    const next = (children.get(node.name) ?? []).filter((child) => !seen.has(child.name));
    next.forEach((child, index) => {
      const last = index === next.length - 1;
      visit(
        child,
        below + (last ? glyphs.treeLast : glyphs.treeBranch),
        below + (last ? glyphs.treeGap : glyphs.treeLine),
      );
    });
  };
  for (const root of byRank(roots)) visit(root, "", "");
  // What is left hangs on a loop: enter it at the writer, or at a source.
  for (const node of byRank(nodes)) visit(node, "", "");
  return rows;
}
