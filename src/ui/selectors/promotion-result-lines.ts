/** How a run that moved writes has ended: the state that was read back, the write gap, what to do next, what is left to people. */
import type { OperationEntry } from "../../model/operation.ts";
import { type Line, segment } from "../paint.ts";
import { fieldLines, headingLine } from "./detail-lines.ts";
import { handTaskLines } from "./hand-task-lines.ts";
import { guardLines } from "./plan-parts.ts";
import { allStepsLines, type PromotionRun } from "./promotion-run-lines.ts";
import { treeLines } from "./role-lines.ts";
import { writesLines } from "./write-stop-lines.ts";

/** The roles that were verified: those of the plan when all was done, those from before when all was taken back. */
function endLines({ progress, width, glyphs }: PromotionRun): Line[] {
  const { promotion } = progress.plan;
  const indent = (line: Line): Line => [segment("    "), ...line];
  if (promotion === undefined) return [];
  switch (progress.state) {
    case "done":
      return [headingLine("  End state, read back"), ...treeLines(promotion.rolesAfter, glyphs).map(indent)];
    case "rolled-back":
      return [
        headingLine("  All was taken back, read back as before"),
        ...treeLines(promotion.rolesBefore, glyphs).map(indent),
      ];
    case "refused":
      return [];
    default:
      return fieldLines("end state", "NOT as planned: pane 1 shows the roles as they are", width, "critical");
  }
}

/** What can be done now; as the journal says where it has been read already. */
function hintLines({ progress, width }: PromotionRun, entry: OperationEntry | null): Line[] {
  const { id, state, promotion } = progress;
  if (state === "refused") return [];
  const undoable = entry?.undoable ?? null;
  const resume = `\`:resume\`, or \`signalbox resume ${id}\`, looks again and finishes it`;
  const undo = promotion?.pastNoReturn === true ? "U plans the way back, a promotion of its own" : "U takes it back";
  const { mode, from } = progress.plan.promotion ?? { mode: null, from: null };
  // Back to a primary that is dead there is no way.
  const isOneWay = mode === "failover" && promotion?.pastNoReturn === true;
  const rejoin = `R on ${from ?? "the old primary"} brings it back as a replica, once it is fenced and runs`;
  const back = isOneWay ? [rejoin] : undoable === true ? [undo] : [];
  const hints =
    state === "unfinished" ? [resume, ...(undoable === false || promotion?.pastNoReturn === true ? [] : [undo])] : back;
  return hints.flatMap((text, index) =>
    fieldLines(index === 0 ? "next" : "or", text, width, state === "done" ? "info" : "warning"),
  );
}

export function resultLines(run: PromotionRun, entry: OperationEntry | null): Line[] {
  const { progress, promotion, now, width, glyphs } = run;
  return [
    ...writesLines(progress, promotion, false, now, width, glyphs),
    ...guardLines(progress.refusals, width, glyphs),
    ...hintLines(run, entry),
    ...fieldLines("journal", progress.id, width, "dim"),
    ...endLines(run),
    ...handTaskLines(run.promotion.byHand, width),
    [],
    ...allStepsLines({ ...run, progress: { ...progress, refusals: [] } }),
  ];
}
