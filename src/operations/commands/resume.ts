/** resume: finishes what an operation left undone, after looking at the servers as they are now. It goes on in the same journal file. */
import type { Plan, PlanStep } from "../../model/operation.ts";
import { RequestError } from "../errors.ts";
import { selectProcesses, selectReplaced } from "../executor/drain-progress.ts";
import type { OperationRecord } from "../journal/record.ts";
import { selectInterrupted } from "../promotion/recover/passed.ts";
import { draftResumeOfPromotion } from "../promotion/recover/resume.ts";
import type { ClusterView } from "../view.ts";
import type { Command, DraftInput, PlanDraft, StepDraft } from "./command.ts";
import { pidFact } from "./server-steps.ts";
import { judgeStep, type StepStanding } from "./undo.ts";

function selectRecord(record: OperationRecord | null, wanted: string | null): OperationRecord {
  const found = record ?? null;
  if (found === null || found.plan === null) {
    const what = wanted === null ? "No operation waits to be carried on." : `No operation ${wanted} can be carried on.`;
    throw new RequestError("operationId", `${what} \`signalbox operations\` lists them.`);
  }
  if (found.state === "running" || found.state === "draining") {
    throw new RequestError("operationId", `${found.id} still runs (${found.operator} on ${found.host}).`);
  }
  if (found.undoneBy !== null) {
    throw new RequestError("operationId", `${found.id} was taken back by ${found.undoneBy}: ask for it anew.`);
  }
  if (found.state === "done")
    throw new RequestError("operationId", `${found.id} is done: nothing is left to carry on.`);
  return found;
}

/** The step again, made for the process and the state of now; its way back stays the state before the whole operation. */
function redraft(step: PlanStep, standing: StepStanding, view: ClusterView): StepDraft {
  const isCut = step.change.kind === "shutdown-sessions" && step.after.length === 0;
  // A probe changes nothing: it tells of now only.
  const stands = standing === "in-effect" && !isCut && step.change.kind !== "probe-writer";
  const pid = "haproxy" in step.change ? pidFact(view, step.change.haproxy) : [];
  const others = standing === "changed-since" ? [] : step.before.filter(({ kind }) => kind !== "pid");
  return {
    group: step.group,
    title: step.title,
    target: step.target,
    change: step.change,
    before: [...pid, ...others],
    after: step.after,
    undo: step.undo === null ? null : { change: step.undo.change, after: step.undo.after },
    found: step.found,
    doneBefore: stands,
    ...(step.limitMs === undefined ? {} : { limitMs: step.limitMs }),
  };
}

/** What a drain that is carried on cannot count: processes that a reload has replaced since it began. */
function selectUncounted(plan: Plan, view: ClusterView): readonly string[] {
  if (plan.watch.length === 0) return [];
  return [...new Set([...(plan.uncounted ?? []), ...selectReplaced(view, selectProcesses(view, plan))])];
}

function draftPlan(input: DraftInput): PlanDraft {
  const { request, view, record: found } = input;
  const record = selectRecord(found, request.operationId);
  const interrupted = selectInterrupted(record);
  if (interrupted !== null) return draftResumeOfPromotion(input, interrupted);
  const { plan } = record;
  if (plan === null) throw new RequestError("operationId", `${record.id} has no plan in the journal.`);
  const judged = plan.steps.map((step) => ({ step, ...judgeStep(step, view) }));
  const steps = judged.map(({ step, standing }) => redraft(step, standing, view));
  const done = steps.filter(({ doneBefore }) => doneBefore === true).length;
  const uncounted = selectUncounted(plan, view);
  return {
    title: plan.title,
    confirmWord: plan.confirmWord,
    steps,
    notes: [
      `Carries on ${record.id}: ${done} of ${steps.length} steps stand, the rest is done now.`,
      ...new Set([...uncounted.map((each) => `${each}.`), ...plan.notes]),
    ],
    watch: plan.watch,
    ...(uncounted.length === 0 ? {} : { uncounted }),
    concerns: plan.concerns,
    carriesOn: record.id,
    changedSince: judged
      .filter(({ standing }) => standing === "changed-since")
      .map(({ step, now }) => ({
        subject: step.title,
        message: `Step ${step.number} of ${record.id} (${step.title}) is neither done nor as it was before: ${now}.`,
      })),
    request: {
      ...plan.request,
      // What was forced was forced on the world of then: what the guards say now has to be answered anew.
      force: request.force,
      waitMs: request.waitMs ?? plan.request.waitMs,
    },
  };
}

export const resume: Command = {
  id: "resume",
  danger: "disruptive",
  draft: draftPlan,
};
