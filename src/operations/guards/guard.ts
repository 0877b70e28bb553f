/** Shape of a guard and what it is asked with. Guards are asked when the plan is made and again right before each step. */
import type { GuardVerdict, Plan, PlanStep } from "../../model/operation.ts";
import type { PreflightFacts } from "../../model/preflight.ts";
import type { EpochMs } from "../../model/reading.ts";
import type { ClusterSettings } from "../../model/settings.ts";
import type { SessionIds } from "../facts/evaluate.ts";
import type { ClusterView, ServerView } from "../view.ts";

export interface GuardFacts {
  readonly settings: ClusterSettings;
  readonly view: ClusterView;
  readonly now: EpochMs;
  /** Client sessions that may be killed, per node; null: could not be read. Only looked for when a step kills one. */
  readonly sessions: SessionIds;
  /** Backends with a stick table, per HAProxy; a HAProxy that is not in it was not, or could not be, asked. */
  readonly stickTables: ReadonlyMap<string, readonly string[]>;
  /** What promotion and rejoin ask beside the snapshot; null for all other plans. */
  readonly preflight: PreflightFacts | null;
  /** Other operations on the cluster that run or were cut short; null or absent: not known. Only looked for when the floating address moves. */
  readonly unfinished?: readonly string[] | null;
  /** Servers of a backend as they are, and as they would be after the remaining steps. */
  readonly after: (haproxy: string, backend: string) => readonly ServerView[];
}

/** The part of a plan that is still to be done. */
export interface GuardedPlan extends Pick<Plan, "request" | "promotion"> {
  readonly steps: readonly Pick<PlanStep, "change" | "before" | "title">[];
  readonly changedSince: readonly { readonly subject: string; readonly message: string }[];
}

export type Finding = Omit<GuardVerdict, "guard">;

export interface Guard {
  readonly name: string;
  /** What it keeps from happening, for the docs: one sentence. */
  readonly explains: string;
  /** False: it has nothing to say about such a plan, and is not shown. */
  readonly applies: (plan: GuardedPlan) => boolean;
  /** Findings that are not "pass"; none means that it passed. */
  readonly evaluate: (facts: GuardFacts, plan: GuardedPlan) => readonly Finding[];
}

export const block = (subject: string, message: string, advice: string, forceable: boolean): Finding => ({
  verdict: "block",
  subject,
  message,
  advice,
  forceable,
});

export const cannotTell = (subject: string, message: string, advice: string, forceable: boolean): Finding => ({
  verdict: "unknown",
  subject,
  message,
  advice,
  forceable,
});

export const warn = (subject: string, message: string, advice: string): Finding => ({
  verdict: "warn",
  subject,
  message,
  advice,
  forceable: true,
});
