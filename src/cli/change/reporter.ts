/** Where a changing command tells what happens; one for people, one for programs. */
import type { GuardVerdict, OperationProgress, OperationQuestion, Plan } from "../../model/operation.ts";
import type { Ending } from "./ending.ts";

export interface Reporter {
  plan(plan: Plan, refusals: readonly GuardVerdict[]): void;
  /** The plan that was shown no longer holds; another follows. */
  changed(message: string): void;
  progress(progress: OperationProgress): void;
  question(question: OperationQuestion): void;
  /** Somebody asked to stop; `times` counts, from 1. */
  stopping(times: number, isRunning: boolean): void;
  end(ending: Ending): void;
}

/** What is said about a request to stop while an operation runs. */
export function describeStopping(times: number): string {
  return times === 1
    ? "Stopping at the next safe point: a change that is under way is finished and read back first."
    : "Still stopping. A change that is under way is never cut; it ends within a few seconds.";
}
