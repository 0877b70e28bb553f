/** What follows once writes flow again: nothing of it is worth taking the new primary back for, so what fails is told and the rest goes on. */
import type { PlanStep } from "../../model/operation.ts";
import { renewChannel, selectSourceStep } from "./broken-channel.ts";
import type { RunContext } from "./context.ts";
import { stepsWith } from "./end.ts";
import { JournalLostError, outcomeLine, sendStep } from "./group.ts";
import { noteFailure } from "./hand-tasks.ts";
import { judgeFacts, lookAtFacts } from "./look.ts";
import { skipUnneeded } from "./needs.ts";
import { rescue } from "./rescue.ts";

export type AfterEnd =
  | { readonly kind: "over" }
  | { readonly kind: "stopped" }
  /** A step that must not fail did, in a plan that opens nothing. */
  | { readonly kind: "failed"; readonly steps: readonly PlanStep[] };

export async function runAfterSection(context: RunContext): Promise<AfterEnd> {
  for (;;) {
    const pending = stepsWith(context, "pending").filter(({ section }) => section === "after");
    const [next] = pending;
    if (next === undefined) return { kind: "over" };
    if (context.signal.aborted) return { kind: "stopped" };
    const group = skipUnneeded(
      context,
      pending.filter((step) => step.group === next.group),
    );
    const failed = await runGroup(context, group);
    const fatal = failed.filter(({ onFailure }) => onFailure !== "go-on");
    if (fatal.length > 0 && context.promotion?.pastNoReturn !== true) return { kind: "failed", steps: fatal };
    for (const step of failed) noteFailure(context, step);
    await Promise.all(failed.map((step) => rescue(context, step)));
  }
}

/** Returns the steps that are not done. */
async function runGroup(context: RunContext, steps: readonly PlanStep[]): Promise<readonly PlanStep[]> {
  const ready = await checkBefore(context, steps);
  if (ready.length > 0) {
    await write(() => context.journal.append(ready.map((step) => context.line(step, "intent"))));
    await Promise.all(ready.map((step) => runStep(context, step)));
  }
  return steps.filter(({ number }) => context.outcome(number) !== "done");
}

async function runStep(context: RunContext, step: PlanStep): Promise<void> {
  const limits = step.limitMs === undefined ? {} : { limitMs: step.limitMs };
  const once = () => sendStep(context, step, { ...limits, trusts: "node" });
  let sent = await once();
  const source = sent.outcome === "failed" ? selectSourceStep(aboutRun(context), step, sent) : null;
  if (source !== null && (await write(() => renewChannel(context, source)))) sent = await once();
  if (sent.outcome !== "unknown") await write(() => context.journal.append([outcomeLine(context, step, sent)]));
}

const aboutRun = (context: RunContext) => ({
  plan: context.plan,
  outcome: (number: number) => context.outcome(number),
});

async function write<T>(append: () => Promise<T>): Promise<T> {
  try {
    return await append();
  } catch (error) {
    throw new JournalLostError(error);
  }
}

/** Steps whose facts hold right now; the others fail without being sent. */
async function checkBefore(context: RunContext, steps: readonly PlanStep[]): Promise<readonly PlanStep[]> {
  // A process that has been replaced is found by the driver, which asks it first.
  const needed = ({ before }: PlanStep) => before.filter(({ kind }) => kind !== "pid");
  const facts = steps.flatMap(needed);
  if (facts.length === 0) return steps;
  const look = await lookAtFacts(context, facts);
  return steps.filter((step) => {
    const finding = judgeFacts(needed(step), look);
    if (finding.holds === "true") return true;
    const message = `Not sent: ${finding.now}`;
    context.updateStep(step.number, { outcome: "failed", message, endedAt: context.ports.clock.epochMs() });
    return false;
  });
}
