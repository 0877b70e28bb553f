/** Events as JSON lines on standard output; docs/operations.md describes them. Fields may be added, never taken away or changed. */

import type {
  GuardVerdict,
  OperationProgress,
  Plan,
  PlanStep,
  PromotionProgress,
  StepOutcome,
} from "../../model/operation.ts";
import { selectChangeSubject } from "../../model/plan-subject.ts";
import type { CliIo } from "../io.ts";
import { formatJsonLine } from "../status/print-json.ts";
import type { Ending } from "./ending.ts";
import { describeStopping, type Reporter } from "./reporter.ts";
import { targetOf } from "./target-of.ts";

const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

/** What a step of a plan that stops writes says besides; null and empty elsewhere. */
function buildStopFields({ section, noReturn, onFailure, needs, limitMs, undo, rescue }: PlanStep) {
  return {
    section: section ?? null,
    noReturn: noReturn ?? false,
    onFailure: onFailure ?? "undo",
    needs: needs ?? [],
    limitMs: limitMs ?? null,
    undoRank: undo?.rank ?? null,
    undoBefore: undo?.before ?? [],
    rescue: (rescue ?? []).map(({ change, command }) => ({
      target: selectChangeSubject(change),
      command,
    })),
  };
}

function buildPromotionEvent(id: string, promotion: PromotionProgress, at: number) {
  const { stoppedAt, openedAt } = promotion;
  return { type: "promotion", at: iso(at), id, ...promotion, stoppedAt: iso(stoppedAt), openedAt: iso(openedAt) };
}

function buildPlanEvent(plan: Plan, refusals: readonly GuardVerdict[], dryRun: boolean) {
  const { request } = plan;
  return {
    type: "plan",
    schema: 1,
    at: iso(plan.at),
    id: plan.id,
    cluster: plan.cluster,
    command: request.command,
    targets: request.targets,
    reason: request.reason,
    force: request.force,
    title: plan.title,
    danger: plan.danger,
    dryRun,
    refused: refusals.length > 0,
    concerns: plan.concerns,
    steps: plan.steps.map((step) => ({
      number: step.number,
      group: step.group,
      title: step.title,
      on: step.target.kind,
      target: targetOf(step),
      command: step.command,
      undo: step.undo?.command ?? null,
      found: step.found,
      doneBefore: plan.doneBefore.includes(step.number),
      before: step.before,
      after: step.after,
      ...buildStopFields(step),
    })),
    guards: plan.guards,
    notes: plan.notes,
    confirmWord: plan.confirmWord,
    promotion: plan.promotion ?? null,
  };
}

function buildStepEvents({ id, plan, steps }: OperationProgress, at: number, shown: Map<number, string>) {
  return steps.flatMap((progress) => {
    const step = plan.steps.find(({ number }) => number === progress.number);
    const { number, outcome, startedAt, endedAt, message, failure } = progress;
    const key = `${outcome} ${message ?? ""}`;
    const isSilent: boolean = (["pending", "skipped"] satisfies StepOutcome[]).some((quiet) => quiet === outcome);
    if (step === undefined || isSilent || plan.doneBefore.includes(number) || shown.get(number) === key) return [];
    shown.set(number, key);
    const tookMs = startedAt === null || endedAt === null ? null : endedAt - startedAt;
    const about = { number, title: step.title, target: targetOf(step), command: step.command };
    return [{ type: "step", at: iso(endedAt ?? startedAt ?? at), id, ...about, outcome, tookMs, message, failure }];
  });
}

function buildEndEvent(ending: Ending, last: OperationProgress | null, at: number) {
  const { exitCode, state, summary, id, interrupted, undo, resume, refusals, gapMs, byHand } = ending;
  const steps = (last?.steps ?? []).map(({ number, outcome, message }) => ({ number, outcome, message }));
  const told = { type: "end", at: iso(at), id, exitCode, state, interrupted, summary, refusals, steps, undo, resume };
  return { ...told, gapMs, byHand };
}

export function createJsonReporter(io: CliIo, dryRun: boolean): Reporter {
  const emit = (event: unknown) => io.stdout.write(formatJsonLine(event));
  const shown = new Map<number, string>();
  let last: OperationProgress | null = null;
  let drainSeen: OperationProgress["drain"] = null;
  let writesSeen = "";
  return {
    plan: (plan, refusals) => emit(buildPlanEvent(plan, refusals, dryRun)),
    changed: (message) => emit({ type: "changed", at: iso(io.now()), message }),
    progress(progress) {
      last = progress;
      for (const event of buildStepEvents(progress, io.now(), shown)) emit(event);
      const { drain, id, state, promotion } = progress;
      const writes = promotion === undefined ? "" : JSON.stringify(promotion);
      if (promotion !== undefined && writes !== writesSeen) emit(buildPromotionEvent(id, promotion, io.now()));
      writesSeen = writes;
      if (drain === null || state !== "draining" || drain === drainSeen) return;
      drainSeen = drain;
      emit({ type: "drain", at: iso(io.now()), id, ...drain, deadlineAt: iso(drain.deadlineAt) });
    },
    question: () => undefined,
    stopping(times, isRunning) {
      if (isRunning) emit({ type: "stopping", at: iso(io.now()), message: describeStopping(times) });
    },
    end: (ending) => emit(buildEndEvent(ending, last, io.now())),
  };
}

/** A command line or configuration that cannot be used, for whoever reads only the events. */
export function formatErrorEvent(at: number, exitCode: number, message: string): string {
  return formatJsonLine({ type: "error", at: iso(at), exitCode, message });
}
