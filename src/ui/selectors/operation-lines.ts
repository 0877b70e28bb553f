/** The panel that follows an operation: a line per step, the drain, the question, the end. */
import type { DrainProgress, OperationProgress, StepOutcome, StepProgress } from "../../model/operation.ts";
import type { EpochMs } from "../../model/reading.ts";
import { CHOICE_KEYS } from "../act/choices.ts";
import { STATE_WORDS } from "../columns/operation-states.ts";
import { formatAge, formatClock, formatDuration } from "../format/duration.ts";
import { UNKNOWN } from "../format/number.ts";
import { safeText } from "../format/text.ts";
import type { Glyphs } from "../glyphs.ts";
import { type Line, segment } from "../paint.ts";
import { type ConsoleState, isRunning, type LiveOperation, type OperationPanel } from "../state/state.ts";
import type { Token } from "../theme.ts";
import { fieldLines, headingLine } from "./detail-lines.ts";
import { guardLines, paragraph, targetOf } from "./plan-lines.ts";
import { selectGlyphs } from "./tables.ts";

/** Longer silence of a running operation is told: the engine may hang. */
const SILENCE_MS = 5_000;

export function selectOperationLines(state: ConsoleState, panel: OperationPanel, width: number): Line[] {
  const glyphs = selectGlyphs(state);
  const live = state.live.find(({ progress }) => progress.id === panel.plan.id);
  if (live === undefined) return [[segment("  confirmed, waiting for the engine...", "dim")]];
  const { progress } = live;
  return [
    ...standLines(state, live, panel, width),
    ...questionLines(progress, panel, width, glyphs),
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
  if (panel.stopAsked) lines.push([segment("  stopping at the next safe point; Esc leaves this panel", "warning")]);
  return lines;
}

function questionLines(progress: OperationProgress, panel: OperationPanel, width: number, glyphs: Glyphs): Line[] {
  const { question } = progress;
  if (question === null) return [];
  if (panel.cutWord !== null) {
    return [
      [],
      ...paragraph("This cuts the sessions that are left and cannot be taken back.", width, 2, "critical"),
      [
        segment("  Type "),
        segment(safeText(progress.plan.confirmWord), "strong"),
        segment(" and press "),
        segment("Enter", "key"),
      ],
      [segment("  > ", "key"), segment(safeText(panel.cutWord), "prompt"), segment(glyphs.caret, "key")],
    ];
  }
  const choices = question.choices.map((choice): Line => {
    const { key, text } = CHOICE_KEYS[choice];
    return [segment(`    ${key}`, "key"), segment(` ${text}`)];
  });
  return [[], ...paragraph(`What now? ${question.text}`, width, 2, "warning"), ...choices];
}

const OUTCOMES: Readonly<Record<StepOutcome, { readonly word: string; readonly token: Token }>> = {
  pending: { word: "waits", token: "dim" },
  running: { word: "sent", token: "info" },
  done: { word: "done", token: "ok" },
  failed: { word: "FAILED", token: "critical" },
  unknown: { word: "NOT KNOWN", token: "unknown" },
  undone: { word: "taken back", token: "warning" },
  skipped: { word: "not sent", token: "dim" },
};

function outcomeSign(outcome: StepOutcome, glyphs: Glyphs): string {
  switch (outcome) {
    case "done":
      return glyphs.health.ok;
    case "failed":
      return glyphs.health.critical;
    case "unknown":
      return glyphs.health.unknown;
    case "undone":
      return glyphs.health.warning;
    case "running":
      return glyphs.arrow;
    default:
      return glyphs.none;
  }
}

function stepLines(title: string, step: StepProgress, now: EpochMs, width: number, glyphs: Glyphs): Line[] {
  const { word, token } = OUTCOMES[step.outcome];
  const took =
    step.startedAt === null
      ? ""
      : ` ${step.endedAt === null ? formatAge(now - step.startedAt) : `${step.endedAt - step.startedAt} ms`}`;
  const head: Line = [
    segment(`  ${outcomeSign(step.outcome, glyphs)} `, token),
    segment(`${String(step.number).padStart(2)} `, "dim"),
    segment(safeText(title), "strong"),
    segment(`  ${word}${took}`, token),
  ];
  if (step.message === null || step.message === "") return [head];
  return [head, ...paragraph(step.message, width, 7, step.outcome === "failed" ? "critical" : "dim")];
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
