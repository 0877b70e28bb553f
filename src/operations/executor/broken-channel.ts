/**
 * A change of the source that is cut off half-way can leave a channel that MySQL cannot start, however often it is changed again, until it is
 * forgotten as a whole (measured on 9.7).
 */
import { UNREADABLE_CHANNEL } from "../../drivers/errors.ts";
import type { PlanStep } from "../../model/operation.ts";
import type { RunContext } from "./context.ts";
import { outcomeLine, sendStep } from "./group.ts";
import type { SentChange } from "./step.ts";

type SourceStep = PlanStep & { readonly change: Extract<PlanStep["change"], { readonly kind: "change-source" }> };

/** The step of the same plan that has given the channel its source, and can do so again; null: that is not what is wrong. */
export function selectSourceStep(
  { plan, outcome }: { readonly plan: Pick<RunContext["plan"], "steps">; readonly outcome: (number: number) => string },
  { number, change }: PlanStep,
  { failure }: Pick<SentChange, "failure">,
): SourceStep | null {
  if (change.kind !== "replication" || change.action !== "start" || !UNREADABLE_CHANNEL.has(failure?.serverCode))
    return null;
  for (const step of plan.steps) {
    const { change: each } = step;
    if (each.kind !== "change-source" || each.node !== change.node || each.channel !== change.channel) continue;
    // What it had received is thrown away by the change of its source anyway.
    if (step.number < number && outcome(step.number) === "done") return { ...step, change: each };
  }
  return null;
}

/** Forgets the channel and gives it its source again; false when that did not work either. @throws NodeJS.ErrnoException of the journal */
export async function renewChannel(context: RunContext, step: SourceStep): Promise<boolean> {
  const { ports, limits, journal } = context;
  const { node, channel } = step.change;
  const message = "done again: the server could not read its channel, which is forgotten first";
  await journal.append([context.line(step, "intent", { message })]);
  const bounds = { signal: new AbortController().signal, timeoutMs: limits.sendMs };
  try {
    const keepsLogin = step.change.login.kind === "keep";
    await ports.send({ kind: "reset-replication", node, channel, keepsLogin }, { pid: null, command: null }, bounds);
  } catch {
    return false;
  }
  const own = step.limitMs === undefined ? {} : { limitMs: step.limitMs };
  const sent = await sendStep(context, step, { ...own, trusts: "node" });
  if (sent.outcome !== "unknown") await journal.append([outcomeLine(context, step, sent)]);
  return sent.outcome === "done";
}
