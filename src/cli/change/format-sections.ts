/** Steps of a plan that stops writes, in their sections: every command in order, its bound, and what happens when it fails. */

import type { Plan, PlanSection, PlanStep } from "../../model/operation.ts";
import { selectChangeSubject } from "../../model/plan-subject.ts";
import { printable } from "../../model/printable.ts";
import { formatBound } from "../../model/promotion-words.ts";
import { type Cell, cell, formatTable, type Paint } from "../status/table.ts";
import { formatOrder } from "./format-order.ts";
import { targetOf } from "./target-of.ts";

const NO_RETURN =
  "- - - point of no return: from here on nothing is taken back, the new primary may accept writes - - -";

function formatHeading(section: PlanSection | undefined, plan: Plan): string {
  switch (section) {
    case "before":
      return "Before the write stop";
    case "write-stop":
      return plan.promotion === undefined
        ? "Write stop"
        : `Write stop: at most ${formatBound(plan.promotion.budgetMs)}`;
    case "after":
      return "After it, writes flow again";
    default:
      return "Steps";
  }
}

function describeFailure(step: PlanStep, isPastReturn: boolean): string {
  const needs = step.needs === undefined || step.needs.length === 0 ? "" : `, needs ${step.needs.join(", ")}`;
  if (step.onFailure === "go-on") return `run goes on${needs}`;
  return `${isPastReturn ? "stops there" : "all is taken back"}${needs}`;
}

function buildRow(plan: Plan, step: PlanStep, isPastReturn: boolean): Cell[] {
  const done = plan.doneBefore.includes(step.number);
  return [
    cell(String(step.number), "dim"),
    cell(printable(targetOf(step))),
    cell(step.limitMs === undefined ? "" : formatBound(step.limitMs)),
    cell(done ? "" : describeFailure(step, isPastReturn), "dim"),
    cell(printable(done ? `done before, not sent again (${step.found})` : step.found), "dim"),
    // Last: a statement is as long as it is, and must not push the others off the screen.
    cell(printable(step.command), done ? "dim" : "strong"),
  ];
}

function formatRescues({ rescue = [] }: PlanStep): string[] {
  return rescue.map(
    ({ change, command }) => `        if it fails: ${printable(`${selectChangeSubject(change)} ${command}`)}`,
  );
}

/** Heading of a section with the order of its steps where some go out together. */
function formatSectionHead(section: PlanSection | undefined, plan: Plan, paint: Paint): string {
  const own = plan.steps.filter((step) => step.section === section && !plan.doneBefore.includes(step.number));
  const order = formatOrder(own);
  const told = order === null ? "" : `  (order: ${order}; those joined by + at the same time)`;
  return `${paint(formatHeading(section, plan), "strong")}${told}`;
}

export function formatSections(plan: Plan, paint: Paint): string[] {
  const end = plan.steps.findIndex(({ noReturn }) => noReturn === true);
  const rows = plan.steps.map((step, index) => buildRow(plan, step, end >= 0 && index >= end));
  const [head = "", ...lines] = formatTable(["step", "on", "at most", "if it fails", "found", "command"], rows, paint);
  const told = plan.steps.flatMap((step, index) => [
    ...(index === 0 || plan.steps[index - 1]?.section !== step.section
      ? [formatSectionHead(step.section, plan, paint)]
      : []),
    ...(index === end ? [`  ${paint(NO_RETURN, "warning")}`] : []),
    lines[index] ?? "",
    ...formatRescues(step),
  ]);
  return [head, ...told];
}
