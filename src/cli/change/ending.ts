/** How a changing command ends: one exit code and one sentence, whatever happened. */
import type { GuardVerdict, HandTask, OperationProgress, Plan } from "../../model/operation.ts";
import { EXIT } from "../exit-codes.ts";

export interface Ending {
  readonly exitCode: number;
  /** States of an operation, or why there was none. */
  readonly state: OperationProgress["state"] | "dry-run" | "nothing-to-do" | "not-confirmed";
  readonly summary: string;
  readonly refusals: readonly GuardVerdict[];
  /** Journal id; null when nothing was begun. */
  readonly id: string | null;
  /** True when the operator asked to stop. */
  readonly interrupted: boolean;
  /** Command lines that take back or carry on; null where that makes no sense. */
  readonly undo: string | null;
  readonly resume: string | null;
  /** For an operation that moves writes: how long they stood still, milliseconds; null when they did not, or it is not known. */
  readonly gapMs: number | null;
  /** What is left to people. */
  readonly byHand: readonly HandTask[];
}

const NOTHING_BEGUN = {
  refusals: [],
  id: null,
  interrupted: false,
  undo: null,
  resume: null,
  gapMs: null,
  byHand: [],
} as const;

export function buildRefusal(refusals: readonly GuardVerdict[], dryRun: boolean): Ending {
  const can = refusals.every(({ forceable }) => forceable);
  const force = can ? " --force would override it." : "";
  const dry = dryRun ? " (dry run)" : "";
  const summary = `Refused by ${[...new Set(refusals.map(({ guard }) => guard))].join(", ")}: nothing was changed${dry}.${force}`;
  return { ...NOTHING_BEGUN, exitCode: EXIT.refused, state: "refused", summary, refusals };
}

export function buildDryRun(): Ending {
  return { ...NOTHING_BEGUN, exitCode: EXIT.ok, state: "dry-run", summary: "Dry run: nothing was changed." };
}

export function buildNothingToDo({ title }: Plan): Ending {
  const summary = `${title}: nothing to do, it is so already.`;
  return { ...NOTHING_BEGUN, exitCode: EXIT.ok, state: "nothing-to-do", summary };
}

/** The operator said no, the terminal was closed, or Ctrl-C came before anything was sent. */
export function buildNotConfirmed(why: string): Ending {
  const summary = `${why} Nothing was changed.`;
  return { ...NOTHING_BEGUN, exitCode: EXIT.interrupted, state: "not-confirmed", summary, interrupted: true };
}

/** It could not be planned or begun, for a reason that is neither a guard's nor the command line's. */
export function buildNotBegun(message: string, advice = ""): Ending {
  const told = /[.!?]$/.test(message) ? message : `${message}.`;
  const summary = `${told} Nothing was changed.${advice === "" ? "" : ` ${advice}`}`;
  return { ...NOTHING_BEGUN, exitCode: EXIT.refused, state: "refused", summary };
}

const CODES: Readonly<Record<OperationProgress["state"], number>> = {
  done: EXIT.ok,
  refused: EXIT.refused,
  "rolled-back": EXIT.rolledBack,
  unfinished: EXIT.unfinished,
  // Not ends; were one told as an end, somebody has to look.
  running: EXIT.unfinished,
  draining: EXIT.unfinished,
};

const MEANINGS: Readonly<Record<number, string>> = {
  [EXIT.rolledBack]: "taken back",
  [EXIT.unfinished]: "not fully taken back",
};

/** Somebody has to have said yes to a loss, whatever guards think of it. */
export function buildLossRefusal(knownLoss: string): Ending {
  const told = knownLoss.replace(/[.!?]$/, "");
  const summary = `Refused, transactions would be lost: ${told}. Nothing was changed. --accept-loss gives them up.`;
  return { ...NOTHING_BEGUN, exitCode: EXIT.refused, state: "refused", summary };
}

/** Past the point of no return, undo is a promotion back: of what is finished, and to a primary that lives. */
function canGoBack({ plan, state, promotion }: OperationProgress): boolean {
  return promotion?.pastNoReturn !== true || (state === "done" && plan.promotion?.mode !== "failover");
}

export function buildEnding(progress: OperationProgress, interrupted: boolean): Ending {
  const { id, plan, state, summary, refusals, steps, promotion } = progress;
  const code = CODES[state];
  const wasCut = interrupted && code in MEANINGS;
  const told = wasCut
    ? `Interrupted. ${summary} (Without the interruption: exit code ${code}, ${MEANINGS[code]}.)`
    : summary;
  const stands = plan.steps.some((step) => {
    const outcome = steps.find(({ number }) => number === step.number)?.outcome;
    return step.undo !== null && (outcome === "done" || outcome === "unknown");
  });
  return {
    exitCode: wasCut ? EXIT.interrupted : code,
    state,
    summary: told,
    refusals,
    id: state === "refused" && steps.every(({ startedAt }) => startedAt === null) ? null : id,
    interrupted,
    undo: stands && canGoBack(progress) ? `signalbox undo ${id}` : null,
    resume: code === EXIT.unfinished ? `signalbox resume ${id}` : null,
    gapMs: promotion?.gapMs ?? null,
    byHand: promotion?.byHand ?? [],
  };
}
