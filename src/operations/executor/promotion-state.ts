/** What a run tells of the writes: since when they stand still, for how long, what is waited for, what is left to people. */
import type { Blocker, HandTask, Plan, PromotionPlan, PromotionProgress } from "../../model/operation.ts";
import type { OperationClock } from "../ports.ts";

export class PromotionState {
  readonly plan: PromotionPlan;
  readonly #clock: OperationClock;
  readonly #tell: (progress: PromotionProgress) => void;
  #progress: PromotionProgress;
  #stoppedMs: number | null = null;
  #openMs: number | null = null;
  #openedAt: number | null = null;
  /** Words of the steps that wait now; several may at once. */
  readonly #waits = new Map<number, string>();
  readonly #blockers = new Map<number, readonly Blocker[]>();

  static of(plan: Plan, clock: OperationClock, tell: (progress: PromotionProgress) => void): PromotionState | null {
    return plan.promotion === undefined ? null : new PromotionState(plan, plan.promotion, clock, tell);
  }

  private constructor(
    plan: Plan,
    promotion: PromotionPlan,
    clock: OperationClock,
    tell: (progress: PromotionProgress) => void,
  ) {
    this.plan = promotion;
    this.#clock = clock;
    this.#tell = tell;
    this.#progress = {
      stoppedAt: null,
      openedAt: null,
      gapMs: null,
      budgetMs: promotion.budgetMs,
      // An earlier run may have opened the candidate.
      pastNoReturn: plan.steps.some(({ number, noReturn }) => noReturn === true && plan.doneBefore.includes(number)),
      waitingFor: null,
      blockers: [],
      byHand: promotion.byHand,
    };
  }

  get progress(): PromotionProgress {
    return this.#progress;
  }

  get pastNoReturn(): boolean {
    return this.#progress.pastNoReturn;
  }

  /** Right before the statement that stops writes is sent. */
  noteStopped(): void {
    this.#stoppedMs = this.#clock.monotonicMs();
    this.#patch({ stoppedAt: this.#clock.epochMs() });
  }

  /** The moment one of the things that writes need was read back: the new primary open, a route to it, or the old one as it was. */
  noteOpen(): void {
    this.#openMs = this.#clock.monotonicMs();
    this.#openedAt = this.#clock.epochMs();
  }

  /** Writes are possible again since the last `noteOpen`. */
  closeGap(): void {
    if (this.#stoppedMs === null || this.#openMs === null) return;
    const gapMs = Math.round((this.#openMs - this.#stoppedMs) * 10) / 10;
    this.#patch({ gapMs, openedAt: this.#openedAt });
  }

  setPastNoReturn(pastNoReturn: boolean): void {
    this.#patch({ pastNoReturn });
  }

  wait(step: number, words: string | null): void {
    if (words === null) {
      this.#waits.delete(step);
      this.#blockers.delete(step);
    } else this.#waits.set(step, words);
    this.#patchWaits();
  }

  setBlockers(step: number, blockers: readonly Blocker[]): void {
    this.#blockers.set(step, blockers);
    this.#patchWaits();
  }

  addHandTask(task: HandTask): void {
    const { byHand } = this.#progress;
    if (
      byHand.some(
        ({ code, subject, message }) => code === task.code && subject === task.subject && message === task.message,
      )
    )
      return;
    this.#patch({ byHand: [...byHand, task] });
  }

  /** What the plan foresaw belongs to an end that is not reached: of a run that was taken back only what went wrong meanwhile is left. */
  dropForeseen(): void {
    this.#patch({ byHand: this.#progress.byHand.filter((task) => !this.plan.byHand.includes(task)) });
  }

  #patchWaits(): void {
    const words = [...this.#waits.values()];
    this.#patch({
      waitingFor: words.length === 0 ? null : words.join(", "),
      blockers: [...this.#blockers.values()].flat(),
    });
  }

  #patch(patch: Partial<PromotionProgress>): void {
    this.#progress = { ...this.#progress, ...patch };
    this.#tell(this.#progress);
  }
}
