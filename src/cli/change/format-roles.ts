/** Who follows whom, before and after, as two small trees. */
import stringWidth from "string-width";
import type { PromotionPlan, RoleTree } from "../../model/operation.ts";
import { printable } from "../../model/printable.ts";

const GAP = 4;

function formatBranch(tree: RoleTree, lead: string, below: string): string[] {
  const { node, label, children } = tree;
  const own = `${lead}${printable(node)}${label === "" ? "" : `  ${printable(label)}`}`;
  const rest = children.flatMap((child, index) => {
    const isLast = index === children.length - 1;
    return formatBranch(child, `${below}${isLast ? "└─" : "├─"}`, `${below}${isLast ? "  " : "│ "}`);
  });
  return [own, ...rest];
}

function formatTrees(trees: readonly RoleTree[]): string[] {
  return trees.length === 0 ? ["(none)"] : trees.flatMap((tree) => formatBranch(tree, "", ""));
}

/** @param width columns there are; the trees stand one below the other where that is too little */
export function formatRoles({ rolesBefore, rolesAfter }: PromotionPlan, width: number): string[] {
  const before = ["Now", ...formatTrees(rolesBefore)];
  const after = ["Afterwards", ...formatTrees(rolesAfter)];
  const left = Math.max(...before.map((line) => stringWidth(line))) + GAP;
  const right = Math.max(...after.map((line) => stringWidth(line)));
  if (left + right > width) return [...before, ...after];
  return Array.from({ length: Math.max(before.length, after.length) }, (_, row) => {
    const own = before[row] ?? "";
    const other = after[row];
    return other === undefined ? own : `${own}${" ".repeat(left - stringWidth(own))}${other}`;
  });
}
