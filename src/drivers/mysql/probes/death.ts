/** Is a primary dead? Three connections over five seconds; any answer of a server means that it lives (PROMOTION.md §2.5.1). */
import { setTimeout as wait } from "node:timers/promises";
import type { DeathProof } from "../../../model/preflight.ts";
import type { MysqlTarget } from "../target.ts";
import { type Attempt, tryGreeting } from "./greeting.ts";

/** Milliseconds from the first attempt. */
const attemptsAt: readonly number[] = [0, 2_500, 5_000];
const attemptMs = 2_000;

type Greet = (signal: AbortSignal) => Promise<Attempt>;

/** Stops at the first answer. Never rejects. @param greet another way to try, for tests */
export async function proveDeath(
  node: MysqlTarget,
  signal: AbortSignal,
  greet: Greet = (abort) => tryGreeting(node, attemptMs, abort),
): Promise<DeathProof> {
  const start = performance.now();
  const attempts: (Attempt & { readonly at: number })[] = [];
  for (const due of attemptsAt) {
    // Rejects when the signal aborts: the attempt then says so itself.
    await wait(Math.max(0, start + due - performance.now()), null, { signal }).catch(() => undefined);
    const at = Date.now();
    const attempt = await greet(signal);
    attempts.push({ ...attempt, at });
    if (attempt.outcome === "answered" || signal.aborted) break;
  }
  return {
    node: node.name,
    attempts: attempts.map(({ at, failure }) => ({ at, failure })),
    ...judge(node.name, attempts),
  };
}

/** Dead only when every attempt failed on the way; a single one that was not possible from here leaves it open. */
export function judge(node: string, attempts: readonly Attempt[]): Pick<DeathProof, "verdict" | "message"> {
  const last = attempts.at(-1);
  const count = attempts.length;
  const has = (outcome: Attempt["outcome"]) => attempts.some((attempt) => attempt.outcome === outcome);
  if (has("answered")) {
    const words = last?.failure === null || last === undefined ? "it greets" : `it answers: ${detail(last)}`;
    return { verdict: "alive", message: `${node} is alive: ${words}.` };
  }
  if (has("untried") || count < attemptsAt.length) {
    const why = last === undefined ? "nobody asked" : detail(last);
    return { verdict: "unknown", message: `Whether ${node} is dead could not be found out from here: ${why}.` };
  }
  if (has("silent")) {
    const silent = attempts.filter(({ outcome }) => outcome === "silent").length;
    return {
      verdict: "hanging",
      message: `${node} accepted ${silent} of ${count} connections over five seconds and said nothing: it hangs, or something in front of it accepts for it.`,
    };
  }
  return {
    verdict: "dead",
    message: `${node} could not be reached in ${count} attempts over five seconds: ${last === undefined ? "" : detail(last)}.`,
  };
}

/** The sentence of the failure without its address, which stands in front of everything. */
function detail({ failure }: Attempt): string {
  if (failure === null) return "no answer";
  const { message, target, operation } = failure;
  return message.replace(`${target}: ${operation}: `, "").replace(/\.$/, "");
}
