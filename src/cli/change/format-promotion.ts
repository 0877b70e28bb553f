/** What a plan that moves writes says beside its steps, and what such a run leaves. */
import type { HandTask, Plan, PromotionPlan } from "../../model/operation.ts";
import { printable } from "../../model/printable.ts";
import { describeNoLoss, formatBound, formatMove } from "../../model/promotion-words.ts";
import { selectUndos } from "../../model/undo-order.ts";
import { type Cell, cell, formatTable, type Paint } from "../status/table.ts";
import { formatRoles } from "./format-roles.ts";
import { targetOf } from "./target-of.ts";

/** Head of the plan: what moves where, the budget, what is lost. */
export function formatPromotionHead(plan: Plan, promotion: PromotionPlan, width: number, paint: Paint): string[] {
  const { budgetMs, knownLoss } = promotion;
  const stops = plan.steps.some(({ section }) => section === "write-stop");
  const budget = stops
    ? `Writes stop for at most ${formatBound(budgetMs)}; what takes longer is taken back up to the point of no return.`
    : "No writes are stopped.";
  const noLoss = describeNoLoss(promotion);
  const none = noLoss === null ? [] : [`Known loss: ${noLoss}.`];
  const loss = knownLoss === null ? none : [paint(printable(`KNOWN LOSS: ${knownLoss}`), "critical")];
  return [
    paint(formatMove(promotion), promotion.mode === "failover" ? "critical" : "strong"),
    ...formatRoles(promotion, width - 2).map((line) => `  ${line}`),
    budget,
    ...loss,
  ];
}

/** What takes the plan back, in its order. */
export function formatUndos(plan: Plan, paint: Paint): string[] {
  const undos = selectUndos(plan);
  const end = plan.steps.find(({ noReturn }) => noReturn === true);
  const until = end === undefined ? "" : `, before step ${end.number}`;
  if (undos.length === 0) return ["Taken back when it fails: nothing; no step of it can be."];
  const rows = undos.map(({ step, undo }): Cell[] => [
    cell(String(step.number), "dim"),
    cell(printable(targetOf(step))),
    cell(printable(undo.command), "strong"),
  ]);
  return [
    `Taken back when it fails${until}: what was done of these, in this order`,
    ...formatTable(["step", "on", "command"], rows, paint),
  ];
}

/** Tasks with the lines to type or to put into a file, as they are. */
export function formatByHand(tasks: readonly HandTask[]): string[] {
  if (tasks.length === 0) return [];
  return [
    "Left to do by hand",
    ...tasks.flatMap(({ subject, message, lines }) => [
      `  ${printable(`${subject}: ${message}`)}`,
      ...lines.map((line) => `      ${printable(line)}`),
    ]),
  ];
}
