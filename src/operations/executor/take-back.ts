/** Rollback: what this run changed is brought back to the state before, last group first, each change read back. */
import type { PlanStep } from "../../model/operation.ts";
import { pidFact } from "../commands/server-steps.ts";
import { judgeStep } from "../commands/undo.ts";
import type { RunContext } from "./context.ts";
import { lookAtStep } from "./look.ts";
import { sendAndVerify } from "./step.ts";

/** True when the step is as it was before; its line in the journal and in the progress tells how. */
async function takeBackStep(context: RunContext, step: PlanStep): Promise<boolean> {
  const { view } = await lookAtStep(context, step);
  const { standing, now, isOurs } = judgeStep(step, view);
  if (standing === "as-before") return markUndone(context, step, now);
  if (step.undo === null) return false;
  if (!isOurs) {
    context.updateStep(step.number, { message: `Not taken back: ${now}` });
    return false;
  }
  const { change, command, after } = step.undo;
  await context.journal.append([
    context.line(step, "intent", { command, before: step.after, after, message: "taking back" }),
  ]);
  const [fact] = "haproxy" in change ? pidFact(view, change.haproxy) : [];
  const pid = fact?.kind === "pid" ? fact.pid : null;
  const limit = step.limitMs === undefined || context.promotion !== null ? {} : { limitMs: step.limitMs };
  const sent = await sendAndVerify(context, step, { change, command, after, pid, ...limit });
  if (sent.outcome === "done") return markUndone(context, step, sent.message);
  context.updateStep(step.number, { message: `Not taken back: ${sent.message}`, failure: sent.failure });
  if (sent.outcome === "failed") {
    // Whatever was tried, the step itself still stands.
    await context.journal.append([context.line(step, "done", { message: `not taken back: ${sent.message}` })]);
  }
  return false;
}

async function markUndone(context: RunContext, step: PlanStep, message: string): Promise<true> {
  const command = step.undo?.command ?? step.command;
  await context.journal.append([context.line(step, "undone", { command, message })]);
  context.updateStep(step.number, { outcome: "undone", message, endedAt: context.ports.clock.epochMs() });
  return true;
}

/**
 * Takes back every step that this operation changed or may have changed. A step that failed is looked at too: it may have been accepted
 * and come into effect late. Returns the steps that are not as they were.
 */
export async function takeBack(context: RunContext): Promise<readonly PlanStep[]> {
  const begun = context.plan.steps.filter(({ number }) => {
    const outcome = context.outcome(number);
    return outcome === "done" || outcome === "unknown" || outcome === "failed";
  });
  const groups = [...new Set(begun.map(({ group }) => group))].sort((a, b) => b - a);
  const left: PlanStep[] = [];
  for (const group of groups) {
    const steps = begun.filter((step) => step.group === group);
    const results = await Promise.all(steps.map((step) => takeBackOrTell(context, step)));
    left.push(...steps.filter((_, index) => results[index] !== true));
  }
  return left;
}

async function takeBackOrTell(context: RunContext, step: PlanStep): Promise<boolean> {
  const failedUntouched = context.outcome(step.number) === "failed" && step.undo === null;
  // A refused change without a way back changed nothing.
  if (failedUntouched) return true;
  const wasFailed = context.outcome(step.number) === "failed";
  const before = context.progress.steps.find(({ number }) => number === step.number);
  try {
    const isBack = await takeBackStep(context, step);
    // Its failure is what people have to read.
    if (isBack && wasFailed && before !== undefined) context.updateStep(step.number, before);
    return isBack;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    context.updateStep(step.number, { message: `Not taken back: ${message}` });
    return false;
  }
}
