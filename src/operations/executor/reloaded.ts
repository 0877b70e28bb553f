/** A HAProxy that was reloaded when there is only forward: its new process knows nothing of what the plan has told the old one. */
import type { PlanStep } from "../../model/operation.ts";
import { pidFact } from "../commands/server-steps.ts";
import { gateServer } from "../promotion/server-steps.ts";
import { buildView, type ClusterView, nameOf, type ServerView } from "../view.ts";
import type { RunContext } from "./context.ts";
import { expectedPid } from "./group.ts";
import { sendAndVerify } from "./step.ts";

/** What counts is the last thing a server was told, and that its sessions were cut. */
function selectTold(context: RunContext, haproxy: string, before: PlanStep): readonly PlanStep[] {
  const last = new Map<string, PlanStep>();
  for (const step of context.plan.steps) {
    const { number, change } = step;
    if (number >= before.number || context.outcome(number) !== "done") continue;
    if ("haproxy" in change && change.haproxy === haproxy) last.set(`${change.kind} ${nameOf(change)}`, step);
  }
  return [...last.values()];
}

/** What the plan found out of rotation is in again with the new process: whoever else could get the writes is kept from them as well. */
function selectForgotten(context: RunContext, step: PlanStep, view: ClusterView): readonly PlanStep[] {
  const { plan, promotion } = context;
  const { change } = step;
  if (promotion === null || change.kind !== "server-state" || change.state !== "ready") return [];
  const { to, writerBackend } = promotion.plan;
  if (change.backend !== writerBackend) return [];
  const isTold = (server: ServerView) =>
    plan.steps.some(
      ({ number, change: told }) =>
        told.kind === "server-state" &&
        told.haproxy === server.haproxy &&
        nameOf(told) === nameOf(server.server) &&
        context.outcome(number) === "done",
    );
  const others = view.inBackend(change.haproxy, change.backend).filter((each) => each.node !== to && !isTold(each));
  return others
    .flatMap((server) => gateServer(view, server))
    .map(({ title, change: gate, after }) => ({
      ...step,
      title,
      change: gate,
      command: context.ports.commandText(gate, view.cluster),
      before: [],
      after,
    }));
}

/**
 * Tells the process that answers now what the one before was told, in the order of the plan. Returns the step as it has to be sent to it: the
 * same one where nothing was reloaded, or nobody answers.
 */
export async function renewProcess(context: RunContext, step: PlanStep): Promise<PlanStep> {
  const { ports, limits, journal } = context;
  const { target } = step;
  const known = expectedPid(step);
  if (target.kind !== "haproxy" || known === null) return step;
  const view = buildView(await ports.look({ haproxies: [target.haproxy], nodes: [] }, limits.lookMs));
  const [now] = pidFact(view, target.haproxy);
  if (now?.kind !== "pid" || now.pid === known) return step;
  const forgotten = selectForgotten(context, step, view);
  journal.appendSoon(forgotten.map((each) => context.line(each, "intent")));
  for (const each of [...selectTold(context, target.haproxy, step), ...forgotten]) {
    const { change, command, after } = each;
    const sent = await sendAndVerify(context, each, {
      change,
      command,
      after,
      pid: now.pid,
      limitMs: limits.sendMs,
      trusts: "both",
    });
    // What it does not take is found by the last look of the operation.
    const message = `told again, ${target.haproxy} was reloaded: ${sent.message}`;
    if (sent.outcome === "done" && each.number !== step.number)
      journal.appendSoon([context.line(each, "done", { message })]);
  }
  return { ...step, before: step.before.map((fact) => (fact.kind === "pid" ? now : fact)) };
}
