/** One change on its way to a server, and what the server said to it. */
import type { MysqlSeen } from "../../drivers/contract.ts";
import { DriverError, describeFailure } from "../../drivers/errors.ts";
import type { Fact, PlanStep } from "../../model/operation.ts";
import type { Failure } from "../../model/reading.ts";
import type { SeenAfter, SendResult } from "../ports.ts";
import { isComposite, runComposite } from "./composite.ts";
import { type RunContext, targetName } from "./context.ts";
import { resolveValues } from "./values.ts";
import { armInterrupt, GRACE_MS, mayInterrupt } from "./waits.ts";

/** The change of a step, or the one that takes it back. */
export interface Sending {
  readonly change: PlanStep["change"];
  readonly command: string;
  readonly after: readonly Fact[];
  readonly pid: number | null;
  /** Bound of sending and reading back together; absent: the executor's usual ones. */
  readonly limitMs?: number;
  /** Ends a statement that may be ended half-way. */
  readonly interrupt?: AbortSignal;
  /** What the process that took a change said right after it counts, without another look. */
  readonly trusts?: "node" | "both";
}

export interface Answer {
  /** True: certainly not done. False: accepted, or not known. */
  readonly refused: boolean;
  /** False where nothing that could be read back tells that the process in use took it. */
  readonly taken: boolean;
  readonly message: string | null;
  readonly failure: Failure | null;
  /** As sent; null: not told. */
  readonly command: string | null;
  readonly seen: SeenAfter;
}

const NOTHING = { command: null, seen: {}, failure: null } as const;

export async function send(context: RunContext, step: PlanStep, sending: Sending): Promise<Answer> {
  const limitMs = sending.limitMs ?? context.limits.sendMs;
  if (isComposite(sending.change)) {
    const { holds, words } = await runComposite(context, sending.change, limitMs);
    return { ...NOTHING, refused: !holds, taken: holds, message: words };
  }
  const resolved = resolveValues(sending.change, context.positions);
  if ("missing" in resolved) {
    const message = `The position "${resolved.missing}" has not been read: nothing was sent.`;
    return { ...NOTHING, refused: true, taken: false, message };
  }
  const { change, isLate } = resolved;
  if (isComposite(change)) throw new Error(`${change.kind} is not sent`);
  const waits = context.promotion !== null && mayInterrupt(change);
  const calledOff = waits ? armInterrupt(context, change.node, limitMs, sending.interrupt ?? null) : () => {};
  // An operation that is stopped finishes the change it is about: the signal of the run does not reach here.
  const bounds = { signal: new AbortController().signal, timeoutMs: waits ? limitMs + GRACE_MS : limitMs };
  const expected = {
    pid: sending.pid,
    command: isLate ? null : sending.command,
    ...(waits ? { onBlockers: context.promotion.setBlockers.bind(context.promotion, step.number) } : {}),
  };
  try {
    return readResult(await context.ports.send(change, expected, bounds), step, sending);
  } catch (error) {
    const failure = describeFailure(error, targetName(step), sending.command);
    const known = error instanceof DriverError && error.kind !== "unknown-outcome";
    return { ...NOTHING, refused: known, taken: false, message: failure.message, failure };
  } finally {
    calledOff();
  }
}

function readResult(result: SendResult, step: PlanStep, sending: Sending): Answer {
  const target = targetName(step);
  const { command, seen } = result;
  if (!result.sent) {
    const message = `${target} is another process now; nothing was sent.`;
    return { ...NOTHING, refused: true, taken: false, message };
  }
  if (result.refusal === null) {
    return { refused: false, taken: !result.pidChanged, message: result.notice, failure: null, command, seen };
  }
  const failure: Failure = {
    kind: "rejected",
    target,
    operation: sending.command,
    message: result.refusal,
    advice: result.advice,
    serverCode: null,
  };
  return { refused: true, taken: false, message: `${target} refuses: ${result.refusal}`, failure, command, seen };
}

/** True for what changes nothing: a lost answer is then no more than an answer that is missing. */
export function onlyReads({ change }: Pick<Sending, "change">): boolean {
  switch (change.kind) {
    case "read-position":
    case "confirm-position":
    case "wait-position":
    case "drain-relay":
      return true;
    default:
      return isComposite(change);
  }
}

export const seenOf = ({ seen }: Answer): MysqlSeen | undefined => seen.mysql;
