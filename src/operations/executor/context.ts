/** What every part of a running operation shares. */

import type {
  GuardVerdict,
  OperationChoice,
  OperationProgress,
  OperationQuestion,
  Plan,
  PlanStep,
  StepProgress,
} from "../../model/operation.ts";
import { selectTargetName } from "../../model/plan-subject.ts";
import type { PreflightFacts } from "../../model/preflight.ts";
import type { PositionRole, SourcePosition } from "../../model/source-position.ts";
import type { Guard } from "../guards/guard.ts";
import type { JournalFile } from "../journal/file.ts";
import type { JournalLine, JournalPhase } from "../journal/line.ts";
import type { ClusterPorts } from "../ports.ts";
import { PromotionState } from "./promotion-state.ts";

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

/** While writes stand still, progress is told at most this often. */
const QUIET_MS = 50;

export class RunContext {
  plan: Plan;
  readonly ports: ClusterPorts;
  readonly journal: JournalFile;
  readonly signal: AbortSignal;
  readonly limits: RunLimits;
  readonly decide: Decide | null;
  /** Coordinates that steps have read, in this run or an earlier one. */
  readonly positions: Map<PositionRole, SourcePosition>;
  /** Null for plans that move no writes. */
  readonly promotion: PromotionState | null;
  /** What guards of a promotion ask beside a look, gathered now. */
  readonly refreshPreflight: () => Promise<PreflightFacts | null>;
  /** Other operations that run or were cut short; null: not known. */
  readonly refreshUnfinished: () => Promise<readonly string[] | null>;
  /** Says why the lock of the cluster is no longer ours; null: it is. */
  readonly keepLock: () => Promise<GuardVerdict | null>;
  /** Nodes beside the old and the new primary that were writable when the run began. */
  writableBefore: ReadonlySet<string> = new Set();
  /** Absent: those of the table. */
  readonly guards: readonly Guard[] | undefined;
  readonly #onProgress: (progress: OperationProgress) => void;
  #progress: OperationProgress;
  #quiet: { toldMs: number; cancel: (() => void) | null } | null = null;

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
    /** For plans that move writes; none: guards that need it cannot be checked, and refuse. */
    readonly refreshPreflight?: (() => Promise<PreflightFacts | null>) | undefined;
    readonly refreshUnfinished?: () => Promise<readonly string[] | null>;
    readonly keepLock?: () => Promise<GuardVerdict | null>;
    readonly guards?: readonly Guard[] | undefined;
  }) {
    this.plan = options.plan;
    this.ports = options.ports;
    this.journal = options.journal;
    this.signal = options.signal;
    this.limits = options.limits;
    this.decide = options.decide;
    this.#onProgress = (progress) => {
      try {
        options.onProgress(progress);
      } catch {
        // Whoever looks on may fail; that must not break off what is under way on servers.
      }
    };
    this.refreshPreflight = options.refreshPreflight ?? (async () => null);
    this.refreshUnfinished = options.refreshUnfinished ?? (async () => null);
    this.keepLock = options.keepLock ?? (async () => null);
    this.guards = options.guards;
    this.positions = new Map(Object.entries(options.plan.positions ?? {}) as [PositionRole, SourcePosition][]);
    const progress = startProgress(options.plan, options.operator, options.host, options.ports.clock.epochMs());
    this.promotion = PromotionState.of(options.plan, options.ports.clock, (promotion) => this.update({ promotion }));
    this.#progress = this.promotion === null ? progress : { ...progress, promotion: this.promotion.progress };
  }

  get progress(): OperationProgress {
    return this.#progress;
  }

  update(patch: Partial<OperationProgress>): OperationProgress {
    this.#progress = { ...this.#progress, ...patch };
    if (this.#quiet === null) this.#onProgress(this.#progress);
    else this.#tellLater(this.#quiet);
    return this.#progress;
  }

  /** From now on progress is told now and then only: telling it costs time that writes stand still. */
  beginQuiet(): void {
    this.#quiet ??= { toldMs: this.ports.clock.monotonicMs(), cancel: null };
  }

  endQuiet(): void {
    if (this.#quiet === null) return;
    this.#quiet.cancel?.();
    this.#quiet = null;
    this.#onProgress(this.#progress);
  }

  #tellLater(quiet: { toldMs: number; cancel: (() => void) | null }): void {
    if (quiet.cancel !== null) return;
    const { clock } = this.ports;
    quiet.cancel = clock.after(Math.max(0, quiet.toldMs + QUIET_MS - clock.monotonicMs()), () => {
      quiet.cancel = null;
      quiet.toldMs = clock.monotonicMs();
      this.#onProgress(this.#progress);
    });
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
  return selectTargetName(target);
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
