/** One change: sent, and read back until it is seen in effect. The outcome has three values; unknown is resolved by reading, never assumed. */
import { DriverError, describeFailure } from "../../drivers/errors.ts";
import type { Fact, PlanStep } from "../../model/operation.ts";
import type { Failure } from "../../model/reading.ts";
import type { RunContext } from "./context.ts";
import { pause, targetName } from "./context.ts";
import { judgeFacts, lookAtStep } from "./look.ts";

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
      return { refused: true, message: `${target} is another process now; nothing was sent.`, failure: null };
    if (result.refusal === null) return { refused: false, message: result.notice, failure: null };
    const failure: Failure = {
      kind: "rejected",
      target,
      operation: sending.command,
      message: result.refusal,
      advice: result.advice,
      serverCode: null,
    };
    return { refused: true, message: `${target} refuses: ${result.refusal}`, failure };
  } catch (error) {
    const failure = describeFailure(error, target, sending.command);
    const known = error instanceof DriverError && error.kind !== "unknown-outcome";
    return { refused: known, message: failure.message, failure };
  }
}

/** Looks until the facts hold, at most for the time allowed after a change. */
async function readBack(context: RunContext, step: PlanStep, after: readonly Fact[], limitMs: number) {
  const { clock } = context.ports;
  const until = clock.monotonicMs() + limitMs;
  for (;;) {
    const finding = judgeFacts(after, await lookAtStep(context, step));
    if (finding.holds === "true" || clock.monotonicMs() >= until) return finding;
    await pause(context, context.limits.verifyPauseMs, null);
  }
}

export async function sendAndVerify(context: RunContext, step: PlanStep, sending: Sending): Promise<SentChange> {
  const answer = await send(context, step, sending);
  if (answer.refused) return { outcome: "failed", message: answer.message ?? "refused", failure: answer.failure };
  const finding = await readBack(context, step, sending.after, context.limits.verifyMs);
  const lost = answer.failure === null ? "" : ` (${answer.failure.message})`;
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
