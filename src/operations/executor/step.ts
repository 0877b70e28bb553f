/** One change: sent, and read back until it is seen in effect. The outcome has three values; unknown is resolved by reading, never assumed. */
import { DriverError, describeFailure } from "../../drivers/errors.ts";
import type { Fact, PlanStep } from "../../model/operation.ts";
import type { Failure } from "../../model/reading.ts";
import { pidFact } from "../commands/server-steps.ts";
import type { RunContext } from "./context.ts";
import { pause, targetName } from "./context.ts";
import { type FreshLook, judgeFacts, lookAtStep } from "./look.ts";

export interface SentChange {
  readonly outcome: "done" | "failed" | "unknown";
  readonly message: string;
  readonly failure: Failure | null;
}

/** The change of a step, or the one that takes it back. */
export interface Sending {
  readonly change: PlanStep["change"];
  readonly command: string;
  readonly after: readonly Fact[];
  readonly pid: number | null;
}

interface Answer {
  /** True: certainly not done. False: accepted, or not known. */
  readonly refused: boolean;
  /** False where nothing that could be read back tells that the process in use took it. */
  readonly taken: boolean;
  readonly message: string | null;
  readonly failure: Failure | null;
}

async function send(context: RunContext, step: PlanStep, sending: Sending): Promise<Answer> {
  const target = targetName(step);
  // An operation that is stopped finishes the change it is about: the signal of the run does not reach here.
  const bounds = { signal: new AbortController().signal, timeoutMs: context.limits.sendMs };
  try {
    const expected = { pid: sending.pid, command: sending.command };
    const result = await context.ports.send(sending.change, expected, bounds);
    if (!result.sent)
      return {
        refused: true,
        taken: false,
        message: `${target} is another process now; nothing was sent.`,
        failure: null,
      };
    if (result.refusal === null)
      return { refused: false, taken: !result.pidChanged, message: result.notice, failure: null };
    const failure: Failure = {
      kind: "rejected",
      target,
      operation: sending.command,
      message: result.refusal,
      advice: result.advice,
      serverCode: null,
    };
    return { refused: true, taken: false, message: `${target} refuses: ${result.refusal}`, failure };
  } catch (error) {
    const failure = describeFailure(error, target, sending.command);
    const known = error instanceof DriverError && error.kind !== "unknown-outcome";
    return { refused: known, taken: false, message: failure.message, failure };
  }
}

/**
 * Looks until the facts hold, at most for the time allowed after a change. What counts is the process that answers now: one that a reload has
 * replaced may have taken the change, and said so, and nothing is left of it.
 */
async function readBack(context: RunContext, step: PlanStep, { after, pid }: Sending, limitMs: number) {
  const { clock } = context.ports;
  const until = clock.monotonicMs() + limitMs;
  for (;;) {
    const look = await lookAtStep(context, step);
    const finding = judgeFacts(after, look);
    if (finding.holds === "true" || clock.monotonicMs() >= until) {
      const reloaded = describeReload(step, pid, look);
      return { ...finding, reloaded, now: [finding.now, reloaded].filter(Boolean).join("; ") };
    }
    await pause(context, context.limits.verifyPauseMs, null);
  }
}

/** Null when the process that answers is the one the change was meant for, or neither is told. */
function describeReload({ target }: PlanStep, pid: number | null, { view }: FreshLook): string | null {
  if (target.kind !== "haproxy" || pid === null) return null;
  const [fact] = pidFact(view, target.haproxy);
  if (fact?.kind !== "pid" || fact.pid === pid) return null;
  return `${target.haproxy} was reloaded meanwhile: process ${pid} is now ${fact.pid}`;
}

export async function sendAndVerify(context: RunContext, step: PlanStep, sending: Sending): Promise<SentChange> {
  const answer = await send(context, step, sending);
  if (answer.refused) return { outcome: "failed", message: answer.message ?? "refused", failure: answer.failure };
  const finding = await readBack(context, step, sending, context.limits.verifyMs);
  const lost = answer.failure === null ? "" : ` (${answer.failure.message})`;
  // Cut sessions of a server in rotation leave nothing to read: only the answer of the process in use counts.
  if (sending.after.length === 0 && (!answer.taken || finding.reloaded !== null)) {
    const why = [answer.message ?? "another process took it", finding.reloaded].filter(Boolean).join("; ");
    return { outcome: "unknown", message: `Not known whether it is done: ${why}`, failure: answer.failure };
  }
  switch (finding.holds) {
    case "true":
      return { outcome: "done", message: [answer.message, finding.now].filter(Boolean).join("; "), failure: null };
    case "false":
      return {
        outcome: "failed",
        message: `Not in effect after ${context.limits.verifyMs} ms: ${finding.now}${lost}`,
        failure: answer.failure,
      };
    default:
      return {
        outcome: "unknown",
        message: `Not known whether it is done: ${finding.now}${lost}`,
        failure: answer.failure,
      };
  }
}
