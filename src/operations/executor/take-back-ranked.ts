/**
 * Rollback of an operation that moves writes: in the order of PROMOTION.md §2.2 ("Undo order"), within a time of its own, and over and over until
 * it is done, since writes stand still meanwhile. A journal that cannot be written does not hold it up.
 */
import type { Change, Fact, PlanStep } from "../../model/operation.ts";
import { pidFact } from "../commands/server-steps.ts";
import { pause, type RunContext } from "./context.ts";
import { type FreshLook, judgeFacts, lookAtFacts } from "./look.ts";
import { findRival } from "./rival.ts";
import { sendAndVerify } from "./step.ts";
import { mayInterrupt } from "./waits.ts";

const UNDO_MS = 30_000;
const ATTEMPT_MS = 1_000;
const PAUSE_MS = 250;
/** The disk is waited for at most this long. */
const DISK_MS = 500;
/** What a server refuses this often it will refuse again. */
const REFUSALS = 3;
/** A statement whose end is not known may come into effect after all. */
const LATE_MS = 500;

type Attempt = "back" | "again" | "left";

/** A step that is not as it was, and why it must not be brought back, not by hand either; null: it could not be. */
export interface LeftStep {
  readonly step: PlanStep;
  readonly forbidden: string | null;
}

/** What stands when nothing takes it back; anything else with no way back changed nothing, or is meant to stay. */
function lasts({ kind }: Change): boolean {
  return ["change-source", "reset-replication", "gtid-position", "enable-event", "persist-read-only"].includes(kind);
}

const opens = (change: Change): boolean => change.kind === "read-only" && !change.on;
const isPid = ({ kind }: Fact) => kind === "pid";

/** Steps that are not as they were, when the time is over. Never runs once the candidate may have been opened. */
export async function takeBackRanked(context: RunContext): Promise<readonly LeftStep[]> {
  const { clock } = context.ports;
  const until = clock.monotonicMs() + UNDO_MS;
  const begun = context.plan.steps.filter(({ number }) =>
    ["done", "unknown", "failed"].includes(context.outcome(number)),
  );
  const unclear = begun.filter(({ number }) => context.outcome(number) === "unknown");
  await Promise.all([announce(context, begun), ...unclear.map((step) => endStatement(context, step))]);
  const run = new TakingBack(context, until);
  let left = await run.all(begun);
  if (left.length === 0 && unclear.length > 0) {
    await pause(context, Math.max(...unclear.map((step) => lateMs(context, step))), null);
    left = await run.all(unclear);
  }
  if (isWritableAgain(begun, left)) context.promotion?.closeGap();
  return left.map((step) => ({ step, forbidden: run.forbidden.get(step.number) ?? null }));
}

/** The old primary is open, and some HAProxy leads to it: with none, writes stand still for longer than anybody has measured. */
function isWritableAgain(begun: readonly PlanStep[], left: readonly PlanStep[]): boolean {
  if (left.some(({ change }) => change.kind === "read-only" && change.on)) return false;
  const cuts = begun.filter(({ change, section }) => section === "write-stop" && change.kind === "server-state");
  return cuts.length === 0 || !cuts.every((step) => left.includes(step));
}

/** A statement that may still wait there would come into effect afterwards. */
async function endStatement(context: RunContext, { change }: PlanStep): Promise<void> {
  if (!mayInterrupt(change)) return;
  const bounds = { signal: new AbortController().signal, timeoutMs: ATTEMPT_MS };
  await context.ports.interrupt(change.node, bounds).catch(() => false);
}

/** How long it may still take until a statement whose end is not known comes into effect. */
function lateMs(context: RunContext, { number, change, limitMs }: PlanStep): number {
  const startedAt = context.progress.steps.find((step) => step.number === number)?.startedAt ?? null;
  if (change.kind !== "read-only" || limitMs === undefined || startedAt === null) return LATE_MS;
  return Math.max(0, startedAt + limitMs - context.ports.clock.epochMs()) + LATE_MS;
}

async function announce(context: RunContext, begun: readonly PlanStep[]): Promise<void> {
  const lines = begun.flatMap((step) =>
    step.undo === null
      ? []
      : [
          context.line(step, "intent", {
            command: step.undo.command,
            before: step.after,
            after: step.undo.after,
            message: "taking back",
          }),
        ],
  );
  if (lines.length === 0) return;
  // A disk that is full or hangs must not keep writes stopped; the end of the operation tells it.
  context.journal.appendSoon(lines);
  await context.journal.settleWithin(DISK_MS);
}

/** Ascending rank; without one afterwards, last group first. */
function orderSteps(steps: readonly PlanStep[]): PlanStep[][] {
  const groups = new Map<string, { order: readonly [number, number]; steps: PlanStep[] }>();
  for (const step of steps) {
    const rank = step.undo?.rank;
    const order = rank === undefined ? ([Number.POSITIVE_INFINITY, -step.group] as const) : ([rank, 0] as const);
    const key = order.join(" ");
    const group = groups.get(key) ?? { order, steps: [] };
    group.steps.push(step);
    groups.set(key, group);
  }
  const compare = (a: number, b: number) => (a === b ? 0 : a < b ? -1 : 1);
  return [...groups.values()]
    .sort((a, b) => compare(a.order[0], b.order[0]) || compare(a.order[1], b.order[1]))
    .map((group) => group.steps);
}

class TakingBack {
  readonly #context: RunContext;
  readonly #until: number;
  readonly #refusals = new Map<number, number>();
  /** Asked once for all steps that are tried one after the other: writes stand still meanwhile. */
  #rival: Promise<string | null> | null = null;
  /** By number of the step: what would not hold any more. */
  readonly forbidden = new Map<number, string>();

  constructor(context: RunContext, until: number) {
    this.#context = context;
    this.#until = until;
  }

  async all(steps: readonly PlanStep[]): Promise<readonly PlanStep[]> {
    const left: PlanStep[] = [];
    let open = steps;
    for (;;) {
      const again: PlanStep[] = [];
      this.#rival = null;
      for (const group of orderSteps(open)) {
        const results = await Promise.all(group.map((step) => this.#attempt(step)));
        group.forEach((step, index) => {
          if (results[index] === "again") again.push(step);
          if (results[index] === "left") left.push(step);
        });
      }
      if (again.length === 0) return left;
      if (this.#context.ports.clock.monotonicMs() >= this.#until) return [...left, ...again];
      open = again;
      await pause(this.#context, PAUSE_MS, null);
    }
  }

  async #attempt(step: PlanStep): Promise<Attempt> {
    try {
      return await this.#takeBack(step);
    } catch (error) {
      this.#tell(step, error instanceof Error ? error.message : String(error));
      return "again";
    }
  }

  async #takeBack(step: PlanStep): Promise<Attempt> {
    const context = this.#context;
    const { undo } = step;
    const outcome = context.outcome(step.number);
    if (undo === null) return lasts(step.change) && outcome !== "failed" ? "left" : "back";
    if (opens(undo.change) && context.promotion?.pastNoReturn === true) {
      this.#tell(step, `${context.promotion.plan.to} may take writes already`);
      return "left";
    }
    const needed = undo.before ?? [];
    const [look, rival] = await Promise.all([
      lookAtFacts(context, [...step.after, ...undo.after, ...needed]),
      this.#givesWrites(undo.change) ? this.#findRival() : null,
    ]);
    const back = judgeFacts(
      undo.after.filter((fact) => !isPid(fact)),
      look,
    );
    if (back.holds === "true") return this.#markUndone(step, back.now);
    const now = judgeFacts(
      step.after.filter((fact) => !isPid(fact)),
      look,
    );
    if (back.holds === "unknown" || now.holds === "unknown") {
      this.#tell(step, `not known how it stands: ${now.now}`);
      return "again";
    }
    // A server that somebody has put into a third state is theirs; a node half-way is ours.
    if ("haproxy" in step.change && now.holds === "false") {
      this.#tell(step, `changed by somebody: ${now.now}`);
      return "left";
    }
    if (rival !== null) {
      this.#tell(step, `${rival} is writable`);
      this.forbidden.set(step.number, `${rival} is writable`);
      return "left";
    }
    const ready = judgeFacts(needed, look);
    if (ready.holds !== "true") {
      this.#tell(step, ready.now);
      if (ready.holds === "unknown") return "again";
      this.forbidden.set(step.number, ready.now);
      return "left";
    }
    return this.#send(step, undo, look);
  }

  #findRival(): Promise<string | null> {
    this.#rival ??= findRival(this.#context);
    return this.#rival;
  }

  /** True for what may lead writes to a node again. */
  #givesWrites(change: Change): boolean {
    if (change.kind !== "server-state") return opens(change);
    return change.state !== "maint" && change.backend === this.#context.promotion?.plan.writerBackend;
  }

  async #send(step: PlanStep, undo: NonNullable<PlanStep["undo"]>, { view }: FreshLook): Promise<Attempt> {
    const context = this.#context;
    const { change, command, after } = undo;
    const [fact] = "haproxy" in change ? pidFact(view, change.haproxy) : [];
    const pid = fact?.kind === "pid" ? fact.pid : null;
    const sent = await sendAndVerify(context, step, {
      change,
      command,
      after,
      pid,
      limitMs: ATTEMPT_MS,
      trusts: "node",
    });
    if (sent.outcome === "done") return this.#markUndone(step, sent.message);
    this.#tell(step, sent.message);
    if (!sent.refused) return "again";
    const refusals = (this.#refusals.get(step.number) ?? 0) + 1;
    this.#refusals.set(step.number, refusals);
    if (refusals < REFUSALS) return "again";
    // Whatever was tried, the step itself still stands.
    context.journal.appendSoon([context.line(step, "done", { message: `not taken back: ${sent.message}` })]);
    return "left";
  }

  #markUndone(step: PlanStep, message: string): Attempt {
    const context = this.#context;
    const command = step.undo?.command ?? step.command;
    context.journal.appendSoon([context.line(step, "undone", { command, message })]);
    const isWrites = step.change.kind === "read-only" || step.change.kind === "server-state";
    if (step.section === "write-stop" && isWrites) context.promotion?.noteOpen();
    const wasFailed = context.outcome(step.number) === "failed";
    // Its failure is what people have to read.
    if (!wasFailed)
      context.updateStep(step.number, { outcome: "undone", message, endedAt: context.ports.clock.epochMs() });
    return "back";
  }

  #tell(step: PlanStep, why: string): void {
    const before = this.#context.message(step.number);
    const told = `Not taken back: ${why}`;
    const kept = this.#context.outcome(step.number) === "failed" ? before?.replace(/; Not taken back: .*$/s, "") : null;
    this.#context.updateStep(step.number, { message: kept ? `${kept}; ${told}` : told });
  }
}
