/** A plan for people: every command with its target in order, what guards say, what follows. */
import type { GuardVerdict, Plan } from "../../model/operation.ts";
import { printable } from "../../model/printable.ts";
import { type Cell, cell, formatTable, type Paint, type Tone } from "../status/table.ts";
import { formatOrder } from "./format-order.ts";
import { formatByHand, formatPromotionHead, formatUndos } from "./format-promotion.ts";
import { formatSections } from "./format-sections.ts";
import { targetOf } from "./target-of.ts";

const VERDICTS: Readonly<Record<GuardVerdict["verdict"], { readonly word: string; readonly tone: Tone }>> = {
  pass: { word: "pass", tone: "good" },
  warn: { word: "WARN", tone: "warning" },
  block: { word: "BLOCK", tone: "critical" },
  unknown: { word: "UNKNOWN", tone: "unknown" },
};

function formatSteps(plan: Plan, paint: Paint): string[] {
  if (plan.steps.length === 0) return ["  (no command has to be sent)"];
  const rows = plan.steps.map((step): Cell[] => {
    const done = plan.doneBefore.includes(step.number);
    return [
      cell(String(step.number), "dim"),
      cell(printable(targetOf(step))),
      cell(printable(step.command), done ? "dim" : "strong"),
      cell(printable(done ? `done before, not sent again (${step.found})` : step.found), "dim"),
    ];
  });
  const order = formatOrder(plan.steps.filter(({ number }) => !plan.doneBefore.includes(number)));
  const told = order === null ? [] : [`  Order: ${order} (those joined by + at the same time)`];
  return [...formatTable(["step", "on", "command", "found"], rows, paint), ...told];
}

function formatGuard(guard: GuardVerdict, force: boolean, paint: Paint): string[] {
  const { word, tone } = VERDICTS[guard.verdict];
  const refuses = guard.verdict === "block" || guard.verdict === "unknown";
  const forced = refuses && force && guard.forceable ? " (overridden by --force)" : "";
  const head = `${guard.guard}${guard.subject === "" ? "" : `, ${guard.subject}`}: ${guard.message}`;
  const advice = guard.advice === "" ? [] : [`          ${printable(guard.advice)}`];
  return [`  ${paint(word.padEnd(7), tone)} ${printable(head)}${forced}`, ...advice];
}

function formatGuards(plan: Plan, paint: Paint): string[] {
  const passed = [...new Set(plan.guards.filter(({ verdict }) => verdict === "pass").map(({ guard }) => guard))];
  const others = plan.guards.filter(({ verdict }) => verdict !== "pass");
  const lines = others.flatMap((guard) => formatGuard(guard, plan.request.force, paint));
  if (passed.length > 0) lines.push(`  ${paint("pass   ", "good")} ${printable(passed.join(", "))}`);
  return lines.length === 0 ? [] : ["Guards", ...lines];
}

/** @param width columns there are. Lines without a newline at their end, printable throughout. */
export function formatPlan(plan: Plan, paint: Paint, width: number): string[] {
  const { title, cluster, danger, notes, promotion } = plan;
  const isSectioned = plan.steps.some(({ section }) => section !== undefined);
  const reason = plan.request.reason === null ? [] : [`Reason: ${printable(plan.request.reason)}`];
  return [
    `${paint(printable(title), "strong")}  (cluster ${printable(cluster)}, ${danger})`,
    ...reason,
    ...(promotion === undefined ? [] : formatPromotionHead(plan, promotion, width, paint)),
    ...(isSectioned ? formatSections(plan, paint) : formatSteps(plan, paint)),
    ...(promotion === undefined ? [] : formatUndos(plan, paint)),
    ...formatGuards(plan, paint),
    ...formatByHand(promotion?.byHand ?? []),
    ...(notes.length === 0 ? [] : ["Notes", ...notes.map((note) => `  ${printable(note)}`)]),
  ];
}
