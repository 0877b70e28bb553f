/** How a plan that moves writes is run: what can be prepared first, then the write stop, then the rest, then a last look at who is writable. */

import { describeFailure } from "../../drivers/errors.ts";
import type { GuardVerdict, OperationProgress, PlanStep } from "../../model/operation.ts";
import { buildView } from "../view.ts";
import { runAfterSection } from "./after-section.ts";
import type { RunContext } from "./context.ts";
import { describeFailed, end, endByTakingBack, endRefused, stepsWith } from "./end.ts";
import { checkEnd } from "./final-check.ts";
import { checkGroup, runGroup } from "./group.ts";
import { noteFailure, selectOpenTasks } from "./hand-tasks.ts";
import { skipUnneeded } from "./needs.ts";
import { noteOthers } from "./rival.ts";
import { runWriteStop } from "./write-stop.ts";

const PREPARE_MS = 5_000;
/** Guards have answered long before. When they took longer this program stood still meanwhile, and what they said is of a time before. */
const LONGEST_CHECK_MS = 10_000;

const sectionOf = ({ section }: PlanStep) => section ?? "before";

function pendingOf(context: RunContext, section: ReturnType<typeof sectionOf>): PlanStep[] {
  return stepsWith(context, "pending").filter((step) => sectionOf(step) === section);
}

export async function runPromotion(context: RunContext): Promise<OperationProgress> {
  const [unprepared] = await Promise.all([prepare(context), noteOthers(context)]);
  if (unprepared.length > 0) return endRefused(context, unprepared);
  const isOnlyAfter = pendingOf(context, "before").length + pendingOf(context, "write-stop").length === 0;
  return (
    (await runBefore(context)) ??
    (await runStop(context)) ??
    (await runAfter(context, isOnlyAfter)) ??
    (await finish(context))
  );
}

/** Connections first: once writes stand still, or a pool is exhausted, it is too late. */
async function prepare(context: RunContext): Promise<readonly GuardVerdict[]> {
  const pending = stepsWith(context, "pending");
  const nodes = new Map<string, boolean>();
  for (const { target, onFailure } of pending) {
    if (target.kind === "node") nodes.set(target.node, (nodes.get(target.node) ?? false) || onFailure !== "go-on");
  }
  const verdicts = [...nodes].map(async ([node, isNeeded]): Promise<readonly GuardVerdict[]> => {
    try {
      await context.ports.prepare(node, { signal: new AbortController().signal, timeoutMs: PREPARE_MS });
      return [];
    } catch (error) {
      // A node that may fail is told when its step fails.
      if (!isNeeded) return [];
      const { message } = describeFailure(error, node, "connect");
      const advice = "See that it takes connections of our account, then plan again.";
      const words = `The connections needed on ${node} could not be opened: ${message}`;
      return [{ guard: "connections", verdict: "block", subject: node, message: words, advice, forceable: false }];
    }
  });
  return (await Promise.all(verdicts)).flat();
}

async function runBefore(context: RunContext): Promise<OperationProgress | null> {
  let guards = true;
  for (;;) {
    const pending = pendingOf(context, "before");
    const [next] = pending;
    if (next === undefined) return null;
    if (context.signal.aborted) return endByTakingBack(context, "Stopped between two steps.");
    const group = skipUnneeded(
      context,
      pending.filter((step) => step.group === next.group),
    );
    if (group.length === 0) continue;
    const refusals = await check(context, group, guards);
    guards = false;
    if (refusals.length > 0) return endRefused(context, refusals);
    if (context.signal.aborted) return endByTakingBack(context, "Stopped between two steps.");
    await runGroup(context, group, ({ limitMs }) => ({
      ...(limitMs === undefined ? {} : { limitMs }),
      interrupt: context.signal,
      trusts: "node",
    }));
    const failed = group.filter(({ number }) => context.outcome(number) !== "done");
    const fatal = failed.filter(({ onFailure }) => onFailure !== "go-on");
    if (fatal.length > 0) {
      const why = context.signal.aborted ? "Stopped before writes were." : `${describeFailed(context, fatal)}.`;
      return endByTakingBack(context, why);
    }
    for (const step of failed) noteFailure(context, step);
  }
}

async function check(
  context: RunContext,
  steps: readonly PlanStep[],
  guards: boolean,
): Promise<readonly GuardVerdict[]> {
  const preflight = guards ? await context.refreshPreflight() : null;
  const known = buildView(await context.ports.look({ haproxies: [], nodes: [] }, context.limits.lookMs));
  return checkGroup(context, steps, stepsWith(context, "pending"), known, { guards, preflight });
}

async function runStop(context: RunContext): Promise<OperationProgress | null> {
  const steps = pendingOf(context, "write-stop");
  if (steps.length === 0) return null;
  const isPast = context.promotion?.pastNoReturn === true;
  if (context.signal.aborted && !isPast) return endByTakingBack(context, "Stopped before writes were.");
  // Carried on after the opening there is only forward, whatever a guard would have said of the beginning.
  const refusals = isPast ? [] : await checkStop(context, steps);
  if (refusals.length > 0) return endRefused(context, refusals);
  if (context.signal.aborted && !isPast) return endByTakingBack(context, "Stopped before writes were.");
  const result = await runWriteStop(context, steps);
  switch (result.kind) {
    case "over":
      return null;
    case "back":
      return endByTakingBack(context, result.why);
    case "stuck":
      return end(
        context,
        "unfinished",
        `${result.why} \`signalbox resume ${context.plan.id}\` looks again and finishes it.`,
      );
  }
}

/** Reasons not to stop the writes now, none of them found before a time in which this program stood still. */
async function checkStop(context: RunContext, steps: readonly PlanStep[]): Promise<readonly GuardVerdict[]> {
  const { clock } = context.ports;
  for (;;) {
    // A suspended machine is seen by the one clock, a stopped process by both.
    const [monotonicMs, epochMs] = [clock.monotonicMs(), clock.epochMs()];
    const [refusals, taken] = await Promise.all([check(context, steps, true), context.keepLock()]);
    if (taken !== null) return [taken];
    const tookMs = Math.max(clock.monotonicMs() - monotonicMs, clock.epochMs() - epochMs);
    if (refusals.length > 0 || tookMs <= LONGEST_CHECK_MS || context.signal.aborted) return refusals;
  }
}

async function runAfter(context: RunContext, isFirst: boolean): Promise<OperationProgress | null> {
  const pending = pendingOf(context, "after");
  if (isFirst && context.promotion?.pastNoReturn !== true && pending.length > 0) {
    const group = pending.filter((step) => step.group === pending[0]?.group);
    const refusals = await check(context, group, true);
    if (refusals.length > 0) return endRefused(context, refusals);
  }
  const result = await runAfterSection(context);
  switch (result.kind) {
    case "over":
      return null;
    case "failed":
      return endByTakingBack(context, `${describeFailed(context, result.steps)}.`);
    case "stopped": {
      const left = stepsWith(context, "pending").length;
      const words = `Stopped; ${left} ${left === 1 ? "step is" : "steps are"} left, what was done stays.`;
      return end(
        context,
        "unfinished",
        `${describeGap(context)}${words} \`signalbox resume ${context.plan.id}\` finishes it.`,
      );
    }
  }
}

function describeGap({ plan, promotion }: RunContext): string {
  const gapMs = promotion?.progress.gapMs ?? null;
  if (gapMs === null) return "";
  // Writes have stood still since the death of the primary, which is not for us to measure.
  const what = plan.promotion?.mode === "failover" ? `Opening ${plan.promotion.to} took` : "Writes stood still for";
  return `${what} ${gapMs.toFixed(1)} ms. `;
}

async function finish(context: RunContext): Promise<OperationProgress> {
  const { plan, promotion } = context;
  const wrong = await checkEnd(context);
  for (const { kind, subject, words, command } of wrong) {
    const code = kind === "haproxy" ? "haproxy-not-changed" : "other";
    promotion?.addHandTask({ code, subject, message: `${words}.`, lines: command === null ? [] : [command] });
  }
  const open = selectOpenTasks(context);
  const flags = wrong.filter(({ kind }) => kind === "node").map(({ words }) => words);
  const gap = describeGap(context);
  if (flags.length + open.length > 0) {
    const what = [...flags, ...open.map(({ message }) => message.replace(/\.$/, ""))].join("; ");
    return end(
      context,
      "unfinished",
      `${gap}Not as it has to be: ${what}. \`signalbox resume ${plan.id}\` finishes what it can.`,
    );
  }
  const byHand = promotion?.progress.byHand.length ?? 0;
  const rest = byHand === 0 ? "" : ` ${byHand === 1 ? "1 thing is" : `${byHand} things are`} left to be done by hand.`;
  return end(context, "done", `${plan.title}: done and verified. ${gap}${rest.trimStart()}`.trimEnd());
}
