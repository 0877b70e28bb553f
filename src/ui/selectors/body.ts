/** The middle of the screen: table, detail, alerts, help or palette, as exactly as many lines as there is room for. */
import { safeText } from "../format/text.ts";
import { fitLine, type Line, lineWidth, segment } from "../paint.ts";
import { describeEmpty } from "../replay/empty.ts";
import { type ConsoleState, isPanel, selectCluster } from "../state/state.ts";
import { selectAlertLines } from "./alerts.ts";
import type { BodyLine } from "./body-line.ts";
import { selectDetailLines } from "./detail.ts";
import { selectHelpLines } from "./help.ts";
import { selectPaletteLines } from "./palette-lines.ts";
import { selectPanelLines, selectPanelTitle } from "./panel-lines.ts";
import { selectCellContext, selectGlyphs, selectTable } from "./tables.ts";
import { selectWarningLines } from "./warning-lines.ts";

/** Cells left of every row: cursor and mark. */
export const GUTTER = 2;

export function selectBody(state: ConsoleState, width: number, rows: number): BodyLine[] {
  if (state.prompt?.kind === "palette") return pad(selectPaletteLines(state, state.prompt, width, rows), rows);
  if (state.overlay === null) return pad(selectTableLines(state, width, rows), rows);
  const lines = selectOverlayLines(state, width);
  const { top } = state.overlay;
  const title = overlayTitle(state, width, lines.length, rows - 1);
  const shown = lines.slice(top, top + rows - 1);
  const ellipsis = selectGlyphs(state).ellipsis;
  return pad(
    [title, ...shown].map((line, index) => ({
      key: `line-${index}`,
      line: fitLine(line, width, "left", ellipsis),
      background: null,
    })),
    rows,
  );
}

/** All lines of what covers the table, before scrolling. */
export function selectOverlayLines(state: ConsoleState, width: number): readonly Line[] {
  const { overlay } = state;
  const glyphs = selectGlyphs(state);
  switch (overlay?.kind) {
    case "detail":
      return selectDetailLines(state, overlay.pane, overlay.key, width);
    case "alerts": {
      const alerts = selectCluster(state)?.alerts ?? [];
      const lines =
        alerts.length === 0
          ? [[segment("No alerts.", "ok")], ...(state.warnings.length === 0 ? [] : [[]])]
          : selectAlertLines(alerts, width, glyphs);
      return [...lines, ...selectWarningLines(state.warnings, width, glyphs)];
    }
    case "help":
      return selectHelpLines(state, overlay.query);
    case "weight":
    case "plan":
    case "operation":
    case "quit":
      return selectPanelLines(state, overlay, width);
    case undefined:
      return [];
  }
}

function overlayTitle(state: ConsoleState, width: number, total: number, visible: number): Line {
  const { overlay } = state;
  const { arrow, ellipsis } = selectGlyphs(state);
  const position =
    total > visible && overlay !== null
      ? segment(`  ${overlay.top + 1}-${Math.min(total, overlay.top + visible)} of ${total}`, "dim")
      : segment("");
  if (overlay?.kind === "detail")
    return [segment(`${overlay.pane} ${arrow} `, "dim"), segment(safeText(overlay.key), "title"), position];
  if (isPanel(overlay)) {
    const title = selectPanelTitle(overlay);
    // That there is more below is never cut.
    const room = width - lineWidth([position]);
    return [...(lineWidth(title) > room ? fitLine(title, room, "left", ellipsis) : title), position];
  }
  if (overlay?.kind === "help")
    return [
      segment("keys ", "title"),
      segment(overlay.query === "" ? "type to search" : `/${safeText(overlay.query)}`, "match"),
      position,
    ];
  return [segment("alerts", "title"), position];
}

function selectTableLines(state: ConsoleState, width: number, rows: number): BodyLine[] {
  const table = selectTable(state);
  const context = selectCellContext(state);
  const { cursor, marks, sort, filter } = state.panes[state.pane];
  if (table.keys.length === 0) {
    const reason =
      table.total > 0 && filter !== ""
        ? `No row matches "${safeText(filter)}" (Esc clears the filter).`
        : describeEmpty(state, table.empty);
    return [
      { key: "blank", line: [], background: null },
      { key: "empty", line: fitLine([segment(`  ${reason}`, "dim")], width), background: null },
    ];
  }
  const placed = table.place(width - GUTTER, context);
  const lines: BodyLine[] = [
    { key: "heading", line: [segment("  "), ...table.heading(placed, sort, context)], background: null },
  ];
  const last = Math.min(table.keys.length, cursor.top + rows - 1);
  for (let index = cursor.top; index < last; index++) {
    const key = table.keys[index] ?? "";
    const selected = index === cursor.index;
    const gutter = [
      segment(selected ? context.glyphs.cursor : " ", "accent"),
      segment(marks.has(key) ? context.glyphs.marked : " ", "marked"),
    ];
    const line = fitLine([...gutter, ...table.drawRow(index, placed, context)], width, "left", context.glyphs.ellipsis);
    lines.push({ key, line, background: selected ? "selected" : null });
  }
  return lines;
}

function pad(lines: readonly BodyLine[], rows: number): BodyLine[] {
  const padded = lines.slice(0, rows);
  while (padded.length < rows) padded.push({ key: `blank-${padded.length}`, line: [], background: null });
  return padded;
}
