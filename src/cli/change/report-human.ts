/** Tells people: plan and steps on standard output, and nothing that a server says unescaped. */
import type { OperationProgress, StepOutcome } from "../../model/operation.ts";
import { printable } from "../../model/printable.ts";
import type { EpochMs } from "../../model/reading.ts";
import type { CliIo } from "../io.ts";
import { createPaint } from "../status/table.ts";
import type { Ending } from "./ending.ts";
import { formatPlan, targetOf } from "./format-plan.ts";
import { formatDrain, formatStep } from "./format-progress.ts";
import { describeStopping, type Reporter } from "./reporter.ts";

/** Drain lines come at most this often, and this often at least while nothing changes. */
const DRAIN_LINE_MS = 1_000;
const DRAIN_SILENCE_MS = 5_000;

const TOLD: ReadonlySet<StepOutcome> = new Set(["done", "failed", "unknown", "undone"]);

export function createHumanReporter(io: CliIo, color: boolean): Reporter {
  const paint = createPaint(color);
  const say = (line: string) => io.stdout.write(`${line}\n`);
  const shown = new Map<number, string>();
  let last: OperationProgress | null = null;
  let drainAt: EpochMs = Number.NEGATIVE_INFINITY;
  let drainSeen = "";

  function tellSteps({ plan, steps }: OperationProgress): void {
    for (const progress of steps) {
      const step = plan.steps.find(({ number }) => number === progress.number);
      const key = `${progress.outcome} ${progress.message ?? ""}`;
      if (step === undefined || !TOLD.has(progress.outcome) || plan.doneBefore.includes(step.number)) continue;
      if (shown.get(progress.number) === key) continue;
      shown.set(progress.number, key);
      say(formatStep(step, progress, io.now(), paint));
    }
  }

  function tellDrain({ state, drain }: OperationProgress): void {
    if (state !== "draining" || drain === null) return;
    const now = io.now();
    const seen = `${drain.sessions} ${drain.queued} ${drain.stillFed}`;
    const silentMs = now - drainAt;
    if (silentMs < (seen === drainSeen ? DRAIN_SILENCE_MS : DRAIN_LINE_MS) && drain.sessions !== 0) return;
    if (seen === drainSeen && drain.sessions === 0) return;
    drainAt = now;
    drainSeen = seen;
    say(formatDrain(drain, now));
  }

  function tellRest({ id, undo, resume }: Ending): void {
    const notSent = (last?.steps ?? [])
      .filter(({ outcome }) => outcome === "skipped")
      .flatMap(({ number }) => last?.plan.steps.find((step) => step.number === number) ?? []);
    if (id !== null && notSent.length > 0) {
      say(printable(`Not sent: ${notSent.map((step) => `${step.number} ${targetOf(step)} ${step.title}`).join("; ")}`));
    }
    if (id === null) return;
    say(`Journal: ${printable(id)} (signalbox operations show ${printable(id)})`);
    if (resume !== null) say(`To finish it:    ${printable(resume)}`);
    if (undo !== null) say(`To take it back: ${printable(undo)}`);
  }

  return {
    plan: (plan) => {
      for (const line of formatPlan(plan, paint)) say(line);
    },
    changed: (message) => say(`\n${printable(message)}`),
    progress(progress) {
      last = progress;
      tellSteps(progress);
      tellDrain(progress);
    },
    question: ({ text }) => say(`\n${printable(text)}`),
    stopping: (times, isRunning) => {
      if (isRunning) say(describeStopping(times));
    },
    end(ending) {
      for (const { message, advice } of last === null ? [] : ending.refusals) {
        say(printable(`Refused: ${message}${advice === "" ? "" : ` ${advice}`}`));
      }
      const tone = ending.exitCode === 0 ? "good" : "critical";
      say(paint(printable(ending.summary), tone));
      tellRest(ending);
    },
  };
}
