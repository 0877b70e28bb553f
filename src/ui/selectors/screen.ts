/** State to view model: every part of the screen as lines that fit. */
import { MIN_COLUMNS, MIN_ROWS, type ScreenLayout } from "../layout.ts";
import { fitLine, type Line, segment } from "../paint.ts";
import { selectReplayBar } from "../replay/bar.ts";
import { type ConsoleState, selectLayout } from "../state/state.ts";
import { selectTourLines } from "../tour/lines.ts";
import { selectAlertStrip } from "./alerts.ts";
import { selectBody } from "./body.ts";
import { type BodyLine, isBlank } from "./body-line.ts";
import { selectFooter } from "./footer.ts";
import { selectHeader } from "./header.ts";
import { selectGlyphs } from "./tables.ts";

export type ScreenModel =
  | { readonly kind: "tiny"; readonly layout: ScreenLayout; readonly lines: readonly Line[] }
  | {
      readonly kind: "full";
      readonly layout: ScreenLayout;
      readonly header: readonly Line[];
      readonly body: readonly BodyLine[];
      /** Empty unless the tour runs. */
      readonly tour: readonly Line[];
      readonly alerts: readonly Line[];
      /** Timeline of a replay; null on live servers. */
      readonly bar: Line | null;
      readonly footer: Line;
    };

export function selectScreen(state: ConsoleState): ScreenModel {
  const layout = selectLayout(state);
  const { columns } = layout;
  if (layout.tiny) return { kind: "tiny", layout, lines: tinyLines(layout, state.replay !== null) };
  const body = selectBody(state, columns, layout.bodyRows);
  const spare = countBlankEnd(body);
  const alerts = selectAlertStrip(state, columns, { rows: layout.alertRows, spare });
  return {
    kind: "full",
    layout,
    header: selectHeader(state, columns),
    body: body.slice(0, body.length - (alerts.length - layout.alertRows)),
    tour: selectTourLines(state, columns),
    alerts,
    bar: selectReplayBar(state, selectGlyphs(state), columns),
    footer: selectFooter(state, columns),
  };
}

/** Blank lines at the end of the pane but one, which stays as a gap: alerts may have them, and no row of the table moves. */
function countBlankEnd(body: readonly BodyLine[]): number {
  let blank = 0;
  while (blank < body.length && isBlank(body[body.length - 1 - blank])) blank++;
  return Math.max(0, blank - 1);
}

function tinyLines(layout: ScreenLayout, isReplay: boolean): Line[] {
  const texts = [
    `Terminal too small: ${layout.columns}x${layout.rows}`,
    `signalbox needs ${MIN_COLUMNS}x${MIN_ROWS}.`,
    isReplay ? "This is a replay. q quits." : "Polling goes on. q quits.",
  ];
  return texts.slice(0, layout.rows).map((text) => fitLine([segment(text, "warning")], layout.columns, "left", ""));
}
