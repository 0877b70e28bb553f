/** Tells people: plan and steps on standard output, and nothing that a server says unescaped. */
import type { OperationProgress, PromotionProgress, StepOutcome } from "../../model/operation.ts";
import { printable } from "../../model/printable.ts";
import type { EpochMs } from "../../model/reading.ts";
import type { CliIo } from "../io.ts";
import { createPaint } from "../status/table.ts";
import type { Ending } from "./ending.ts";
import { formatPlan } from "./format-plan.ts";
import { formatDrain, formatStep } from "./format-progress.ts";
import { formatByHand } from "./format-promotion.ts";
import { formatTurns, formatWaiting, formatWriteStop, type TimedLine } from "./format-write-stop.ts";
import { describeStopping, type Reporter } from "./reporter.ts";
import { targetOf } from "./target-of.ts";

/** Drain lines come at most this often, and this often at least while nothing changes. */
const DRAIN_LINE_MS = 1_000;
const DRAIN_SILENCE_MS = 5_000;

/** What is waited for comes in again this often, and sooner when it changes, but not in floods. */
const WAIT_LINE_MS = 1_000;
const WAIT_SILENCE_MS = 5_000;

/** Columns of a pipe: a log is as wide as it wants to be. */
const WIDE = 200;
const NARROW = 80;

const TOLD: ReadonlySet<StepOutcome> = new Set(["done", "failed", "unknown", "undone"]);

export function createHumanReporter(io: CliIo, color: boolean): Reporter {
  const paint = createPaint(color);
  const say = (line: string) => io.stdout.write(`${line}\n`);
  const shown = new Map<number, string>();
  let last: OperationProgress | null = null;
  let drainAt: EpochMs = Number.NEGATIVE_INFINITY;
  let drainSeen = "";
  const tellWrites = createWritesTeller(io, say);

  function selectNewSteps({ plan, steps }: OperationProgress): TimedLine[] {
    return steps.flatMap((progress) => {
      const step = plan.steps.find(({ number }) => number === progress.number);
      const key = `${progress.outcome} ${progress.message ?? ""}`;
      if (step === undefined || !TOLD.has(progress.outcome) || plan.doneBefore.includes(step.number)) return [];
      if (shown.get(progress.number) === key) return [];
      shown.set(progress.number, key);
      const at = progress.endedAt ?? progress.startedAt ?? io.now();
      return [{ at, rank: 1, line: formatStep(step, progress, io.now(), paint) }];
    });
  }

  /** A write stop is told when it is over, so that nothing delays it: many lines at once, in the order they happened. */
  function tellNews(progress: OperationProgress): void {
    const { promotion } = progress;
    const turns = promotion === undefined ? [] : tellWrites.turns(promotion, findOpening(progress) ?? io.now());
    const lines = [...turns, ...selectNewSteps(progress)];
    lines.sort((a, b) => a.at - b.at || a.rank - b.rank);
    for (const { line } of lines) say(line);
  }

  function tellDrain({ state, drain }: OperationProgress): void {
    if (state !== "draining" || drain === null) return;
    const now = io.now();
    // Who they are is asked beside the counting and comes later: it must not wait for the next change of a number.
    const seen = `${drain.sessions} ${drain.queued} ${drain.stillFed} ${drain.clients.length > 0}`;
    const silentMs = now - drainAt;
    if (silentMs < (seen === drainSeen ? DRAIN_SILENCE_MS : DRAIN_LINE_MS) && drain.sessions !== 0) return;
    if (seen === drainSeen && drain.sessions === 0) return;
    drainAt = now;
    drainSeen = seen;
    say(formatDrain(drain, now));
  }

  function tellRest({ id, undo, resume, byHand }: Ending): void {
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
    for (const line of formatByHand(byHand)) say(line);
  }

  return {
    plan: (plan) => {
      for (const line of formatPlan(plan, paint, io.stdout.isTTY ? io.stdout.columns || NARROW : WIDE)) say(line);
    },
    changed: (message) => say(`\n${printable(message)}`),
    progress(progress) {
      last = progress;
      tellNews(progress);
      if (progress.promotion !== undefined) tellWrites.waiting(progress.promotion);
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
      const stop =
        last?.promotion === undefined
          ? null
          : formatWriteStop(last.promotion, last.plan.promotion?.mode ?? "switchover");
      if (stop !== null) say(paint(stop, last?.promotion?.gapMs === null ? "critical" : "strong"));
      tellRest(ending);
    },
  };
}

/** When the step that opens the new primary was done; null while it is not. */
function findOpening({ plan, steps }: OperationProgress): EpochMs | null {
  const opening = plan.steps.find(({ noReturn }) => noReturn === true);
  return steps.find(({ number }) => number === opening?.number)?.endedAt ?? null;
}

/** Tells each turn of the writes once, and what is waited for now and then. */
function createWritesTeller(io: CliIo, say: (line: string) => void) {
  let before: PromotionProgress | null = null;
  let seen = "";
  let at: EpochMs = Number.NEGATIVE_INFINITY;
  return {
    turns(progress: PromotionProgress, openingAt: EpochMs): TimedLine[] {
      const lines = formatTurns(before, progress, openingAt);
      before = progress;
      return lines;
    },
    waiting(progress: PromotionProgress): void {
      const now = io.now();
      const what = JSON.stringify([progress.waitingFor, progress.blockers.map(({ sessionId }) => sessionId)]);
      if (now - at < (what === seen ? WAIT_SILENCE_MS : WAIT_LINE_MS)) return;
      const lines = formatWaiting(progress, now);
      if (lines.length === 0) return;
      at = now;
      seen = what;
      for (const line of lines) say(line);
    },
  };
}
