/** Who follows whom, before and after, as trees for people. */
import type { RoleTree } from "../../model/operation.ts";
import type { NodeSnapshot } from "../../model/snapshot.ts";
import type { ClusterView } from "../view.ts";

export interface RolesAfter {
  readonly primary: string;
  /** Nodes that follow somebody else afterwards; null = nobody. */
  readonly follows: ReadonlyMap<string, string | null>;
  /** Words for nodes that end otherwise than `primary, writable` and `replica, read-only`. */
  readonly labels?: ReadonlyMap<string, string>;
}

function describeWritable(view: ClusterView, node: string): string {
  const readOnly = view.report(node)?.readOnly ?? null;
  if (readOnly === null) return "not known whether read-only";
  return readOnly ? "read-only" : "writable";
}

function labelNow(view: ClusterView, node: NodeSnapshot, primary: string | null): string {
  if (node.reading.state !== "fresh") return "silent";
  const role = node.name === primary ? "primary" : node.role === "source" ? "primary" : node.role;
  return `${role === "unknown" ? "role not known" : role}, ${describeWritable(view, node.name)}`;
}

/** Source of each node; of several the first that is ours. */
function sourcesNow(view: ClusterView): Map<string, string | null> {
  return new Map(
    view.cluster.nodes.map(({ name, channels }) => [
      name,
      channels.find(({ sourceNode }) => sourceNode !== null)?.sourceNode ?? null,
    ]),
  );
}

/** A circle is entered at its head: the primary, else the first of it. */
function buildTrees(
  view: ClusterView,
  sources: ReadonlyMap<string, string | null>,
  head: string | null,
  labelOf: (node: NodeSnapshot) => string,
): RoleTree[] {
  const placed = new Set<string>();
  const build = (node: NodeSnapshot): RoleTree => {
    placed.add(node.name);
    const below = view.cluster.nodes.filter(({ name }) => sources.get(name) === node.name && name !== head);
    const children = below.flatMap((child) => (placed.has(child.name) ? [] : [build(child)]));
    return { node: node.name, label: labelOf(node), children };
  };
  const isRoot = ({ name }: NodeSnapshot) => name === head || (sources.get(name) ?? null) === null;
  const first = view.cluster.nodes.filter(({ name }) => name === head);
  const roots = view.cluster.nodes.filter((node) => isRoot(node) && node.name !== head);
  const trees = [...first, ...roots].map(build);
  for (const node of view.cluster.nodes) if (!placed.has(node.name)) trees.push(build(node));
  return trees;
}

export function rolesNow(view: ClusterView, primary: string | null): RoleTree[] {
  return buildTrees(view, sourcesNow(view), primary, (node) => labelNow(view, node, primary));
}

export function rolesAfter(view: ClusterView, { primary, follows, labels }: RolesAfter): RoleTree[] {
  const sources = new Map([...sourcesNow(view), ...follows]);
  return buildTrees(view, sources, primary, (node) => {
    const said = labels?.get(node.name);
    if (said !== undefined) return said;
    if (node.name === primary) return "primary, writable";
    if (follows.has(node.name)) return "replica, read-only";
    return labelNow(view, node, null);
  });
}
