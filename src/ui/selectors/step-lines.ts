/** One step of a run: sign, number, what, outcome and time. */
import type { StepOutcome, StepProgress } from "../../model/operation.ts";
import type { EpochMs } from "../../model/reading.ts";
import { formatAge } from "../format/duration.ts";
import { safeText, textWidth, truncateText } from "../format/text.ts";
import type { Glyphs } from "../glyphs.ts";
import { type Line, segment } from "../paint.ts";
import type { Token } from "../theme.ts";
import { paragraph } from "./plan-parts.ts";

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

/** A step with its outcome and time; what was read back, or the refusal, below. */
export function stepLines(title: string, step: StepProgress, now: EpochMs, width: number, glyphs: Glyphs): Line[] {
  const { word, token } = OUTCOMES[step.outcome];
  const took =
    step.startedAt === null
      ? ""
      : ` ${step.endedAt === null ? formatAge(now - step.startedAt) : `${step.endedAt - step.startedAt} ms`}`;
  const sign = `  ${outcomeSign(step.outcome, glyphs)} `;
  const end = `  ${word}${took}`;
  // How it ended is never cut off, however long its title is.
  const room = Math.max(10, width - textWidth(sign) - 3 - textWidth(end));
  const head: Line = [
    segment(sign, token),
    segment(`${String(step.number).padStart(2)} `, "dim"),
    segment(truncateText(safeText(title), room, glyphs.ellipsis), "strong"),
    segment(end, token),
  ];
  if (step.message === null || step.message === "") return [head];
  return [head, ...paragraph(step.message, width, 7, step.outcome === "failed" ? "critical" : "dim")];
}
