/** How a run ends, in words and in the journal. */
import type { GuardVerdict, OperationProgress, OperationState, PlanStep } from "../../model/operation.ts";
import { type RunContext, targetName } from "./context.ts";
import { takeBack } from "./take-back.ts";
import { type LeftStep, takeBackRanked } from "./take-back-ranked.ts";

export function stepsWith(context: RunContext, ...outcomes: readonly string[]): PlanStep[] {
  return context.plan.steps.filter(({ number }) => outcomes.includes(context.outcome(number)));
}

export const quote = (steps: readonly PlanStep[]): string =>
  steps.map((step) => `${step.title} on ${targetName(step)}`).join(", ");

/** Without a full stop at its end: what is said of a failure brings its own or none. */
export function describeFailed(context: RunContext, steps: readonly PlanStep[]): string {
  return steps
    .map(
      (step) =>
        `${step.title} on ${targetName(step)}: ${(context.message(step.number) ?? "failed").replace(/\.+$/, "")}`,
    )
    .join("; ");
}

export const wayOn = (id: string): string =>
  `\`signalbox resume ${id}\` finishes it, \`signalbox undo ${id}\` takes it back.`;

const wordsOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

export async function end(context: RunContext, state: OperationState, summary: string): Promise<OperationProgress> {
  const phase = state === "done" ? "done" : state === "rolled-back" ? "undone" : "failed";
  const error = state === "done" ? null : summary;
  const { promotion } = context;
  if (state === "rolled-back" || state === "refused") promotion?.dropForeseen();
  const more = promotion === null ? {} : { gapMs: promotion.progress.gapMs, byHand: promotion.progress.byHand };
  let told = summary;
  try {
    await context.journal.append([context.line(null, phase, { state, message: summary, error, ...more })]);
    // What was written without waiting for the disk before.
    await context.journal.settle();
  } catch (cause) {
    told = `${summary} The journal could not be written: ${wordsOf(cause)}.`;
  }
  const steps = context.progress.steps.map((step) =>
    step.outcome === "pending" ? { ...step, outcome: "skipped" as const } : step,
  );
  return context.update({ state, summary: told, steps, question: null, endedAt: context.ports.clock.epochMs() });
}

/** Takes back what was done and ends as rolled-back, or as unfinished when something could not be taken back. */
export async function endByTakingBack(context: RunContext, why: string): Promise<OperationProgress> {
  const { promotion } = context;
  if (promotion?.pastNoReturn === true) {
    const summary = `${why} ${promotion.plan.to} may take writes already: nothing is taken back. \`signalbox resume ${context.plan.id}\` finishes it.`;
    return end(context, "unfinished", summary);
  }
  context.update({ summary: `${why} Taking back what was done.` });
  const touched = stepsWith(context, "done", "unknown").length > 0;
  const left =
    promotion === null
      ? (await takeBack(context)).map((step) => ({ step, forbidden: null }))
      : await takeBackRanked(context);
  if (left.length > 0) {
    const rest = promotion === null ? "" : describeRest(left);
    const steps = quote(left.map(({ step }) => step));
    return end(context, "unfinished", `${why} Still changed or not known: ${steps}.${rest} ${wayOn(context.plan.id)}`);
  }
  const back = touched ? "Everything that was done has been taken back." : "Nothing was changed.";
  return end(context, "rolled-back", `${why} ${back}`);
}

/** Exactly what is still to be sent, for somebody who has to do it by hand; what must not be sent as things are, with the reason. */
function describeRest(left: readonly LeftStep[]): string {
  const told = (list: readonly LeftStep[]) =>
    list.flatMap(({ step }) => (step.undo === null ? [] : [`${targetName(step)}: ${step.undo.command}`])).join("; ");
  const byHand = told(left.filter(({ forbidden }) => forbidden === null));
  const reasons = [...new Set(left.flatMap(({ forbidden }) => forbidden ?? []))];
  return [
    ...(byHand === "" ? [] : [` By hand: ${byHand}.`]),
    ...reasons.map((why) => ` Not as long as ${why}: ${told(left.filter(({ forbidden }) => forbidden === why))}.`),
  ].join("");
}

export async function endRefused(context: RunContext, refusals: readonly GuardVerdict[]): Promise<OperationProgress> {
  context.update({ refusals });
  const why = refusals.map(({ message }) => message).join(" ");
  const changed = stepsWith(context, "done", "unknown").filter(
    ({ number }) => !context.plan.doneBefore.includes(number),
  );
  if (changed.length > 0) return endByTakingBack(context, why);
  const state = context.plan.doneBefore.length > 0 ? "unfinished" : "refused";
  return end(context, state, `Refused: ${why} Nothing was changed${state === "refused" ? "" : " this time"}.`);
}
