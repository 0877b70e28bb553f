/** From a request to a plan: pure, so that the same request on the same picture always gives the same plan. */
import { createHash } from "node:crypto";
import type { Change, CommandRequest, Plan, PlanStep } from "../model/operation.ts";
import type { PreflightFacts } from "../model/preflight.ts";
import type { EpochMs } from "../model/reading.ts";
import type { ClusterSettings } from "../model/settings.ts";
import type { ClusterSnapshot } from "../model/snapshot.ts";
import type { PlanDraft, StepDraft } from "./commands/command.ts";
import { COMMANDS } from "./commands/table.ts";
import type { SessionIds } from "./facts/evaluate.ts";
import type { GuardFacts } from "./guards/guard.ts";
import { isReadOnlySource } from "./guards/level.ts";
import { createPrediction } from "./guards/predict.ts";
import { askGuards } from "./guards/table.ts";
import type { OperationRecord } from "./journal/record.ts";
import { buildView, type ClusterView } from "./view.ts";

export interface PlanInput {
  readonly request: CommandRequest;
  readonly cluster: ClusterSnapshot;
  readonly settings: ClusterSettings;
  readonly now: EpochMs;
  /** For the id of the plan: four hexadecimal digits. */
  readonly random: () => string;
  /** Journal entry that undo and resume are about; null for all others. */
  readonly record: OperationRecord | null;
  readonly sessions: SessionIds;
  readonly stickTables: ReadonlyMap<string, readonly string[]>;
  /** Null for all commands but promote and rejoin, and undo and resume of those. */
  readonly preflight: PreflightFacts | null;
  /** As in GuardFacts. */
  readonly unfinished?: readonly string[] | null;
  /** Exactly what a driver would send. */
  readonly commandText: (change: Change, cluster: ClusterSnapshot) => string;
}

/** @throws TargetError, RequestError */
export function buildPlan(input: PlanInput): Plan {
  const { request, cluster, now } = input;
  const command = COMMANDS[request.command];
  const view = buildView(cluster);
  const draft = command.draft({
    request,
    view,
    now,
    record: input.record,
    settings: input.settings,
    preflight: input.preflight,
  });
  const { drafts, leftOut } = leaveOutPages(draft.steps, request, view);
  const steps = drafts.map((step, index) => buildStep(step, index + 1, input));
  const doneBefore = drafts.flatMap(({ doneBefore: done }, index) => (done === true ? [index + 1] : []));
  const carried = draft.request ?? request;
  const pending = steps.filter(({ number }) => !doneBefore.includes(number));
  const guards = askGuards(buildGuardFacts(input, view, pending), {
    request: carried,
    steps: pending,
    changedSince: draft.changedSince ?? [],
    ...(draft.promotion === undefined ? {} : { promotion: draft.promotion }),
  });
  return {
    id: draft.carriesOn ?? buildId(input, draft),
    at: now,
    cluster: cluster.name,
    request: carried,
    title: draft.title,
    danger: COMMANDS[carried.command].danger,
    confirmWord: draft.confirmWord,
    steps,
    guards,
    notes: [...leftOut.map((name) => `${name} is left out: ${describeReadOnly(view, name)}.`), ...draft.notes],
    // Left out, it goes on as before: its sessions are none that leave.
    watch: draft.watch.filter(({ haproxy }) => !leftOut.includes(haproxy)),
    fingerprint: fingerprintOf(steps, doneBefore, draft.promotion?.knownLoss ?? null),
    concerns: draft.concerns ?? null,
    carriesOn: draft.carriesOn !== undefined,
    doneBefore,
    ...(draft.uncounted === undefined ? {} : { uncounted: draft.uncounted }),
    ...(draft.promotion === undefined ? {} : { promotion: draft.promotion }),
    ...(draft.positions === undefined ? {} : { positions: draft.positions }),
  };
}

/** A stats page, or an admin that can only be read, cannot be changed: forced, a plan goes on without it. */
function leaveOutPages(
  drafts: readonly StepDraft[],
  { force }: CommandRequest,
  view: ClusterView,
): { readonly drafts: readonly StepDraft[]; readonly leftOut: readonly string[] } {
  const pages = view.cluster.haproxies.flatMap(({ name, reading }) =>
    force && reading.state === "fresh" && isReadOnlySource(reading.value) ? [name] : [],
  );
  const pageOf = ({ target }: StepDraft) =>
    target.kind === "haproxy" && pages.includes(target.haproxy) ? target.haproxy : null;
  const kept = drafts.filter((draft) => pageOf(draft) === null);
  if (kept.length === 0 || kept.length === drafts.length) return { drafts, leftOut: [] };
  const leftOut = [...new Set(drafts.flatMap((draft) => pageOf(draft) ?? []))];
  return { drafts: renumber(drafts, kept), leftOut };
}

function describeReadOnly(view: ClusterView, name: string): string {
  const reading = view.haproxy(name)?.reading;
  const isPage = reading?.state === "fresh" && reading.value.source === "stats-page";
  return isPage ? "only its stats page is known" : "its admin can only be read";
}

/** What a step needs is named by number: with steps left out, the numbers are others. */
function renumber(drafts: readonly StepDraft[], kept: readonly StepDraft[]): readonly StepDraft[] {
  const numbers = new Map(kept.map((draft, index) => [drafts.indexOf(draft) + 1, index + 1]));
  return kept.map((draft) =>
    draft.needs === undefined ? draft : { ...draft, needs: draft.needs.flatMap((number) => numbers.get(number) ?? []) },
  );
}

export function buildGuardFacts(
  input: Pick<PlanInput, "settings" | "now" | "sessions" | "stickTables" | "preflight" | "unfinished">,
  view: ClusterView,
  pending: readonly { readonly change: Change }[],
): GuardFacts {
  const { settings, now, sessions, stickTables, preflight, unfinished = null } = input;
  const after = createPrediction(
    view,
    pending.map(({ change }) => change),
  );
  return { settings, view, now, sessions, stickTables, preflight, unfinished, after };
}

function buildStep(draft: StepDraft, number: number, { commandText, cluster }: PlanInput): PlanStep {
  const { doneBefore: _done, undo, rescue, ...rest } = draft;
  const withText = <T extends { readonly change: Change }>(each: T) => ({
    ...each,
    command: commandText(each.change, cluster),
  });
  return {
    ...rest,
    number,
    command: commandText(draft.change, cluster),
    undo: undo === null ? null : withText(undo),
    ...(rescue === undefined ? {} : { rescue: rescue.map(withText) }),
  };
}

/** `20261120T153102-drain-db2-3f9a`: sortable by time, readable, unique. */
function buildId({ now, request, random }: PlanInput, draft: PlanDraft): string {
  const stamp = new Date(now).toISOString().slice(0, 19).replaceAll(/[-:]/g, "");
  const about = draft.confirmWord.replaceAll(/[^A-Za-z0-9.-]/g, "-").slice(0, 40);
  return [stamp, request.command, about, random()].filter((part) => part !== "").join("-");
}

/** @param knownLoss what is given up was agreed to as it was shown: when it is another by now it is asked again */
function fingerprintOf(steps: readonly PlanStep[], doneBefore: readonly number[], knownLoss: string | null): string {
  const essence = steps.map(({ number, group, target, command, before }) => ({
    group,
    target,
    command,
    before,
    done: doneBefore.includes(number),
  }));
  const all = knownLoss === null ? essence : { essence, knownLoss };
  return createHash("sha256").update(JSON.stringify(all)).digest("hex").slice(0, 16);
}
