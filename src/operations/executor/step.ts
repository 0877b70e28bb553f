/** One change: sent, and read back until it is seen in effect. The outcome has three values; unknown is resolved by reading, never assumed. */
import type { PlanStep } from "../../model/operation.ts";
import type { Failure } from "../../model/reading.ts";
import { pidFact } from "../commands/server-steps.ts";
import type { FactFinding } from "../facts/evaluate.ts";
import { judgeSeen } from "../facts/seen.ts";
import { adviseAddress } from "../floating-ip/advice.ts";
import type { RunContext } from "./context.ts";
import { pause } from "./context.ts";
import { type FreshLook, judgeFacts, lookAtStep } from "./look.ts";
import { type Answer, onlyReads, type Sending, seenOf, send } from "./send.ts";
import { judgeValues, type ValueJudgement } from "./values.ts";

export interface SentChange {
  readonly outcome: "done" | "failed" | "unknown";
  readonly message: string;
  readonly failure: Failure | null;
  /** True when the server certainly has not taken it. */
  readonly refused: boolean;
  /** As really sent; null: not sent, or not told. */
  readonly command: string | null;
  readonly value: ValueJudgement["value"] | null;
  /** What a node said of its read-only flag right after; null: nothing. */
  readonly readOnly: boolean | null;
}

const HOST_PAUSE_MS = 250;

/** At least this long is read back after a statement that has used up the bound of its step. */
const LEAST_VERIFY_MS = 500;

/**
 * Looks until the facts hold, at most for the time allowed after a change. What counts is the process that answers now: one that a reload has
 * replaced may have taken the change, and said so, and nothing is left of it.
 */
export async function readBack(
  context: RunContext,
  step: PlanStep,
  { after, pid }: Pick<Sending, "after" | "pid">,
  limitMs: number,
) {
  const { clock } = context.ports;
  const until = clock.monotonicMs() + limitMs;
  for (;;) {
    const look = await lookAtStep(context, step);
    const finding = judgeFacts(after, look);
    if (finding.holds === "true" || clock.monotonicMs() >= until) {
      const reloaded = describeReload(step, pid, look);
      return { ...finding, reloaded, view: look.view, now: [finding.now, reloaded].filter(Boolean).join("; ") };
    }
    // Every look at a host is a program that runs there.
    await pause(context, step.target.kind === "host" ? HOST_PAUSE_MS : context.limits.verifyPauseMs, null);
  }
}

/** Null when the process that answers is the one the change was meant for, or neither is told. */
function describeReload({ target }: PlanStep, pid: number | null, { view }: FreshLook): string | null {
  if (target.kind !== "haproxy" || pid === null) return null;
  const [fact] = pidFact(view, target.haproxy);
  if (fact?.kind !== "pid" || fact.pid === pid) return null;
  return `${target.haproxy} was reloaded meanwhile: process ${pid} is now ${fact.pid}`;
}

/** What the answer itself tells; null: it has to be looked for. */
function judgeAnswer(answer: Answer, step: PlanStep, { trusts, after, pid, change }: Sending): FactFinding | null {
  if (trusts === undefined || answer.failure !== null) return null;
  if (step.target.kind === "haproxy") {
    if (trusts !== "both" || pid === null || !answer.taken || after.length === 0) return null;
    return judgeSeen(after, answer.seen, step.target.haproxy);
  }
  if (onlyReads({ change }) || after.length === 0) return { holds: "true", now: "" };
  return step.target.kind === "node" ? judgeSeen(after, answer.seen, step.target.node) : null;
}

export async function sendAndVerify(context: RunContext, step: PlanStep, sending: Sending): Promise<SentChange> {
  const { clock } = context.ports;
  const startedMs = clock.monotonicMs();
  const answer = await send(context, step, sending);
  const { command, failure } = answer;
  const rest = {
    command,
    failure,
    value: null,
    refused: answer.refused,
    readOnly: seenOf(answer)?.readOnly?.on ?? null,
  };
  if (answer.refused) return { ...rest, outcome: "failed", message: answer.message ?? "refused" };
  if (failure !== null && onlyReads(sending)) {
    return { ...rest, outcome: "failed", refused: true, message: answer.message ?? "no answer" };
  }
  const values = failure === null ? judgeValues(sending.change, seenOf(answer), context.positions) : null;
  if (values?.holds === false) return { ...rest, outcome: "failed", message: values.words };
  const quick = judgeAnswer(answer, step, sending);
  if (quick?.holds === "true") {
    const message = [answer.message, values?.words, quick.now].filter(Boolean).join("; ");
    return { ...rest, outcome: "done", message, failure: null, value: values?.value ?? null };
  }
  const leftMs = sending.limitMs === undefined ? null : sending.limitMs - (clock.monotonicMs() - startedMs);
  const limitMs = leftMs === null ? context.limits.verifyMs : Math.max(LEAST_VERIFY_MS, leftMs);
  return { ...rest, ...(await lookAfter(context, step, sending, answer, Math.round(limitMs))) };
}

async function lookAfter(
  context: RunContext,
  step: PlanStep,
  sending: Sending,
  answer: Answer,
  limitMs: number,
): Promise<Pick<SentChange, "outcome" | "message" | "failure">> {
  const finding = await readBack(context, step, sending, limitMs);
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
        message: `Not in effect after ${limitMs} ms: ${finding.now}${lost}${adviseAddress(step, finding.view)}`,
        failure: answer.failure,
      };
    default:
      return {
        outcome: "unknown",
        message: `Not known whether it is done: ${finding.now}${lost}${adviseAddress(step, finding.view)}`,
        failure: answer.failure,
      };
  }
}
