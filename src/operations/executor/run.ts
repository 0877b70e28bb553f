/** The one way a plan is carried out: groups in order, and whatever happens, an end that says what is changed and what is not. */
import type { GuardVerdict, OperationProgress, PlanStep } from "../../model/operation.ts";
import { describeServer } from "../admin-state.ts";
import { pidFact } from "../commands/server-steps.ts";
import { draftShutdown } from "../commands/shutdown-sessions.ts";
import { ownIdentity } from "../journal/process-identity.ts";
import { buildView } from "../view.ts";
import type { RunContext } from "./context.ts";
import { describeLeft, followDrain } from "./drain.ts";
import { describeFailed, end, endByTakingBack, endRefused, quote, stepsWith, wayOn } from "./end.ts";
import { checkGroup, JournalLostError, runGroup } from "./group.ts";
import { runPromotion } from "./promotion-run.ts";

type GroupsEnd =
  | { readonly kind: "all-done" }
  | { readonly kind: "refused"; readonly refusals: readonly GuardVerdict[] }
  | { readonly kind: "failed"; readonly steps: readonly PlanStep[] }
  | { readonly kind: "stopped" };

async function runGroups(context: RunContext): Promise<GroupsEnd> {
  for (;;) {
    const remaining = stepsWith(context, "pending");
    const [next] = remaining;
    if (next === undefined) return { kind: "all-done" };
    if (context.signal.aborted) return { kind: "stopped" };
    const group = remaining.filter((step) => step.group === next.group);
    const known = buildView(await context.ports.look({ haproxies: [], nodes: [] }, context.limits.lookMs));
    const refusals = await checkGroup(context, group, remaining, known);
    if (refusals.length > 0) return { kind: "refused", refusals };
    if (context.signal.aborted) return { kind: "stopped" };
    await runGroup(context, group, ({ limitMs }) => (limitMs === undefined ? {} : { limitMs }));
    const failed = group.filter(({ number }) => context.outcome(number) !== "done");
    if (failed.length > 0) return { kind: "failed", steps: failed };
  }
}

/** What a person chooses, or the rule for scripts: take back. */
async function endFailed(context: RunContext, steps: readonly PlanStep[]): Promise<OperationProgress | "retry"> {
  const why = `${describeFailed(context, steps)}.`;
  const done = stepsWith(context, "done");
  if (context.decide !== null && done.length + stepsWith(context, "unknown").length > 0) {
    const text = `${why} Done: ${quote(done) || "nothing for certain"}.`;
    const question = { kind: "partly-failed", text, choices: ["retry", "undo", "keep"] } as const;
    context.update({ question, summary: text });
    const choice = await context.decide(question, context.signal);
    context.update({ question: null });
    if (choice === "retry") {
      for (const { number } of steps) context.updateStep(number, { outcome: "pending", message: null, failure: null });
      return "retry";
    }
    if (choice === "keep") return end(context, "unfinished", `${text} Kept as it is. ${wayOn(context.plan.id)}`);
  }
  return endByTakingBack(context, why);
}

/** Adds steps that cut what is left on the drained servers, to the plan and to the journal. */
async function appendShutdown(context: RunContext): Promise<void> {
  const { plan, ports, limits } = context;
  const haproxies = [...new Set(plan.watch.map(({ haproxy }) => haproxy))];
  const cluster = await ports.look({ haproxies, nodes: [] }, limits.lookMs);
  const view = buildView(cluster);
  const group = Math.max(0, ...plan.steps.map((step) => step.group)) + 1;
  const first = plan.steps.length + 1;
  const servers = plan.watch
    .flatMap(({ haproxy, backend, server }) => view.find(haproxy, backend, server) ?? [])
    .filter(({ server }) => server.sessions !== 0);
  const steps = servers.map((server, index): PlanStep => {
    const { title, change, after } = draftShutdown(server);
    return {
      number: first + index,
      group,
      title,
      target: { kind: "haproxy", haproxy: server.haproxy },
      change,
      command: ports.commandText(change, cluster),
      before: pidFact(view, server.haproxy),
      after,
      undo: null,
      found: describeServer(server.server),
    };
  });
  context.plan = { ...plan, steps: [...plan.steps, ...steps] };
  const empty = { outcome: "pending", startedAt: null, endedAt: null, message: null, failure: null } as const;
  const progress = [...context.progress.steps, ...steps.map(({ number }) => ({ number, ...empty }))];
  await context.journal.append([context.line(null, "intent", { plan: context.plan, process: ownIdentity() })]);
  context.update({ plan: context.plan, steps: progress, state: "running" });
}

/** After all steps: waits for empty servers where that was asked for. Null: cut the sessions or wait on, as chosen. */
async function finish(context: RunContext): Promise<OperationProgress | "again"> {
  const { plan } = context;
  const { waitMs } = plan.request;
  if (waitMs === null || plan.watch.length === 0) {
    const how = plan.steps.length === 0 ? "nothing had to be changed" : "done and verified";
    return end(context, "done", `${plan.title}: ${how}.`);
  }
  const result = await followDrain(context, waitMs);
  switch (result.kind) {
    case "empty":
      return end(context, "done", `${plan.title}: done and verified, ${result.where}.`);
    case "lost":
      return end(context, "unfinished", `${result.what}. ${wayOn(plan.id)}`);
    case "stopped":
      return end(
        context,
        "unfinished",
        `Stopped waiting; everything stays drained, ${describeLeft(result.left)}. ${wayOn(plan.id)}`,
      );
    case "deadline":
      return atDeadline(context, result.left);
  }
}

async function atDeadline(context: RunContext, left: number | null): Promise<OperationProgress | "again"> {
  const { plan } = context;
  const text = `After ${Math.round((plan.request.waitMs ?? 0) / 1000)} s ${describeLeft(left)}.`;
  if (context.decide !== null) {
    const question = {
      kind: "sessions-remain",
      text,
      choices: ["shutdown-sessions", "wait-longer", "keep", "undo"],
    } as const;
    context.update({ question, summary: text });
    const choice = await context.decide(question, context.signal);
    context.update({ question: null });
    if (choice === "wait-longer") return "again";
    if (choice === "undo") return endByTakingBack(context, text);
    if (choice === "shutdown-sessions") {
      await appendShutdown(context);
      return "again";
    }
  }
  const target = plan.request.targets.join(" ");
  const cut = `\`signalbox shutdown-sessions ${target}\` cuts them`;
  return end(context, "unfinished", `${text} Everything stays drained. ${cut}; ${wayOn(plan.id)}`);
}

/** Runs a plan to its end; never rejects for what a server does. */
export async function runPlan(context: RunContext): Promise<OperationProgress> {
  try {
    await context.journal.append([context.line(null, "intent", { plan: context.plan, process: ownIdentity() })]);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const summary = `The journal cannot be written (${why}): nothing was changed.`;
    return context.update({ state: "refused", summary, endedAt: context.ports.clock.epochMs() });
  }
  context.update({});
  for (;;) {
    const result = await runOnce(context);
    if (result !== "again") return result;
  }
}

async function runOnce(context: RunContext): Promise<OperationProgress | "again"> {
  try {
    if (context.promotion !== null) return await runPromotion(context);
    const groups = await runGroups(context);
    switch (groups.kind) {
      case "all-done":
        return await finish(context);
      case "refused":
        return await endRefused(context, groups.refusals);
      case "stopped":
        return await endByTakingBack(context, "Stopped between two steps.");
      case "failed": {
        const result = await endFailed(context, groups.steps);
        return result === "retry" ? "again" : result;
      }
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const what = error instanceof JournalLostError ? "The journal could not be written after a change" : "It broke off";
    context.endQuiet();
    return endByTakingBack(context, `${what} (${why}).`).catch(() =>
      context.update({
        state: "unfinished",
        summary: `${what} (${why}). ${wayOn(context.plan.id)}`,
        endedAt: context.ports.clock.epochMs(),
      }),
    );
  }
}
