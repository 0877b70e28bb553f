/** What is done instead when a step failed for good, e.g. a node that cannot follow leaves the readers, as long as they have another one. */

import type { PlanStep } from "../../model/operation.ts";
import { selectChangeSubject } from "../../model/plan-subject.ts";
import { isUsable } from "../../model/writer-route.ts";
import { pidFact } from "../commands/server-steps.ts";
import { createPrediction } from "../guards/predict.ts";
import { takesOut } from "../guards/selectors.ts";
import { buildView, type ClusterView, nameOf } from "../view.ts";
import type { RunContext } from "./context.ts";
import { sendAndVerify } from "./step.ts";

type Rescue = NonNullable<PlanStep["rescue"]>[number];

/** One after the other, so that each is judged by what the one before has left. */
export async function rescue(context: RunContext, step: PlanStep): Promise<void> {
  for (const each of step.rescue ?? []) await queue(context, () => rescueOne(context, step, each));
}

/** Steps fail side by side; two of them must not take the last two readers out at once. */
const queues = new WeakMap<RunContext, Promise<void>>();

function queue(context: RunContext, job: () => Promise<void>): Promise<void> {
  const next = (queues.get(context) ?? Promise.resolve()).then(job, job);
  queues.set(context, next);
  return next;
}

async function rescueOne(context: RunContext, failed: PlanStep, { change, command, after }: Rescue): Promise<void> {
  const { ports, limits, journal, promotion } = context;
  const subject = selectChangeSubject(change);
  const target =
    "haproxy" in change ? ({ kind: "haproxy", haproxy: subject } as const) : ({ kind: "node", node: subject } as const);
  const scope = target.kind === "haproxy" ? { haproxies: [subject], nodes: [] } : { haproxies: [], nodes: [subject] };
  const view = buildView(await ports.look(scope, limits.lookMs));
  const tell = (message: string, lines: readonly string[]) =>
    promotion?.addHandTask({ code: "reader-out", subject, message, lines });
  const left = describeLast(view, change);
  if (left !== null) {
    tell(`${left}; ${failed.title} failed.`, [command]);
    return;
  }
  // A plain step, so that it is sent and read back like any other.
  const step: PlanStep = {
    ...failed,
    number: 0,
    title: `instead of: ${failed.title}`,
    target,
    change,
    command,
    after,
    before: [],
    undo: null,
  };
  const [fact] = target.kind === "haproxy" ? pidFact(view, target.haproxy) : [];
  const pid = fact?.kind === "pid" ? fact.pid : null;
  await journal.append([context.line(step, "intent", { rescue: change })]);
  const sent = await sendAndVerify(context, step, { change, command, after, pid });
  if (sent.outcome !== "unknown") {
    const error = sent.outcome === "failed" ? sent.message : null;
    await journal.append([context.line(step, sent.outcome, { rescue: change, message: sent.message, error })]);
  }
  const name = "haproxy" in change ? nameOf(change) : subject;
  const words =
    sent.outcome === "done"
      ? `${name} was taken out on ${subject}`
      : `${name} could not be taken out on ${subject} (${sent.message})`;
  tell(`${words}, since this failed: ${failed.title}.`, sent.outcome === "done" ? [] : [command]);
}

/** Words when the backend would be left without a usable server, or when that cannot be told. */
function describeLast(view: ClusterView, change: Rescue["change"]): string | null {
  if (!("haproxy" in change) || !takesOut(change)) return null;
  const { haproxy, backend, server } = change;
  if (view.haproxy(haproxy)?.reading.state !== "fresh")
    return `${backend}/${server} stays in: ${haproxy} cannot be read`;
  const before = view.inBackend(haproxy, backend).filter((each) => isUsable(each.server));
  const after = createPrediction(view, [change])(haproxy, backend).filter((each) => isUsable(each.server));
  if (before.length === 0 || after.length > 0) return null;
  return `${backend}/${server} stays in on ${haproxy}: it is the last usable server of ${backend}`;
}
