/** The record of one operation: who, when, why, and every step with what was found and what was read back. */
import type { OperationEntry, OperationProgress } from "../../model/operation.ts";
import { formatGap } from "../../model/promotion-words.ts";
import type { PositionRole, SourcePosition } from "../../model/source-position.ts";
import { STATE_WORDS } from "../columns/operation-states.ts";
import { type Line, segment } from "../paint.ts";
import { type ConsoleState, selectCluster } from "../state/state.ts";
import { fieldLines, headingLine } from "./detail-lines.ts";
import { handTaskLines } from "./hand-task-lines.ts";
import { formatSpan } from "./operation-lines.ts";
import { targetOf } from "./plan-parts.ts";

interface StepRecord {
  readonly number: number;
  readonly title: string;
  readonly target: string;
  readonly command: string;
  readonly result: string;
  /** Null: not known here. */
  readonly found: string | null;
  readonly message: string | null;
  readonly error: string | null;
}

export function selectOperationDetail(state: ConsoleState, id: string, width: number): Line[] | null {
  const cluster = selectCluster(state)?.name ?? "";
  const entry = state.journal[cluster]?.find((each) => each.id === id) ?? null;
  const live = state.live.find(({ progress }) => progress.id === id)?.progress ?? null;
  const about = entry ?? (live === null ? null : { ...live, title: live.plan.title, reason: live.plan.request.reason });
  if (about === null) return null;
  const { word, token } = STATE_WORDS[about.state];
  return [
    headingLine(about.title),
    ...fieldLines("state", word, width, token),
    ...fieldLines("result", about.summary, width),
    ...fieldLines("by", `${about.operator}@${about.host}`, width),
    ...fieldLines("time", formatSpan(about.startedAt, about.endedAt), width),
    ...fieldLines("reason", about.reason ?? "none given", width),
    ...fieldLines("journal", id, width),
    ...(entry === null ? [] : wayLines(entry, width)),
    ...moveLines(entry, live, width),
    ...(live === null ? recordOfEntry(entry) : recordOfProgress(live)).flatMap((step) => stepLines(step, width)),
  ];
}

function wayLines(entry: OperationEntry, width: number): Line[] {
  if (entry.undoneBy !== null) return fieldLines("taken back by", entry.undoneBy, width, "warning");
  if (entry.open) {
    const text = entry.undoable
      ? "U takes it back, `:resume` finishes it"
      : "`:resume` finishes it; nothing of it can be taken back";
    return fieldLines("what to do", text, width, "warning");
  }
  return entry.undoable ? fieldLines("what to do", "U takes it back", width, "info") : [];
}

const ROLE_WORDS: Readonly<Record<PositionRole, string>> = {
  stop: "writes stopped at",
  open: "opened at",
  applied: "applied up to",
  ahead: "most advanced at",
  flowing: "before the stop at",
};

function describePosition({ gtid, file, pos }: SourcePosition): string {
  const at = file === null ? null : `${file}:${pos ?? "?"}`;
  return [gtid, at].filter((text) => text !== null && text !== "").join("  ") || "nothing was read";
}

/** What only operations that move writes leave: the gap, coordinates, and tasks. */
function moveLines(entry: OperationEntry | null, live: OperationProgress | null, width: number): Line[] {
  const promotion = live?.promotion;
  const gapMs = entry?.gapMs ?? promotion?.gapMs ?? null;
  const ended = promotion === undefined || live?.endedAt === null ? [] : promotion.byHand;
  const positions = Object.entries(entry?.positions ?? {}) as [PositionRole, SourcePosition][];
  return [
    ...(gapMs === null ? [] : fieldLines("write gap", formatGap(gapMs), width, "strong")),
    ...positions.flatMap(([role, position]) => fieldLines(ROLE_WORDS[role], describePosition(position), width)),
    ...handTaskLines(entry?.byHand ?? ended, width),
  ];
}

const PHASES = { intent: "sent, outcome not known", done: "done", failed: "FAILED", undone: "taken back" } as const;

function recordOfEntry(entry: OperationEntry | null): StepRecord[] {
  return (entry?.steps ?? []).map((step) => ({
    ...step,
    result: step.phase === null ? "never sent" : PHASES[step.phase],
    found: null,
  }));
}

function recordOfProgress({ plan, steps }: OperationProgress): StepRecord[] {
  return plan.steps.map((step) => {
    const progress = steps.find(({ number }) => number === step.number);
    const { number, title, command, found } = step;
    const result = progress === undefined || progress.outcome === "skipped" ? "never sent" : progress.outcome;
    const error = progress?.failure?.message ?? null;
    return { number, title, command, found, target: targetOf(step), result, message: progress?.message ?? null, error };
  });
}

function stepLines(step: StepRecord, width: number): Line[] {
  return [
    [],
    [segment(`Step ${step.number} `, "heading"), segment(step.result, step.error === null ? "text" : "critical")],
    ...fieldLines("on", step.target, width, "accent"),
    ...fieldLines("what", step.title, width),
    ...fieldLines("sent", step.command, width, "strong"),
    ...(step.found === null ? [] : fieldLines("before", step.found, width)),
    ...(step.message === null ? [] : fieldLines("after", step.message, width)),
    ...(step.error === null ? [] : fieldLines("error", step.error, width, "critical")),
  ];
}
