/** What lies under a place on the screen. Pure: the same view model the screen is drawn from says where things are. */

import { lineWidth } from "../paint.ts";
import { GUTTER } from "../selectors/body.ts";
import { selectTabs } from "../selectors/header.ts";
import { selectScreen } from "../selectors/screen.ts";
import { COLUMN_GAP, type TableColumn } from "../selectors/table-model.ts";
import { selectCellContext, selectTable } from "../selectors/tables.ts";
import type { ConsoleState, PaneId } from "../state/state.ts";

export type MouseTarget =
  | { readonly kind: "tab"; readonly pane: PaneId }
  | { readonly kind: "heading"; readonly column: TableColumn }
  /** A row of the table, by its number. */
  | { readonly kind: "row"; readonly index: number }
  /** A line below the title of what covers the table: palette, detail, help, panel. */
  | { readonly kind: "cover"; readonly line: number }
  | { readonly kind: "alerts" };

/** Null where nothing is that can be clicked. Columns and rows of the screen count from 1, as terminals tell them. */
export function selectTarget(state: ConsoleState, column: number, row: number): MouseTarget | null {
  const model = selectScreen(state);
  if (model.kind === "tiny" || !(column >= 1 && column <= model.layout.columns) || !(row >= 1)) return null;
  if (row <= model.header.length) return row === model.header.length ? findTab(state, column) : null;
  const line = row - model.header.length - 1;
  if (line < model.body.length) return findInBody(state, column, line);
  const below = line - model.body.length - model.tour.length;
  return below >= 0 && below < model.alerts.length ? { kind: "alerts" } : null;
}

function findTab(state: ConsoleState, column: number): MouseTarget | null {
  let end = 0;
  for (const { pane, line } of selectTabs(state)) {
    end += lineWidth(line);
    if (column <= end) return { kind: "tab", pane };
  }
  return null;
}

function findInBody(state: ConsoleState, column: number, line: number): MouseTarget | null {
  if (state.prompt?.kind === "palette" || state.overlay !== null)
    return line === 0 ? null : { kind: "cover", line: line - 1 };
  const table = selectTable(state);
  if (table.keys.length === 0) return null;
  if (line === 0) return findHeading(state, column - GUTTER);
  const index = state.panes[state.pane].cursor.top + line - 1;
  return index < table.keys.length ? { kind: "row", index } : null;
}

function findHeading(state: ConsoleState, column: number): MouseTarget | null {
  const table = selectTable(state);
  let end = 0;
  for (const { id, width } of table.place(state.size.columns - GUTTER, selectCellContext(state))) {
    end += width;
    const found = table.columns.find((each) => each.id === id);
    if (column >= 1 && column <= end && found !== undefined) return { kind: "heading", column: found };
    end += COLUMN_GAP;
  }
  return null;
}
