/** One group of steps: guards and facts asked again, intents on disk, all changes sent in parallel, each read back. */
import type { Fact, GuardVerdict, PlanStep } from "../../model/operation.ts";
import type { PreflightFacts } from "../../model/preflight.ts";
import { askGuards, selectRefusals } from "../guards/table.ts";
import type { JournalLine } from "../journal/line.ts";
import { buildGuardFacts } from "../plan.ts";
import { buildView, type ClusterView, nameOf } from "../view.ts";
import type { RunContext } from "./context.ts";
import { judgeFacts, lookBound, readSchedulers, readSessionIds, scopeOf } from "./look.ts";
import type { Sending } from "./send.ts";
import { type SentChange, sendAndVerify } from "./step.ts";
import { resolveValues } from "./values.ts";
import { describeWait } from "./waits.ts";

/** Reasons not to begin the group now; nothing of it has been sent. */
export async function checkGroup(
  context: RunContext,
  steps: readonly PlanStep[],
  remaining: readonly PlanStep[],
  known: ClusterView,
  asks: { readonly guards: boolean; readonly preflight: PreflightFacts | null } = { guards: true, preflight: null },
): Promise<readonly GuardVerdict[]> {
  const { ports, limits, plan } = context;
  const scope = scopeOf(steps, known);
  const [cluster, unfinished, sessions, schedulers] = await Promise.all([
    ports.look(scope, lookBound(scope, limits)),
    scope.hosts === undefined ? null : context.refreshUnfinished(),
    readSessionIds(ports, steps, limits.lookMs),
    readSchedulers(
      ports,
      steps.flatMap(({ before }) => before),
      limits.lookMs,
    ),
  ]);
  const view = buildView(cluster);
  const facts = buildGuardFacts(
    {
      settings: ports.settings,
      now: ports.clock.epochMs(),
      sessions,
      stickTables: new Map(),
      preflight: asks.preflight,
      unfinished,
    },
    view,
    remaining,
  );
  // What stick tables there are was told with the plan and does not change without a reload.
  const about = { request: plan.request, steps: remaining, changedSince: [] };
  const guarded = plan.promotion === undefined ? about : { ...about, promotion: plan.promotion };
  const verdicts = asks.guards ? askGuards(facts, guarded, context.guards) : [];
  const refusals = selectRefusals(verdicts, plan.request.force);
  const made = new Set<string>();
  const look = { view, sessions, schedulers };
  // What somebody has changed since is taken back all the same; no node is opened beside one that may be open.
  const mayOverride = plan.request.force && plan.request.command === "undo";
  const changed = steps.flatMap((step): GuardVerdict[] => {
    // What an earlier one of these steps makes true is not so yet.
    const before = step.before.filter((fact) => fact.kind !== "pid" && !made.has(subjectOf(fact)));
    if (steps.some(({ group }) => group !== step.group)) for (const fact of step.after) made.add(subjectOf(fact));
    const finding = judgeFacts(before, look);
    if (mayBeMissing(context, step, finding.holds)) return [];
    if (finding.holds === "true" || (mayOverride && judgeFacts(before.filter(isInterlock), look).holds === "true"))
      return [];
    return [
      {
        guard: "as-planned",
        verdict: finding.holds === "unknown" ? "unknown" : "block",
        subject: step.title,
        message: `It is not as it was when the plan was made: ${finding.now}.`,
        advice: "Plan again.",
        forceable: false,
      },
    ];
  });
  return [...refusals, ...changed];
}

const isInterlock = ({ kind }: Fact) => kind === "writable";

/** What a fact speaks about: the same for all facts that cannot hold at once. */
function subjectOf(fact: Fact): string {
  switch (fact.kind) {
    case "read-only":
    case "writable":
      return `read-only ${fact.node}`;
    case "replication":
    case "follows":
    case "no-channel":
      return `channel ${fact.node} ${fact.channel}`;
    case "pid":
      return `pid ${fact.haproxy}`;
    case "session-gone":
      return `session ${fact.node} ${fact.sessionId}`;
    case "address-at":
      return `address ${fact.address}`;
    case "track-file":
      return `file ${fact.host} ${fact.file}`;
    case "event-scheduler":
    case "semi-sync-source":
    case "applier-checkpoint":
      return `${fact.kind} ${fact.node}`;
    default:
      return `${fact.kind} ${fact.haproxy} ${nameOf(fact)}`;
  }
}

/** In a failover what cannot be asked is left out and told; a planned change of roles begins only when everything is known. */
function mayBeMissing({ promotion }: RunContext, { onFailure }: PlanStep, holds: string): boolean {
  return holds === "unknown" && onFailure === "go-on" && promotion?.plan.mode === "failover";
}

export function expectedPid(step: PlanStep): number | null {
  for (const fact of step.before) if (fact.kind === "pid") return fact.pid;
  return null;
}

/** Bound, trust and interruption that a step gets beside what its change needs. */
export type SendingExtras = Pick<Sending, "limitMs" | "interrupt" | "trusts">;

async function runStep(context: RunContext, step: PlanStep, extras: SendingExtras): Promise<void> {
  const sent = await sendStep(context, step, extras);
  // An unknown outcome leaves its intent as the last word: undo and resume look at the server.
  if (sent.outcome !== "unknown") await context.journal.append([outcomeLine(context, step, sent)]);
}

/** Sends one step and keeps what it has read; the outcome is in the progress, not yet in the journal. */
export async function sendStep(context: RunContext, step: PlanStep, extras: SendingExtras): Promise<SentChange> {
  const { number, change, command, after } = step;
  const { promotion, ports } = context;
  context.updateStep(number, { outcome: "running", startedAt: ports.clock.epochMs() });
  const resolved = resolveValues(change, context.positions);
  const wait = describeWait("missing" in resolved ? change : resolved.change);
  if (wait !== null) promotion?.wait(number, wait);
  const sent = await sendAndVerify(context, step, { change, command, after, pid: expectedPid(step), ...extras });
  if (wait !== null) promotion?.wait(number, null);
  if (sent.value !== null && sent.value !== undefined) context.positions.set(sent.value.role, sent.value.position);
  const { outcome, message, failure } = sent;
  context.updateStep(number, { outcome, message, failure, endedAt: ports.clock.epochMs() });
  return sent;
}

export function outcomeLine(context: RunContext, step: PlanStep, sent: SentChange): JournalLine {
  const error = sent.outcome === "failed" ? sent.message : null;
  return context.line(step, sent.outcome === "done" ? "done" : "failed", {
    error,
    message: sent.message,
    ...(sent.command === null ? {} : { command: sent.command }),
    ...(sent.value == null ? {} : { value: sent.value }),
  });
}

/** Runs all steps at once; each one's outcome is in the progress afterwards. @throws NodeJS.ErrnoException when the journal cannot be written: then nothing was sent */
export async function runGroup(
  context: RunContext,
  steps: readonly PlanStep[],
  extras: (step: PlanStep) => SendingExtras = () => ({}),
): Promise<void> {
  await context.journal.append(steps.map((step) => context.line(step, "intent")));
  const results = await Promise.allSettled(steps.map((step) => runStep(context, step, extras(step))));
  const broken = results.find((result) => result.status === "rejected");
  if (broken !== undefined) throw new JournalLostError(broken.reason);
}

/** The outcome of a change that was made could not be written down; the servers tell it all the same. */
export class JournalLostError extends Error {
  override readonly name = "JournalLostError";

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
