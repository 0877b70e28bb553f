/** What a plan that moves writes shows: who becomes what, how long writes stand still, its sections, and the way back. */

import type { GuardVerdict, Plan, PlanSection, PlanStep } from "../../model/operation.ts";
import { selectChangeSubject } from "../../model/plan-subject.ts";
import { describeNoLoss, formatBound, formatMove } from "../../model/promotion-words.ts";
import { selectUndos } from "../../model/undo-order.ts";
import { safeText, wrapText } from "../format/text.ts";
import type { Glyphs } from "../glyphs.ts";
import { type Line, segment } from "../paint.ts";
import { headingLine } from "./detail-lines.ts";
import { handTaskLines } from "./hand-task-lines.ts";
import { commandLines, paragraph, targetOf } from "./plan-parts.ts";
import { roleLines } from "./role-lines.ts";

/** True for plans that have more to show than commands. */
export function movesWrites({ promotion, steps }: Plan): boolean {
  return promotion !== undefined || steps.some(({ section }) => section !== undefined);
}

/** What moves where, what is lost, for how long writes stand still, and the roles before and after. */
export function promotionHead(plan: Plan, width: number, glyphs: Glyphs): Line[] {
  const { promotion } = plan;
  if (promotion === undefined) return [];
  const { mode, budgetMs, knownLoss } = promotion;
  const stops = plan.steps.some(({ section }) => section === "write-stop");
  const bound = formatBound(budgetMs);
  const stop =
    mode === "failover" ? `Nothing is written now; the opening may take ${bound}` : `Writes stop for at most ${bound}`;
  const budget = stops ? stop : "No writes are stopped";
  const noLoss = knownLoss === null ? describeNoLoss(promotion) : null;
  const loss = noLoss === null ? "" : `; known loss: ${noLoss}`;
  return [
    ...paragraph(formatMove(promotion, glyphs.arrow), width, 2, mode === "failover" ? "critical" : "title"),
    ...(knownLoss === null ? [] : paragraph(`KNOWN LOSS: ${knownLoss}`, width, 2, "critical")),
    ...paragraph(`${budget}${loss}.`, width, 2),
    ...roleLines(promotion, width, glyphs),
  ];
}

/** One line on the guards: nobody has to scroll to know that one says no. */
export function guardSummary({ guards }: Plan, glyphs: Glyphs): Line[] {
  const count = (verdict: GuardVerdict["verdict"]) => guards.filter((guard) => guard.verdict === verdict).length;
  const blocked = count("block");
  const unknown = count("unknown");
  const warned = count("warn");
  const warns = warned === 0 ? "" : `${warned} ${warned === 1 ? "warning" : "warnings"}, `;
  const rest = `${warns}${count("pass")} pass`;
  if (blocked + unknown === 0)
    return [
      [segment(`  ${glyphs.health.ok} no guard objects`, "ok"), segment(` (${rest})`, warned > 0 ? "warning" : "dim")],
    ];
  const not = unknown === 0 ? "" : `${blocked === 0 ? "" : ", "}${unknown} could not be checked`;
  const told = `${blocked === 0 ? "" : `${blocked} ${blocked === 1 ? "guard refuses" : "guards refuse"}`}${not}`;
  return [[segment(`  ${glyphs.health.critical} ${told}`, "critical"), segment(` (${rest})`, "dim")]];
}

/** Heading of a section, for the plan and for the run. */
export function sectionHeading(section: PlanSection | undefined, { promotion }: Plan): string {
  switch (section) {
    case "before":
      return "Before the write stop";
    case "write-stop":
      return promotion === undefined ? "Write stop" : `Write stop: at most ${formatBound(promotion.budgetMs)}`;
    case "after":
      return "After it, writes flow again";
    default:
      return "Steps";
  }
}

/** A rule with words in it, from which on there is only forward. */
export function noReturnLine(width: number, glyphs: Glyphs): Line {
  const words = " point of no return: from here on nothing is taken back ";
  const rule = glyphs.rule.repeat(Math.max(2, Math.min(12, Math.floor((width - words.length - 4) / 2))));
  return [segment(`  ${rule}${words}${rule}`, "warning")];
}

/** How long it may take, what its failure means, and what was found. */
function describeStep(step: PlanStep, isPastReturn: boolean): string {
  const { limitMs, needs = [], onFailure, found } = step;
  // Up to the point of no return all is taken back, which is told once, below.
  const end =
    onFailure === "go-on" ? ["if it fails the run goes on"] : isPastReturn ? ["if it fails it stops there"] : [];
  const parts = [
    ...(limitMs === undefined ? [] : [`at most ${formatBound(limitMs)}`]),
    ...(needs.length === 0 ? [] : [`not sent without ${needs.join(", ")}`]),
    ...end,
    ...(found === "" ? [] : [`found: ${found}`]),
  ];
  return parts.join("; ");
}

function rescueLines({ rescue = [] }: PlanStep, width: number): Line[] {
  return rescue.flatMap(({ change, command }) => {
    const target = selectChangeSubject(change);
    return paragraph(`if it fails, then ${target}: ${command}`, width, 7, "dim");
  });
}

/** Steps by section, with the point of no return as a line between them. */
export function sectionsLines(plan: Plan, width: number, glyphs: Glyphs): Line[] {
  const end = plan.steps.findIndex(({ noReturn }) => noReturn === true);
  const pending = plan.steps.filter(({ number }) => !plan.doneBefore.includes(number));
  const done = plan.steps.length - pending.length;
  const lines: Line[] = [];
  let before: PlanStep | null = null;
  for (const step of pending) {
    const index = plan.steps.indexOf(step);
    if (before === null || before.section !== step.section)
      lines.push([], headingLine(sectionHeading(step.section, plan)));
    if (index === end) lines.push(noReturnLine(width, glyphs));
    const mates = pending.filter(({ group }) => group === step.group).length;
    if (before?.group !== step.group && mates > 1) lines.push([segment(`  ${mates} at the same time:`, "dim")]);
    const below = describeStep(step, end >= 0 && index >= end);
    lines.push(...commandLines(step, below, width, glyphs), ...rescueLines(step, width));
    before = step;
  }
  if (pending.length === 0) lines.push([], headingLine("No command has to be sent"));
  if (done > 0) lines.push([segment(`  ${done} of ${plan.steps.length} steps were done before and still hold`, "dim")]);
  return lines;
}

function undoLines(plan: Plan, width: number, glyphs: Glyphs): Line[] {
  const undos = selectUndos(plan);
  const end = plan.steps.find(({ noReturn }) => noReturn === true);
  const until = end === undefined ? "" : ` before step ${end.number}`;
  if (undos.length === 0) return [[], headingLine("Taken back when it fails: nothing; no step of it can be")];
  return [
    [],
    headingLine(`Taken back when it fails${until}: what was done of these, in this order`),
    ...undos.flatMap(({ step, undo }) => {
      const lead = `  ${String(step.number).padStart(2)} ${safeText(targetOf(step))} ${glyphs.arrow} `;
      const parts = wrapText(safeText(undo.command), Math.max(20, width - lead.length));
      return parts.map(
        (part, index): Line => [
          segment(index === 0 ? lead : " ".repeat(lead.length), "accent"),
          segment(part, "strong"),
        ],
      );
    }),
  ];
}

/** The way back, and what is left to people. */
export function promotionTail(plan: Plan, width: number, glyphs: Glyphs): Line[] {
  return [...undoLines(plan, width, glyphs), ...handTaskLines(plan.promotion?.byHand ?? [], width)];
}
