/** Who follows whom, as small trees: side by side where they fit, else one below the other. */
import type { PromotionPlan, RoleTree } from "../../model/operation.ts";
import { safeText } from "../format/text.ts";
import type { Glyphs } from "../glyphs.ts";
import { fitLine, type Line, lineWidth, segment } from "../paint.ts";

const INDENT = "  ";
const GAP = 4;
/** Trees with more lines show replicas that are alike as one line: what changes has to stay in sight. */
const FULL_LINES = 9;
const FEWEST_ALIKE = 3;

function countLines(tree: RoleTree): number {
  return 1 + tree.children.reduce((sum, child) => sum + countLines(child), 0);
}

/** Leaves with the same label become one: `db3 to db14 (12)`. */
function fold(tree: RoleTree): RoleTree {
  const leaves = new Map<string, RoleTree[]>();
  for (const child of tree.children)
    if (child.children.length === 0) leaves.set(child.label, [...(leaves.get(child.label) ?? []), child]);
  const children = tree.children.flatMap((child): RoleTree[] => {
    const alike = child.children.length === 0 ? (leaves.get(child.label) ?? []) : [];
    if (alike.length < FEWEST_ALIKE) return [fold(child)];
    if (alike[0] !== child) return [];
    return [{ ...child, node: `${child.node}, ... ${alike.at(-1)?.node ?? ""} (${alike.length})` }];
  });
  return { ...tree, children };
}

function branchLines(tree: RoleTree, lead: string, below: string, glyphs: Glyphs): Line[] {
  const { node, label, children } = tree;
  const own: Line = [
    segment(lead, "dim"),
    segment(safeText(node), "accent"),
    segment(label === "" ? "" : `  ${safeText(label)}`, label.startsWith("primary") ? "strong" : "text"),
  ];
  return [
    own,
    ...children.flatMap((child, index) => {
      const isLast = index === children.length - 1;
      const lines = isLast ? [glyphs.treeLast, glyphs.treeGap] : [glyphs.treeBranch, glyphs.treeLine];
      return branchLines(child, below + lines[0], below + lines[1], glyphs);
    }),
  ];
}

export function treeLines(trees: readonly RoleTree[], glyphs: Glyphs): Line[] {
  const isLong = trees.reduce((sum, tree) => sum + countLines(tree), 0) > FULL_LINES;
  if (trees.length === 0) return [[segment("(none)", "dim")]];
  return trees.flatMap((tree) => branchLines(isLong ? fold(tree) : tree, "", "", glyphs));
}

export function roleLines({ rolesBefore, rolesAfter }: PromotionPlan, width: number, glyphs: Glyphs): Line[] {
  const before: Line[] = [[segment("Now", "heading")], ...treeLines(rolesBefore, glyphs)];
  const after: Line[] = [[segment("Afterwards", "heading")], ...treeLines(rolesAfter, glyphs)];
  const left = Math.max(...before.map(lineWidth)) + GAP;
  const right = Math.max(...after.map(lineWidth));
  const isWide = INDENT.length + left + right <= width;
  const lines = isWide
    ? Array.from({ length: Math.max(before.length, after.length) }, (_, row) => [
        ...fitLine(before[row] ?? [], left),
        ...(after[row] ?? []),
      ])
    : [...before, ...after];
  return lines.map((line) => [segment(INDENT), ...line]);
}
