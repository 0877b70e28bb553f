/** resume of a promotion or rejoin: the same steps under the same numbers, some of them done; what was only read is read again. */
import type { HandTask, PlanStep } from "../../../model/operation.ts";
import type { DraftInput, PlanDraft, StepDraft } from "../../commands/command.ts";
import { pidFact } from "../../commands/server-steps.ts";
import { RefusedError } from "../../errors.ts";
import { evaluateFact } from "../../facts/evaluate.ts";
import { type ClusterView, describeSilence } from "../../view.ts";
import { assertFenced, assertStillOut } from "./fenced.ts";
import { type Interrupted, isPassed, wasSent } from "./passed.ts";
import { type Judged, judgeRepeat, type Repeat, selectProof } from "./repeat.ts";
import { describeNow, judgeStandings, type Standing } from "./standing.ts";

function redraft({ step, standing }: Judged, repeat: Repeat, view: ClusterView): StepDraft {
  const { number: _number, command: _command, before, undo, rescue, ...rest } = step;
  const pid = "haproxy" in step.change ? pidFact(view, step.change.haproxy) : [];
  const facts = standing === "between" || standing === "unknown" ? [] : before.filter(({ kind }) => kind !== "pid");
  const bare = <T extends { readonly command: string }>({ command: _text, ...each }: T) => each;
  return {
    ...rest,
    change: repeat.change ?? step.change,
    before: repeat.change === undefined ? [...pid, ...facts] : [],
    undo: undo === null ? null : bare(undo),
    ...(rescue === undefined ? {} : { rescue: rescue.map(bare) }),
    doneBefore: repeat.isDone,
  };
}

/** A planned promotion needs the old primary: without it nobody knows what it had last. */
function assertOldPrimary({ promotion, record }: Interrupted, view: ClusterView): void {
  const { mode, from, to } = promotion;
  if (mode !== "switchover" || from === null || view.report(from) !== null) return;
  const node = view.node(from);
  throw new RefusedError(
    `${from} does not answer (${node === null ? "it is not known" : describeSilence(node.reading)}): ${record.id} cannot be carried on without it.`,
    `When it is dead: \`signalbox promote ${to} --failover\`.`,
  );
}

/** Nodes whose place in the new primary's log was read and is lost: nothing is guessed. */
function selectLost({ record, plan }: Interrupted, standings: ReadonlyMap<number, Standing>): readonly string[] {
  if ((record.positions.open ?? null) !== null) return [];
  return plan.steps.flatMap(({ number, change }) =>
    change.kind === "change-source" &&
    change.position?.kind === "role" &&
    change.position.role === "open" &&
    standings.get(number) !== "stands"
      ? [change.node]
      : [],
  );
}

/**
 * Nodes that follow by coordinates and may have gone on in the log of the old primary since that follows the new one: what they got there would
 * be applied twice. One that stands still exactly where the writes of the old primary ended has its place.
 */
function selectBeyond(
  { record, plan, promotion: { from } }: Interrupted,
  standings: ReadonlyMap<number, Standing>,
  view: ClusterView,
): readonly string[] {
  const moves = plan.steps.flatMap(({ number, change }) =>
    change.kind === "change-source" ? [{ change, standing: standings.get(number) ?? "unknown" }] : [],
  );
  if (!moves.some(({ change, standing }) => change.node === from && standing !== "open")) return [];
  const { file = null, pos = null } = record.positions.stop ?? {};
  return moves.flatMap(({ change: { node, channel, follow }, standing }) => {
    if (follow !== "file" || node === from || standing === "stands") return [];
    const found = view.report(node)?.channels?.find(({ name }) => name === channel);
    const isThere = found?.sql === "no" && file !== null && found.executedFile === file && found.executedPos === pos;
    return isThere ? [] : [node];
  });
}

const whyLost = (to: string): string =>
  `where it would have to follow ${to} from was not written down before the break.`;
const whyBeyond = (from: string | null, to: string): string =>
  `it has gone on behind ${from}, so that its place in the log of ${to} is not known; until then it may stay where it is.`;

function rebuildTask(node: string, to: string, why: string): HandTask {
  return {
    code: "rebuild-node",
    subject: node,
    message: `${node} has to be rebuilt: ${why}`,
    lines: [],
    until: { kind: "follows", node, source: to },
  };
}

/** The point of no return lies ahead: what was read is read again, what was changed and stands is kept. */
function draftAhead(input: DraftInput, interrupted: Interrupted): PlanDraft {
  const { view } = input;
  const { plan, opening } = interrupted;
  assertOldPrimary(interrupted, view);
  const until = opening?.number ?? Number.POSITIVE_INFINITY;
  const isBefore = ({ number }: PlanStep) => number < until;
  const standings = judgeStandings(plan.steps.filter(isBefore), wasSent(interrupted), view);
  const judged = plan.steps.map(
    (step): Judged => ({
      step,
      // Nothing behind the opening can have been sent.
      standing: isBefore(step) ? (standings.get(step.number) ?? null) : "open",
    }),
  );
  const proof = selectProof(judged, interrupted, view);
  const draft = assemble(input, interrupted, judged, (each) => judgeRepeat(each, judged, interrupted, view));
  // Where the log of a returning node ended when it was judged is known from its plan only.
  const judgedAt = interrupted.promotion.mode === "rejoin" ? plan.positions : undefined;
  if (judgedAt !== undefined) return { ...draft, positions: judgedAt };
  return proof === null ? draft : { ...draft, positions: { stop: proof } };
}

/** It lies behind: only forward, with the coordinates of the journal. */
function draftBehind(input: DraftInput, interrupted: Interrupted, opening: PlanStep): PlanDraft {
  const { view } = input;
  const { plan, promotion, record } = interrupted;
  assertFenced(interrupted, opening, view);
  const rest = plan.steps.filter(({ number }) => number > opening.number);
  const standings = judgeStandings(rest, wasSent(interrupted), view);
  const { from, to } = promotion;
  const beyond = selectBeyond(interrupted, standings, view);
  const lost = selectLost(interrupted, standings);
  const tasks = new Map([
    ...beyond.map((node) => [node, rebuildTask(node, to, whyBeyond(from, to))] as const),
    ...lost.map((node) => [node, rebuildTask(node, to, whyLost(to))] as const),
  ]);
  // Sessions that were not seen to be gone hold their clients on a node that takes no writes.
  const isUncut = ({ number, change, after }: PlanStep) =>
    change.kind === "shutdown-sessions" &&
    record.phases.get(number) !== "done" &&
    after.some((fact) => evaluateFact(fact, view).holds !== "true");
  const judged = plan.steps.map(
    (step): Judged => ({
      step,
      standing: step.number > opening.number || isUncut(step) ? (standings.get(step.number) ?? null) : "stands",
    }),
  );
  const draft = assemble(input, interrupted, judged, (each) => judgeRepeat(each, judged, interrupted, view));
  const steps = draft.steps.map((each, index): StepDraft => {
    // Nothing of it may ever be taken back again.
    const step = { ...each, undo: null };
    const isOfLost = step.target.kind === "node" && tasks.has(step.target.node);
    // What needs itself is never begun: the node stays as it is, and is told as left to people.
    return isOfLost && index + 1 > opening.number && step.doneBefore !== true ? { ...step, needs: [index + 1] } : step;
  });
  return {
    ...draft,
    steps,
    promotion: { ...promotion, byHand: [...promotion.byHand, ...tasks.values()] },
    positions: record.positions,
  };
}

function assemble(
  { request, view }: DraftInput,
  { record, plan, promotion }: Interrupted,
  judged: readonly Judged[],
  repeat: (judged: Judged) => Repeat,
): PlanDraft {
  const steps = judged.map((each) => redraft(each, repeat(each), view));
  const done = steps.filter(({ doneBefore }) => doneBefore === true).length;
  const isForeign = ({ step, standing }: Judged) => standing === "between" && "haproxy" in step.change;
  return {
    title: plan.title,
    confirmWord: plan.confirmWord,
    steps,
    notes: [`Carries on ${record.id}: ${done} of ${steps.length} steps stand, the rest is done now.`, ...plan.notes],
    watch: plan.watch,
    concerns: plan.concerns,
    carriesOn: record.id,
    changedSince: judged.filter(isForeign).map(({ step }) => ({
      subject: step.title,
      message: `Step ${step.number} of ${record.id} (${step.title}) is neither done nor as it was before: ${describeNow(step, view)}.`,
    })),
    request: { ...plan.request, force: request.force, waitMs: request.waitMs ?? plan.request.waitMs },
    promotion,
  };
}

/** @throws RefusedError */
export function draftResumeOfPromotion(input: DraftInput, interrupted: Interrupted): PlanDraft {
  const { opening } = interrupted;
  if (opening === null) assertStillOut(interrupted, input.view);
  return opening !== null && isPassed(interrupted, input.view)
    ? draftBehind(input, interrupted, opening)
    : draftAhead(input, interrupted);
}
