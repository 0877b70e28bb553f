/** Plan, show, ask, run, tell: the way of every changing command. */
import { UsageError } from "../../config/config-error.ts";
import type { CommandRequest, GuardVerdict, OperationProgress, Plan } from "../../model/operation.ts";
import { selectRefusals } from "../../operations/guards/table.ts";
import { type Operations, PlanChangedError } from "../../operations/operations.ts";
import type { CliIo } from "../io.ts";
import { chooseNext, confirmPlan } from "./confirm.ts";
import {
  buildDryRun,
  buildEnding,
  buildLossRefusal,
  buildNotBegun,
  buildNotConfirmed,
  buildNothingToDo,
  buildRefusal,
  type Ending,
} from "./ending.ts";
import type { Reporter } from "./reporter.ts";
import { createStopRequests, orStopped, type StopRequests } from "./stop-requests.ts";

export interface CarryOut {
  readonly io: CliIo;
  readonly operations: Operations;
  readonly request: CommandRequest;
  readonly report: Reporter;
  readonly dryRun: boolean;
  /** Ask nothing. */
  readonly yes: boolean;
  /** Events for a program: nobody reads the plan, so nobody can confirm it. */
  readonly json: boolean;
}

/** A cluster that changes faster than plans are made is left alone. */
const MOST_PLANS = 3;

/** True when nothing differs that the operator decided by: what would be done, and what guards say of it. */
function isSamePlan(one: Plan, other: Plan): boolean {
  const essence = ({ guard, verdict, subject }: GuardVerdict) => `${guard} ${verdict} ${subject}`;
  const guards = (plan: Plan) => plan.guards.map(essence).sort().join("\n");
  const loss = (plan: Plan) => plan.promotion?.knownLoss ?? null;
  return one.fingerprint === other.fingerprint && guards(one) === guards(other) && loss(one) === loss(other);
}

/** Transactions that the plan gives up and that nobody has given up yet. What takes an operation back, or carries it on, loses nothing more. */
function findUnacceptedLoss({ promotion, request, concerns, carriesOn }: Plan): string | null {
  if (concerns !== null || carriesOn || request.promotion?.acceptLoss === true) return null;
  return promotion?.knownLoss ?? null;
}

function hasWork({ steps, doneBefore, request, watch, concerns, carriesOn }: Plan): boolean {
  // An operation that is taken back or carried on is closed in the journal even when the servers are there already.
  if (concerns !== null || carriesOn) return true;
  return steps.length > doneBefore.length || (request.waitMs !== null && watch.length > 0);
}

export async function carryOut(options: CarryOut): Promise<Ending> {
  let isRunning = false;
  const stop = createStopRequests(options.io, (times) => options.report.stopping(times, isRunning));
  const release = options.io.holdOutput();
  try {
    return await new Way(options, stop, (running) => {
      isRunning = running;
    }).go();
  } finally {
    release();
    stop.release();
  }
}

class Way {
  readonly #options: CarryOut;
  readonly #stop: StopRequests;
  readonly #setRunning: (running: boolean) => void;

  constructor(options: CarryOut, stop: StopRequests, setRunning: (running: boolean) => void) {
    this.#options = options;
    this.#stop = stop;
    this.#setRunning = setRunning;
  }

  async go(): Promise<Ending> {
    const { operations, request, report } = this.#options;
    let plan = await orStopped(this.#stop.signal, operations.plan(request));
    if (plan === null) return buildNotConfirmed("Interrupted while the plan was being made.");
    for (let plans = 1; ; plans += 1) {
      const early = await this.#decide(plan);
      if (early !== null) return early;
      const result = await this.#run(plan);
      if (!(result instanceof PlanChangedError)) return result;
      if (plans >= MOST_PLANS) return buildNotBegun("The cluster changes faster than plans are made.");
      report.changed(result.message);
      plan = result.fresh;
    }
  }

  /** Shows the plan; an ending when it is not going to be run. */
  async #decide(plan: Plan): Promise<Ending | null> {
    const { report, dryRun, yes } = this.#options;
    const refusals = selectRefusals(plan.guards, plan.request.force);
    report.plan(plan, refusals);
    if (refusals.length > 0) return buildRefusal(refusals, dryRun);
    const loss = findUnacceptedLoss(plan);
    if (loss !== null) return buildLossRefusal(loss);
    if (dryRun) return buildDryRun();
    if (!hasWork(plan)) return buildNothingToDo(plan);
    if (yes) return this.#stop.signal.aborted ? buildNotConfirmed("Interrupted before anything was sent.") : null;
    return this.#confirm(plan);
  }

  async #confirm(plan: Plan): Promise<Ending | null> {
    const { io, json } = this.#options;
    if (json) throw new UsageError("--json asks no question; give --yes to run the plan, or --dry-run to see it");
    if (!io.stdin.isTTY || !io.stdout.isTTY) {
      throw new UsageError("there is no terminal to confirm on; give --yes to run the plan, or --dry-run to see it");
    }
    const answer = await confirmPlan(io, plan, this.#stop.signal);
    switch (answer.kind) {
      case "yes":
        return null;
      case "no":
        return buildNotConfirmed("Not confirmed.");
      case "closed":
        return buildNotConfirmed("The terminal gave no answer.");
      case "interrupted":
        return buildNotConfirmed("Interrupted.");
    }
  }

  async #run(plan: Plan): Promise<Ending | PlanChangedError> {
    this.#setRunning(true);
    try {
      const end = await this.#runOrRefresh(plan);
      return buildEnding(end, this.#stop.signal.aborted);
    } catch (error) {
      if (error instanceof PlanChangedError) return error;
      throw error;
    } finally {
      this.#setRunning(false);
    }
  }

  /** A plan that has only grown old while it was read is run as it is now. */
  async #runOrRefresh(plan: Plan): Promise<OperationProgress> {
    try {
      return await this.#runOnce(plan);
    } catch (error) {
      if (error instanceof PlanChangedError && isSamePlan(plan, error.fresh)) return this.#runOnce(error.fresh);
      throw error;
    }
  }

  #runOnce(plan: Plan): Promise<OperationProgress> {
    const { io, operations, report, yes } = this.#options;
    const { signal } = this.#stop;
    return operations.run(plan, {
      signal,
      onProgress: (progress) => report.progress(progress),
      ...(yes
        ? {}
        : {
            decide: (question) => {
              report.question(question);
              return chooseNext(io, question, plan.confirmWord, signal, () => this.#stop.request());
            },
          }),
    });
  }
}
