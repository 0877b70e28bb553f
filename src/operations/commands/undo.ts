/** undo: brings every server back to the state it had before the operation, as far as it is still what the operation made of it. */
import type { AdminState, Change, Fact, PlanStep } from "../../model/operation.ts";
import { describeServer } from "../admin-state.ts";
import { RequestError } from "../errors.ts";
import { evaluateFact } from "../facts/evaluate.ts";
import { isUndoable, needsAttention, type OperationRecord, stepsToTakeBack } from "../journal/record.ts";
import { selectInterrupted } from "../promotion/recover/passed.ts";
import { draftUndoOfPromotion } from "../promotion/recover/undo.ts";
import { type ClusterView, nameOf } from "../view.ts";
import type { Command, DraftInput, PlanDraft, StepDraft } from "./command.ts";
import { pidFact } from "./server-steps.ts";

/** How a step of the journal stands by what the servers say now. */
export type StepStanding = "in-effect" | "as-before" | "changed-since" | "unknown";

const isPid = ({ kind }: Fact) => kind === "pid";

export function judgeStep(
  step: PlanStep,
  view: ClusterView,
): { readonly standing: StepStanding; readonly now: string; readonly isOurs: boolean } {
  const findings = (facts: readonly Fact[]) =>
    facts.filter((fact) => !isPid(fact)).map((fact) => evaluateFact(fact, view));
  const after = findings(step.after);
  const now = after.map((finding) => finding.now).join(", ");
  const own = findings(step.after.filter(({ kind }) => kind === "track-file"));
  // A number in a file of keepalived is ours to take back wherever the address has gone meanwhile.
  const isOurs = own.length > 0 && own.every(({ holds }) => holds === "true");
  if (after.some(({ holds }) => holds === "unknown")) return { standing: "unknown", now, isOurs };
  if (after.every(({ holds }) => holds === "true")) return { standing: "in-effect", now, isOurs: true };
  const before = findings(step.undo?.after ?? step.before);
  if (before.length > 0 && before.every(({ holds }) => holds === "true"))
    return { standing: "as-before", now, isOurs: false };
  return { standing: "changed-since", now, isOurs };
}

function wordOf(change: Change): string {
  switch (change.kind) {
    case "server-state":
      return `${change.state satisfies AdminState} ${nameOf(change)}`;
    case "server-weight":
      return `weight ${change.weight} for ${nameOf(change)}`;
    case "replication":
      return `${change.action} replication of ${change.node}`;
    case "read-only":
      return `${change.on ? "make" : "open"} ${change.node} ${change.on ? "read-only" : "for writes"}`;
    case "move-address":
      return change.means.by === "keepalived"
        ? `${change.means.value} in ${change.means.file}`
        : `${change.to} has ${change.address}`;
    default:
      return change.kind;
  }
}

/** Facts that must still be so: of a number in a file that it is there. */
function selectStanding({ after }: PlanStep): readonly Fact[] {
  const files = after.filter(({ kind }) => kind === "track-file");
  return files.length > 0 ? files : after;
}

function foundNow(change: Change, view: ClusterView, fallback: string): string {
  if (!("haproxy" in change)) return fallback;
  const server = view.find(change.haproxy, change.backend, change.server);
  return server === null ? "not known" : describeServer(server.server);
}

/** Later groups are taken back first. */
function draftSteps(steps: readonly PlanStep[], view: ClusterView): StepDraft[] {
  const groups = [...new Set(steps.map(({ group }) => group))].sort((a, b) => b - a);
  return groups.flatMap((group, index) =>
    steps
      .filter((step) => step.group === group)
      .flatMap((step): StepDraft[] => {
        if (step.undo === null) return [];
        const { change } = step.undo;
        return [
          {
            group: index + 1,
            title: `back to: ${wordOf(change)}`,
            target: change.kind === "move-address" ? { kind: "host", host: change.host } : step.target,
            change,
            before: [...("haproxy" in change ? pidFact(view, change.haproxy) : []), ...selectStanding(step)],
            after: step.undo.after,
            undo: { change: step.change, after: step.after },
            ...(change.kind === "move-address" && step.limitMs !== undefined ? { limitMs: step.limitMs } : {}),
            found: foundNow(change, view, step.after.map((fact) => evaluateFact(fact, view).now).join(", ")),
          },
        ];
      }),
  );
}

const movesAddress = ({ change }: PlanStep) => change.kind === "move-address";

function selectRecord(record: OperationRecord | null, wanted: string | null): OperationRecord {
  if (record === null) {
    const what =
      wanted === null ? "No operation is in the journal that could be taken back." : `No operation ${wanted}.`;
    throw new RequestError("operationId", `${what} \`signalbox operations\` lists them.`);
  }
  if (record.undoneBy !== null) {
    throw new RequestError("operationId", `${record.id} was taken back already by ${record.undoneBy}.`);
  }
  if (record.state === "running" || record.state === "draining") {
    throw new RequestError(
      "operationId",
      `${record.id} still runs (${record.operator} on ${record.host}): stop it first.`,
    );
  }
  // One that moves writes, or the address, is ended by it also where nothing has a way back: else it would wait for ever.
  const isOpen = (record.plan?.promotion !== undefined || stepsToTakeBack(record).length > 0) && needsAttention(record);
  if (!isUndoable(record) && !isOpen) {
    throw new RequestError(
      "operationId",
      `${record.id} (${record.title}) has changed nothing that could be taken back.`,
    );
  }
  return record;
}

function draftPlan(input: DraftInput): PlanDraft {
  const { request, view, record: found } = input;
  const record = selectRecord(found, request.operationId);
  const interrupted = selectInterrupted(record);
  if (interrupted !== null) return draftUndoOfPromotion(input, interrupted);
  const judged = stepsToTakeBack(record).map((step) => ({ step, ...judgeStep(step, view) }));
  const open = judged.filter(({ step, standing }) => step.undo !== null && standing !== "as-before");
  const notes = judged
    .filter(({ standing }) => standing === "as-before")
    .map(({ step, now }) => `Step ${step.number} (${step.title}) is as it was before: ${now}.`);
  for (const { step } of judged) {
    if (step.undo === null && step.change.kind !== "probe-writer")
      notes.push(`Step ${step.number} (${step.title}) cannot be taken back.`);
  }
  return {
    title: `Take back ${record.id}: ${record.title}`,
    confirmWord: record.plan?.confirmWord ?? "",
    steps: draftSteps(
      open.map(({ step }) => step),
      view,
    ),
    notes,
    watch: [],
    concerns: record.id,
    changedSince: [
      ...open
        .filter(({ standing, isOurs }) => standing === "changed-since" && !isOurs)
        .map(({ step, now }) => ({
          subject: step.title,
          message: `Step ${step.number} of ${record.id} (${step.title}) no longer stands: ${now}.`,
        })),
      ...judged
        .filter(({ step, standing }) => step.undo === null && movesAddress(step) && standing !== "as-before")
        .map(({ step, now }) => ({
          subject: step.title,
          message: `Step ${step.number} of ${record.id} (${step.title}) cannot be taken back from here, and it is not as it was before: ${now}.`,
        })),
    ],
  };
}

export const undo: Command = {
  id: "undo",
  danger: "disruptive",
  draft: draftPlan,
};
