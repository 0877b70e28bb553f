/** The panel that follows an operation: a line per step, the drain, the question, the end. */
import type { DrainProgress, OperationProgress } from "../../model/operation.ts";
import type { EpochMs } from "../../model/reading.ts";
import { CHOICE_KEYS } from "../act/choices.ts";
import { STATE_WORDS } from "../columns/operation-states.ts";
import { formatAge, formatClock, formatDuration } from "../format/duration.ts";
import { UNKNOWN } from "../format/number.ts";
import { safeText } from "../format/text.ts";
import type { Glyphs } from "../glyphs.ts";
import { type Line, segment } from "../paint.ts";
import { type ConsoleState, isRunning, type LiveOperation, type OperationPanel, selectLayout } from "../state/state.ts";
import { fieldLines, headingLine } from "./detail-lines.ts";
import { guardLines, paragraph, targetOf, wordLines } from "./plan-parts.ts";
import { resultLines } from "./promotion-result-lines.ts";
import { type PromotionRun, runningLines } from "./promotion-run-lines.ts";
import { stepLines } from "./step-lines.ts";
import { selectGlyphs } from "./tables.ts";

/** Longer silence of a running operation is told: the engine may hang. */
const SILENCE_MS = 5_000;

export function selectOperationLines(state: ConsoleState, panel: OperationPanel, width: number): Line[] {
  const glyphs = selectGlyphs(state);
  const live = state.live.find(({ progress }) => progress.id === panel.plan.id);
  if (live === undefined) return [[segment("  confirmed, waiting for the engine...", "dim")]];
  const { progress } = live;
  const head = [...standLines(state, live, panel, width), ...questionLines(progress, panel, width, glyphs)];
  const { promotion } = progress;
  if (promotion !== undefined) {
    const escTold = panel.stopAsked || panel.goesOnTold;
    const isReplay = state.replay !== null;
    const run: PromotionRun = { progress, promotion, escTold, isReplay, now: state.now, width, glyphs };
    const entry = state.journal[progress.plan.cluster]?.find(({ id }) => id === progress.id) ?? null;
    return isRunning(live)
      ? [...head, ...runningLines(run, visibleLines(state) - head.length)]
      : [...head, ...resultLines(run, entry)];
  }
  return [
    ...head,
    [],
    ...progress.plan.steps.flatMap((step) => {
      const found = progress.steps.find(({ number }) => number === step.number);
      return found === undefined ? [] : stepLines(`${targetOf(step)} ${step.title}`, found, state.now, width, glyphs);
    }),
    ...guardLines(progress.refusals, width, glyphs),
    ...(progress.drain === null ? [] : drainLines(progress.drain, state.now, width)),
    [],
    ...fieldLines("journal", progress.id, width, "dim"),
  ];
}

function standLines(state: ConsoleState, live: LiveOperation, panel: OperationPanel, width: number): Line[] {
  const { progress, heardAt } = live;
  const { word, token } = STATE_WORDS[progress.state];
  const lines: Line[] = [[segment(`  ${word}`, token)], ...paragraph(progress.summary, width, 2)];
  if (!isRunning(live)) return lines;
  const silentMs = state.now - heardAt;
  if (silentMs > SILENCE_MS && progress.question === null)
    lines.push([segment(`  nothing heard of it for ${formatAge(silentMs)}: how it stands is not known`, "warning")]);
  return [...lines, ...stopLines(panel, progress, width)];
}

/** Past the point of no return there is no safe point but the end. */
function stopLines(panel: OperationPanel, { promotion }: OperationProgress, width: number): Line[] {
  const isPast = promotion?.pastNoReturn === true;
  if (panel.goesOnTold)
    return paragraph(
      "Past the point of no return: it goes on to the end, nothing is taken back; Esc leaves this panel.",
      width,
      2,
      "warning",
    );
  if (!panel.stopAsked) return [];
  if (!isPast) return paragraph("stopping at the next safe point; Esc leaves this panel", width, 2, "warning");
  const told = "Asked to stop, too late to take anything back: it ends between two steps once writes flow again.";
  return paragraph(told, width, 2, "warning");
}

/** Lines of the panel that are in sight without scrolling. */
function visibleLines(state: ConsoleState): number {
  return Math.max(1, selectLayout(state).bodyRows - 1);
}

function questionLines(progress: OperationProgress, panel: OperationPanel, width: number, glyphs: Glyphs): Line[] {
  const { question } = progress;
  if (question === null) return [];
  if (panel.cutWord !== null) {
    return [
      [],
      ...paragraph("This cuts the sessions that are left and cannot be taken back.", width, 2, "critical"),
      ...wordLines(
        "Type",
        safeText(progress.plan.confirmWord),
        [segment("and press "), segment("Enter", "key")],
        safeText(panel.cutWord),
        width,
        glyphs.caret,
      ),
    ];
  }
  const choices = question.choices.map((choice): Line => {
    const { key, text } = CHOICE_KEYS[choice];
    return [segment(`    ${key}`, "key"), segment(` ${text}`)];
  });
  return [[], ...paragraph(`What now? ${question.text}`, width, 2, "warning"), ...choices];
}

function drainLines(drain: DrainProgress, now: EpochMs, width: number): Line[] {
  const { sessions, queued, leavingPerSecond, emptyInSeconds, deadlineAt, perHaproxy, clients } = drain;
  const rate = leavingPerSecond === null ? null : `${leavingPerSecond.toFixed(1)} per second leave`;
  const eta = emptyInSeconds === null ? null : `about ${formatDuration(Math.ceil(emptyInSeconds))}`;
  const left = deadlineAt === null ? null : Math.ceil(Math.max(0, deadlineAt - now) / 1_000);
  return [
    [],
    headingLine("Sessions that are left"),
    ...fieldLines("sessions", sessions, width, sessions === 0 ? "ok" : "strong"),
    ...fieldLines("queued", queued, width),
    ...(sessions === 0 ? [] : [...fieldLines("rate", rate, width), ...fieldLines("empty in", eta, width)]),
    ...(left === null || sessions === 0 ? [] : fieldLines("then asks, in", `${left}s`, width)),
    ...perHaproxy.flatMap((each) =>
      fieldLines(
        each.haproxy,
        `${each.server}: ${each.sessions ?? UNKNOWN} sessions, ${each.queued ?? UNKNOWN} queued`,
        width,
      ),
    ),
    ...clients.flatMap(({ user, host, count }, index) =>
      fieldLines(index === 0 ? "clients by node" : "", `${user}@${host} x ${count}`, width),
    ),
    ...(drain.stillFed
      ? paragraph("New sessions still arrive: a stick table may send known clients here.", width, 2, "warning")
      : []),
  ];
}

/** `03:12:44 to 03:12:45`, or since when it runs. */
export function formatSpan(startedAt: EpochMs, endedAt: EpochMs | null): string {
  return endedAt === null ? `since ${formatClock(startedAt)}` : `${formatClock(startedAt)} to ${formatClock(endedAt)}`;
}
