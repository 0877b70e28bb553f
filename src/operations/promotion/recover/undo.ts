/** undo of a promotion or rejoin: back in the order that never opens two nodes, or, once the new primary was open, a promotion back. */
import type { Change, PlanStep } from "../../../model/operation.ts";
import type { DraftInput, PlanDraft, StepDraft } from "../../commands/command.ts";
import { pidFact } from "../../commands/server-steps.ts";
import { RefusedError } from "../../errors.ts";
import { needsAttention } from "../../journal/record.ts";
import type { ClusterView } from "../../view.ts";
import { draftSwitchover } from "../plan/switchover.ts";
import { channelTo } from "../variant.ts";
import { type Interrupted, isPassed, wasSent } from "./passed.ts";
import { describeNow, isBroughtBack, judgeStandings, type Standing } from "./standing.ts";

interface Back {
  readonly step: PlanStep;
  readonly undo: NonNullable<PlanStep["undo"]>;
  readonly standing: Standing;
}

/** Ascending rank, equal ranks together; those without one afterwards, last group first. */
function orderBack(steps: readonly Back[]): readonly (readonly Back[])[] {
  const keyOf = ({ step, undo }: Back): readonly [number, number] =>
    undo.rank === undefined ? [Number.POSITIVE_INFINITY, -step.group] : [undo.rank, 0];
  const groups = new Map<string, { readonly key: readonly [number, number]; readonly steps: Back[] }>();
  for (const back of steps) {
    const key = keyOf(back);
    const group = groups.get(key.join(" ")) ?? { key, steps: [] };
    group.steps.push(back);
    groups.set(key.join(" "), group);
  }
  const compare = (a: number, b: number) => (a === b ? 0 : a < b ? -1 : 1);
  return [...groups.values()]
    .sort((a, b) => compare(a.key[0], b.key[0]) || compare(a.key[1], b.key[1]))
    .map((group) => group.steps);
}

const opens = (change: Change): change is Extract<Change, { readonly kind: "read-only" }> =>
  change.kind === "read-only" && !change.on;

/** A node is opened again only while the candidate is read to be read-only, whatever the plan of then says. */
function interlock({ promotion, opening }: Interrupted, change: Change): StepDraft["before"] {
  if (!opens(change) || opening === null || change.node === promotion.to) return [];
  return [{ kind: "writable", node: promotion.to, is: false }];
}

function draftBack(
  interrupted: Interrupted,
  view: ClusterView,
  { step, undo, standing }: Back,
  group: number,
): StepDraft {
  const { change, after, before = [] } = undo;
  const lock = interlock(interrupted, change).filter(
    (fact) => !before.some((known) => JSON.stringify(known) === JSON.stringify(fact)),
  );
  return {
    group,
    title: `take back: ${step.title}`,
    target: step.target,
    change,
    before: [
      ...("haproxy" in change ? pidFact(view, change.haproxy) : []),
      ...(standing === "stands" ? step.after : []),
      ...before,
      ...lock,
    ],
    after,
    undo: null,
    found: describeNow(step, view),
  };
}

/**
 * A third node that somebody has promoted since: it alone gets the writes, and both nodes of this operation follow it, read-only. Null: there is
 * none. Who gets the writes is settled then, and without this the operation could never be ended.
 */
function findSuccessor({ promotion: { from, to }, record }: Interrupted, view: ClusterView): string | null {
  const [successor, second] = view.cluster.writer?.expected ?? [];
  if (successor === undefined || second !== undefined || from === null || !needsAttention(record)) return null;
  const follows = (node: string) => view.report(node)?.readOnly === true && channelTo(view, node, successor) !== null;
  const isSettled = view.report(successor)?.readOnly === false && [from, to].every(follows);
  return isSettled ? successor : null;
}

const movesWrites = (change: Change, backend: string | null) =>
  opens(change) || (change.kind === "server-state" && change.backend === backend);

function draftWayBack(input: DraftInput, interrupted: Interrupted): PlanDraft {
  const { view } = input;
  const { record, plan, promotion, opening } = interrupted;
  const steps = opening === null ? plan.steps : plan.steps.filter(({ number }) => number < opening.number);
  const standings = judgeStandings(steps, wasSent(interrupted), view);
  const begun = steps.flatMap((step) => {
    const standing = standings.get(step.number) ?? "open";
    return standing === "open" ? [] : [{ step, standing }];
  });
  const successor = findSuccessor(interrupted, view);
  const back = begun
    .flatMap(({ step, standing }): Back[] =>
      step.undo === null || isBroughtBack(step, steps, standings, view) ? [] : [{ step, undo: step.undo, standing }],
    )
    .filter(({ undo }) => successor === null || !movesWrites(undo.change, promotion.writerBackend));
  const stays = begun.filter(({ step }) => step.undo === null);
  // A node half-way is ours; a server in a third state was put there by somebody.
  const foreign = back.filter(({ step, standing }) => standing === "between" && "haproxy" in step.change);
  return {
    title: `Take back ${record.id}: ${record.title}`,
    confirmWord: plan.confirmWord,
    steps: orderBack(back).flatMap((group, index) =>
      group.map((each) => draftBack(interrupted, view, each, index + 1)),
    ),
    notes: [
      ...stays.map(({ step }) => `Step ${step.number} (${step.title}) stays.`),
      ...(successor === null ? [] : [`${successor} has been promoted since: who gets the writes stays as it is.`]),
      ...(promotion.mode === "rejoin" ? [`${promotion.from} is not opened for writes by this.`] : []),
    ],
    watch: [],
    concerns: record.id,
    changedSince: foreign.map(({ step }) => ({
      subject: step.title,
      message: `Step ${step.number} of ${record.id} (${step.title}) no longer stands: ${describeNow(step, view)}.`,
    })),
  };
}

/** Once it may have taken writes, only a promotion back keeps them. @throws RefusedError */
function draftWayForward(input: DraftInput, { record, promotion }: Interrupted): PlanDraft {
  const { view } = input;
  const { from, to } = promotion;
  const report = view.report(from);
  const channel = from === null ? null : channelTo(view, from, to);
  const isHealthy =
    from !== null && report?.readOnly === true && channel !== null && channel.io === "yes" && channel.sql === "yes";
  if (!isHealthy) {
    const why =
      report === null
        ? `${from ?? "the old primary"} does not answer`
        : channel === null
          ? `${from} does not follow ${to}`
          : `${from} is ${report.readOnly === true ? "no healthy replica" : "not read-only"} now`;
    throw new RefusedError(
      `${to} has been open for writes: taking ${record.id} back means to promote ${from ?? "the old primary"} again, and ${why}.`,
      record.state === "done"
        ? `Bring it back first: \`signalbox rejoin ${from ?? "NODE"}\`.`
        : `Finish it first: \`signalbox resume ${record.id}\`.`,
    );
  }
  const request = {
    ...input.request,
    command: "promote",
    targets: [from],
    promotion: { failover: false, acceptLoss: false },
  } as const;
  const draft = draftSwitchover({ ...input, request });
  return { ...draft, title: `Take back ${record.id}: ${draft.title}`, concerns: record.id };
}

/** @throws RefusedError, TargetError */
export function draftUndoOfPromotion(input: DraftInput, interrupted: Interrupted): PlanDraft {
  const { view } = input;
  if (findSuccessor(interrupted, view) !== null) return draftWayBack(input, interrupted);
  return isPassed(interrupted, view) ? draftWayForward(input, interrupted) : draftWayBack(input, interrupted);
}
