/** One group of steps: guards and facts asked again, intents on disk, all changes sent in parallel, each read back. */
import type { GuardVerdict, PlanStep } from "../../model/operation.ts";
import { askGuards, selectRefusals } from "../guards/table.ts";
import { buildGuardFacts } from "../plan.ts";
import { buildView, type ClusterView } from "../view.ts";
import type { RunContext } from "./context.ts";
import { judgeFacts, readSessionIds, scopeOf } from "./look.ts";
import { sendAndVerify } from "./step.ts";

/** Reasons not to begin the group now; nothing of it has been sent. */
export async function checkGroup(
  context: RunContext,
  steps: readonly PlanStep[],
  remaining: readonly PlanStep[],
  known: ClusterView,
): Promise<readonly GuardVerdict[]> {
  const { ports, limits, plan } = context;
  const [cluster, sessions] = await Promise.all([
    ports.look(scopeOf(steps, known), limits.lookMs),
    readSessionIds(ports, steps, limits.lookMs),
  ]);
  const view = buildView(cluster);
  const facts = buildGuardFacts(
    { settings: ports.settings, now: ports.clock.epochMs(), sessions, stickTables: new Map(), preflight: null },
    view,
    remaining,
  );
  // What stick tables there are was told with the plan and does not change without a reload.
  const verdicts = askGuards(facts, { request: plan.request, steps: remaining, changedSince: [] });
  const refusals = selectRefusals(verdicts, plan.request.force);
  const changed = steps.flatMap((step): GuardVerdict[] => {
    const finding = judgeFacts(
      step.before.filter(({ kind }) => kind !== "pid"),
      { view, sessions },
    );
    if (finding.holds === "true" || (plan.request.force && plan.request.command === "undo")) return [];
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

function expectedPid(step: PlanStep): number | null {
  for (const fact of step.before) if (fact.kind === "pid") return fact.pid;
  return null;
}

async function runStep(context: RunContext, step: PlanStep): Promise<void> {
  const { number, change, command, after } = step;
  const { clock } = context.ports;
  context.updateStep(number, { outcome: "running", startedAt: clock.epochMs() });
  const sent = await sendAndVerify(context, step, { change, command, after, pid: expectedPid(step) });
  context.updateStep(number, { ...sent, endedAt: clock.epochMs() });
  // An unknown outcome leaves its intent as the last word: undo and resume look at the server.
  if (sent.outcome === "unknown") return;
  const error = sent.outcome === "failed" ? sent.message : null;
  await context.journal.append([context.line(step, sent.outcome, { error, message: sent.message })]);
}

/** Runs all steps at once; each one's outcome is in the progress afterwards. @throws NodeJS.ErrnoException when the journal cannot be written: then nothing was sent */
export async function runGroup(context: RunContext, steps: readonly PlanStep[]): Promise<void> {
  await context.journal.append(steps.map((step) => context.line(step, "intent")));
  const results = await Promise.allSettled(steps.map((step) => runStep(context, step)));
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
