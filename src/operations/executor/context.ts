/** What every part of a running operation shares. */
import type {
  OperationChoice,
  OperationProgress,
  OperationQuestion,
  Plan,
  PlanStep,
  StepProgress,
} from "../../model/operation.ts";
import type { JournalFile } from "../journal/file.ts";
import type { JournalLine, JournalPhase } from "../journal/line.ts";
import type { ClusterPorts } from "../ports.ts";

export interface RunLimits {
  /** Bound of one look at the servers. */
  readonly lookMs: number;
  /** Bound of sending one change. */
  readonly sendMs: number;
  /** From the change to the moment it must be seen in effect. */
  readonly verifyMs: number;
  /** Pause between two looks while an effect is waited for. */
  readonly verifyPauseMs: number;
  /** Pause between two looks at sessions that leave. */
  readonly drainPauseMs: number;
}

export const RUN_LIMITS: RunLimits = {
  lookMs: 1_500,
  sendMs: 3_000,
  verifyMs: 3_000,
  verifyPauseMs: 25,
  drainPauseMs: 500,
};

/** Asked when an operation stands still; rejects or resolves with "keep" when nobody is there. */
export type Decide = (question: OperationQuestion, signal: AbortSignal) => Promise<OperationChoice>;

export class RunContext {
  plan: Plan;
  readonly ports: ClusterPorts;
  readonly journal: JournalFile;
  readonly signal: AbortSignal;
  readonly limits: RunLimits;
  readonly decide: Decide | null;
  readonly #onProgress: (progress: OperationProgress) => void;
  #progress: OperationProgress;

  constructor(options: {
    readonly plan: Plan;
    readonly ports: ClusterPorts;
    readonly journal: JournalFile;
    readonly signal: AbortSignal;
    readonly limits: RunLimits;
    readonly decide: Decide | null;
    readonly operator: string;
    readonly host: string;
    readonly onProgress: (progress: OperationProgress) => void;
  }) {
    this.plan = options.plan;
    this.ports = options.ports;
    this.journal = options.journal;
    this.signal = options.signal;
    this.limits = options.limits;
    this.decide = options.decide;
    this.#onProgress = options.onProgress;
    this.#progress = startProgress(options.plan, options.operator, options.host, options.ports.clock.epochMs());
  }

  get progress(): OperationProgress {
    return this.#progress;
  }

  update(patch: Partial<OperationProgress>): OperationProgress {
    this.#progress = { ...this.#progress, ...patch };
    this.#onProgress(this.#progress);
    return this.#progress;
  }

  updateStep(number: number, patch: Partial<StepProgress>): void {
    const steps = this.#progress.steps.map((step) => (step.number === number ? { ...step, ...patch } : step));
    this.update({ steps });
  }

  outcome(number: number): StepProgress["outcome"] {
    return this.#progress.steps.find((step) => step.number === number)?.outcome ?? "pending";
  }

  message(number: number): string | null {
    return this.#progress.steps.find((step) => step.number === number)?.message ?? null;
  }

  line(step: PlanStep | null, phase: JournalPhase, more: Partial<JournalLine> = {}): JournalLine {
    const { plan, ports } = this;
    return {
      at: new Date(ports.clock.epochMs()).toISOString(),
      operation: plan.id,
      cluster: plan.cluster,
      operator: this.#progress.operator,
      host: this.#progress.host,
      kind: plan.request.command,
      step: step?.number ?? 0,
      phase,
      target: step === null ? plan.cluster : targetName(step),
      command: step?.command ?? plan.title,
      before: step?.before ?? [],
      after: step?.after ?? [],
      error: null,
      ...more,
    };
  }
}

export function targetName({ target }: Pick<PlanStep, "target">): string {
  return target.kind === "haproxy" ? target.haproxy : target.node;
}

function startProgress(plan: Plan, operator: string, host: string, now: number): OperationProgress {
  const steps = plan.steps.map(({ number }): StepProgress => {
    const done = plan.doneBefore.includes(number);
    const message = done ? "done before" : null;
    return { number, outcome: done ? "done" : "pending", startedAt: null, endedAt: null, message, failure: null };
  });
  return {
    id: plan.id,
    plan,
    state: "running",
    steps,
    drain: null,
    refusals: [],
    question: null,
    summary: `${plan.title}: begins.`,
    operator,
    host,
    startedAt: now,
    endedAt: null,
  };
}

/** Resolves after that time, or at once when the signal aborts. */
export function pause(context: Pick<RunContext, "ports">, delayMs: number, signal: AbortSignal | null): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const done = () => {
      cancel();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const cancel = context.ports.clock.after(delayMs, done);
    signal?.addEventListener("abort", done, { once: true });
  });
}
