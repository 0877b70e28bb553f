/** A run that moves writes, while it runs: the writes, what is waited for, and its steps by section. */
import type { OperationProgress, PlanStep, PromotionProgress, StepProgress } from "../../model/operation.ts";
import type { EpochMs } from "../../model/reading.ts";
import { safeText } from "../format/text.ts";
import type { Glyphs } from "../glyphs.ts";
import { type Line, segment } from "../paint.ts";
import { headingLine } from "./detail-lines.ts";
import { guardLines, targetOf } from "./plan-parts.ts";
import { noReturnLine, sectionHeading } from "./promotion-plan-lines.ts";
import { stepLines } from "./step-lines.ts";
import { waitingLines, writesLines } from "./write-stop-lines.ts";

export interface PromotionRun {
  readonly progress: OperationProgress;
  readonly promotion: PromotionProgress;
  /** It was told already what Esc does. */
  readonly escTold: boolean;
  /** In a replay nothing can be stopped any more. */
  readonly isReplay?: boolean;
  readonly now: EpochMs;
  readonly width: number;
  readonly glyphs: Glyphs;
}

/** Done steps that stay in sight above the one that runs. */
const KEPT_DONE = 2;

interface Pair {
  readonly step: PlanStep;
  readonly progress: StepProgress;
}

function pairsOf({ plan, steps }: OperationProgress): Pair[] {
  return plan.steps.flatMap((step) => {
    const progress = steps.find(({ number }) => number === step.number);
    return progress === undefined ? [] : [{ step, progress }];
  });
}

function titleOf(step: PlanStep): string {
  const target = targetOf(step);
  return step.title.includes(target) ? step.title : `${target} ${step.title}`;
}

/**
 * Steps with their headings and the point of no return.
 * @param telling true: also what was read back of steps that went well
 */
function listSteps(pairs: readonly Pair[], run: PromotionRun, telling: boolean): Line[] {
  const { progress, now, width, glyphs } = run;
  const { plan } = progress;
  return pairs.flatMap(({ step, progress: each }, index) => {
    const isNew = index === 0 || pairs[index - 1]?.step.section !== step.section;
    const shown = telling || each.outcome !== "done" ? each : { ...each, message: null };
    return [
      ...(isNew ? [headingLine(sectionHeading(step.section, plan))] : []),
      ...(step.noReturn === true ? [noReturnLine(width, glyphs)] : []),
      ...stepLines(titleOf(step), shown, now, width, glyphs),
    ];
  });
}

/** All steps, with what each has told. */
export function allStepsLines(run: PromotionRun): Line[] {
  return [...listSteps(pairsOf(run.progress), run, true), ...guardLines(run.progress.refusals, run.width, run.glyphs)];
}

/** Steps that are done fold into one line from above, as long as not all fit: the one that runs is in sight. */
function foldedLines(run: PromotionRun, room: number): Line[] {
  const pairs = pairsOf(run.progress);
  const full = listSteps(pairs, run, false);
  if (full.length <= room) return full;
  const first = pairs.findIndex(({ progress }) => progress.outcome !== "done");
  const folded = Math.max(0, (first < 0 ? pairs.length : first) - KEPT_DONE);
  if (folded === 0) return full;
  const line: Line = [
    segment(`  ${run.glyphs.health.ok} `, "ok"),
    segment(folded === 1 ? " 1" : ` 1 to ${folded}`, "dim"),
    segment(`  done${tookOf(pairs.slice(0, folded))}`, "ok"),
  ];
  return [line, ...listSteps(pairs.slice(folded), run, false)];
}

function tookOf(pairs: readonly Pair[]): string {
  const starts = pairs.flatMap(({ progress: { startedAt } }) => startedAt ?? []);
  const ends = pairs.flatMap(({ progress: { endedAt } }) => endedAt ?? []);
  if (starts.length === 0 || ends.length === 0) return "";
  return ` in ${Math.max(0, Math.max(...ends) - Math.min(...starts))} ms`;
}

function returnLines({ promotion, progress, escTold, isReplay = false, glyphs }: PromotionRun): Line[] {
  if (escTold) return [];
  const opening = progress.plan.steps.find(({ noReturn }) => noReturn === true);
  if (promotion.pastNoReturn)
    return [[segment(`  ${glyphs.health.warning} point of no return passed: it goes on to the end`, "warning")]];
  if (opening === undefined) return [];
  const stop = isReplay ? "" : ": Esc stops at the next safe point";
  const text = `  until step ${opening.number} all can be taken back${stop}`;
  return [[segment(safeText(text), "dim")]];
}

/** @param room lines that are in sight */
export function runningLines(run: PromotionRun, room: number): Line[] {
  const { progress, promotion, now, width, glyphs } = run;
  const head = [
    ...writesLines(progress, promotion, true, now, width, glyphs),
    ...returnLines(run),
    ...waitingLines(promotion, width, glyphs),
    [],
  ];
  return [...head, ...foldedLines(run, room - head.length), ...guardLines(progress.refusals, width, glyphs)];
}
