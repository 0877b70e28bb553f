/** What the panels of actions show, and their titles. */
import { safeText } from "../format/text.ts";
import { type Line, segment } from "../paint.ts";
import { type ConsoleState, isRunning, type Panel } from "../state/state.ts";
import { selectOperationLines } from "./operation-lines.ts";
import { selectPlanLines } from "./plan-lines.ts";
import { paragraph } from "./plan-parts.ts";
import { selectGlyphs } from "./tables.ts";

export function selectPanelLines(state: ConsoleState, panel: Panel, width: number): Line[] {
  switch (panel.kind) {
    case "weight":
      return [
        ...paragraph("New weight, 0 to 256 (0: no new sessions). The plan is shown before anything is sent.", width, 2),
        [segment("  > ", "key"), segment(safeText(panel.text), "prompt"), segment(selectGlyphs(state).caret, "key")],
      ];
    case "plan":
      return selectPlanLines(state, panel, width);
    case "operation":
      return selectOperationLines(state, panel, width);
    case "quit":
      return quitLines(state, width);
  }
}

function quitLines(state: ConsoleState, width: number): Line[] {
  const running = state.live.filter(isRunning);
  const names = running.flatMap(({ progress }) => paragraph(`${progress.plan.title}: ${progress.summary}`, width, 4));
  return [
    ...(running.length === 0 ? [[segment("  No operation runs any more.", "ok")] satisfies Line] : names),
    [],
    ...paragraph(
      "Quitting stops it at the next safe point, for which it has ten seconds; the journal keeps how far it came.",
      width,
      2,
    ),
    [
      segment("  y", "key"),
      segment(" quits   "),
      segment("n", "key"),
      segment(" or "),
      segment("Esc", "key"),
      segment(" stays"),
    ],
  ];
}

export function selectPanelTitle(panel: Panel): Line {
  switch (panel.kind) {
    case "weight":
      return [segment("weight of ", "title"), segment(safeText(panel.request.targets.join(", ")), "accent")];
    case "plan":
      return [
        segment("plan  ", "dim"),
        segment(safeText(panel.plan?.title ?? [panel.request.command, ...panel.request.targets].join(" ")), "title"),
      ];
    case "operation":
      return [segment("operation  ", "dim"), segment(safeText(panel.plan.title), "title")];
    case "quit":
      return [segment("An operation runs", "title")];
  }
}
