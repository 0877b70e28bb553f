/** The engine's side of plans and operations: keeps plans that were shown, runs one at a time per cluster, passes questions and answers on. */
import type { CommandRequest, OperationChoice, OperationQuestion, Plan } from "../model/operation.ts";
import { RefusedError, RequestError, TargetError } from "../operations/errors.ts";
import { buildEntry } from "../operations/journal/entry.ts";
import type { Journal } from "../operations/journal/journal.ts";
import { type Operations, PlanChangedError } from "../operations/operations.ts";
import type { EngineEvent, PlanRefusal } from "./protocol.ts";

/** Plans kept: a panel shows one at a time. */
const MAX_PLANS = 20;
const LIST_LENGTH = 100;

interface Running {
  readonly cluster: string;
  readonly abort: AbortController;
  answer: ((choice: OperationChoice) => void) | null;
  readonly ended: Promise<void>;
}

export interface OperationsDesk {
  plan(requestId: string, request: CommandRequest): Promise<void>;
  run(planId: string): void;
  stop(operationId: string): void;
  choose(operationId: string, choice: OperationChoice): void;
  /** Never rejects: a journal that cannot be read is a line of the log, and no list. */
  list(cluster: string): Promise<void>;
  /** Asks every running operation to stop at a safe point; resolves when all have. */
  stopAll(): Promise<void>;
}

const READ_ONLY: PlanRefusal = {
  kind: "read-only",
  message: "signalbox was started read-only: nothing can be changed.",
  candidates: [],
};

export function describeRefusal(error: unknown): PlanRefusal {
  if (error instanceof TargetError) return { kind: "target", message: error.message, candidates: error.candidates };
  if (error instanceof RequestError) return { kind: "request", message: error.message, candidates: [] };
  if (error instanceof RefusedError) {
    const message = [error.message, error.advice].filter((text) => text !== "").join(" ");
    return { kind: "refused", message, candidates: [] };
  }
  return { kind: "failed", message: error instanceof Error ? error.message : String(error), candidates: [] };
}

/** @param operations null when started read-only: every plan is refused, nothing can be run */
export function createOperationsDesk(
  operations: Operations | null,
  journal: Journal | null,
  emit: (event: EngineEvent) => void,
): OperationsDesk {
  return new Desk(operations, journal, emit);
}

class Desk implements OperationsDesk {
  readonly #operations: Operations | null;
  readonly #journal: Journal | null;
  readonly #emit: (event: EngineEvent) => void;
  readonly #plans = new Map<string, { readonly plan: Plan; readonly requestId: string }>();
  readonly #running = new Map<string, Running>();

  constructor(operations: Operations | null, journal: Journal | null, emit: (event: EngineEvent) => void) {
    this.#operations = operations;
    this.#journal = journal;
    this.#emit = emit;
  }

  async plan(requestId: string, request: CommandRequest): Promise<void> {
    if (this.#operations === null) {
      this.#refuse(requestId, READ_ONLY);
      return;
    }
    try {
      this.#show(requestId, await this.#operations.plan(request), null);
    } catch (error) {
      this.#refuse(requestId, describeRefusal(error));
    }
  }

  run(planId: string): void {
    const kept = this.#plans.get(planId);
    // A plan runs once: a second key press finds nothing.
    this.#plans.delete(planId);
    if (kept === undefined || this.#operations === null) return;
    const { plan, requestId } = kept;
    const other = [...this.#running].find(([, { cluster }]) => cluster === plan.cluster);
    if (other !== undefined) {
      const message = `Operation ${other[0]} still runs on ${plan.cluster}: wait for its end or stop it.`;
      this.#refuse(requestId, { kind: "request", message, candidates: [] });
      return;
    }
    const abort = new AbortController();
    const ended = this.#execute(this.#operations, plan, requestId, abort);
    this.#running.set(plan.id, { cluster: plan.cluster, abort, answer: null, ended });
  }

  stop(operationId: string): void {
    const running = this.#running.get(operationId);
    running?.abort.abort();
  }

  choose(operationId: string, choice: OperationChoice): void {
    const running = this.#running.get(operationId);
    if (running === undefined) return;
    running.answer?.(choice);
    running.answer = null;
  }

  async list(cluster: string): Promise<void> {
    try {
      const records = (await this.#journal?.list(cluster, LIST_LENGTH)) ?? [];
      this.#emit({ type: "operations", cluster, entries: records.map(buildEntry) });
    } catch (error) {
      this.#emit({ type: "log", at: Date.now(), line: `${cluster}: ${describeRefusal(error).message}` });
    }
  }

  async stopAll(): Promise<void> {
    for (const { abort } of this.#running.values()) abort.abort();
    await Promise.allSettled([...this.#running.values()].map(({ ended }) => ended));
  }

  async #execute(operations: Operations, plan: Plan, requestId: string, abort: AbortController): Promise<void> {
    // The entry in #running is made right after this call began.
    await Promise.resolve();
    try {
      await operations.run(plan, {
        signal: abort.signal,
        onProgress: (progress) => this.#emit({ type: "operation", progress }),
        decide: (_question: OperationQuestion, signal) => this.#ask(plan.id, signal),
      });
    } catch (error) {
      if (error instanceof PlanChangedError) {
        this.#show(requestId, error.fresh, { planId: plan.id, why: error.message });
      } else this.#refuse(requestId, describeRefusal(error));
    } finally {
      this.#running.delete(plan.id);
      await this.list(plan.cluster);
    }
  }

  /** Waits for `choose`; when the operation is stopped meanwhile, what is changed stays for resume or undo. */
  #ask(operationId: string, signal: AbortSignal): Promise<OperationChoice> {
    return new Promise((resolve) => {
      const running = this.#running.get(operationId);
      if (running === undefined || signal.aborted) {
        resolve("keep");
        return;
      }
      running.answer = resolve;
      signal.addEventListener("abort", () => resolve("keep"), { once: true });
    });
  }

  #show(requestId: string, plan: Plan, replaces: { readonly planId: string; readonly why: string } | null): void {
    this.#plans.set(plan.id, { plan, requestId });
    const [oldest] = this.#plans.keys();
    if (this.#plans.size > MAX_PLANS && oldest !== undefined) this.#plans.delete(oldest);
    this.#emit({ type: "plan", answer: { requestId, plan, refusal: null, replaces } });
  }

  #refuse(requestId: string, refusal: PlanRefusal): void {
    this.#emit({ type: "plan", answer: { requestId, plan: null, refusal, replaces: null } });
  }
}
