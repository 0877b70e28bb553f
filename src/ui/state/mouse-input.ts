/**
 * Clicks and the wheel. They look, select, sort and scroll; they confirm nothing, start nothing and type nothing: a hand that slips, or
 * a terminal that garbles a report, must not reach a server.
 */
import type { MouseEvent } from "../input/events.ts";
import { selectTarget } from "../mouse/target.ts";
import { listPaletteEntries, searchPalette } from "../palette.ts";
import { selectPaletteTop } from "../selectors/palette-lines.ts";
import type { TableColumn } from "../selectors/table-model.ts";
import { runCommand, sortBy } from "./commands.ts";
import { moveBy, moveTo } from "./move.ts";
import { visibleRows } from "./settle.ts";
import { type ConsoleState, isPanel } from "./state.ts";
import { only, type Update, withMessage } from "./update.ts";

const WHEEL_ROWS = 3;

export function reduceMouse(state: ConsoleState, event: MouseEvent): Update {
  if (event.action === "wheel-down") return only(scroll(state, WHEEL_ROWS));
  if (event.action === "wheel-up") return only(scroll(state, -WHEEL_ROWS));
  if (!state.mouse || event.action !== "press" || event.button !== "left") return only(state);
  // A panel of an action takes keys and nothing else.
  return isPanel(state.overlay) ? only(state) : click({ ...state, message: null }, event);
}

function scroll(state: ConsoleState, rows: number): ConsoleState {
  return state.prompt?.kind === "palette" ? chooseEntry(state, state.prompt.index + rows) : moveBy(state, rows);
}

function click(state: ConsoleState, { column, row }: MouseEvent): Update {
  const target = selectTarget(state, column, row);
  if (state.prompt?.kind === "palette") return only(target?.kind === "cover" ? chooseLine(state, target.line) : state);
  switch (target?.kind) {
    case "tab":
      return runCommand("pane", { ...state, prompt: null }, target.pane);
    case "alerts":
      return state.overlay?.kind === "alerts" ? only(state) : runCommand("alerts", { ...state, prompt: null }, null);
    case "heading":
      return only(sortByClick(state, target.column));
    case "row":
      return clickRow(state, target.index);
    default:
      return only(state);
  }
}

/** The first click selects, one on what is selected opens it: a double click does both. */
function clickRow(state: ConsoleState, index: number): Update {
  if (state.panes[state.pane].cursor.index !== index) return only(moveTo(state, index));
  return runCommand("open", { ...state, prompt: null }, null);
}

/** Ascending, descending, the pane's own order. */
function sortByClick(state: ConsoleState, column: TableColumn): ConsoleState {
  if (!column.sortable) return withMessage(state, `${column.title} has no order`, "warning");
  const current = state.panes[state.pane].sort;
  if (current?.column !== column.id) return sortBy(state, { column: column.id, direction: "ascending" });
  return sortBy(state, current.direction === "ascending" ? { ...current, direction: "descending" } : null);
}

function chooseLine(state: ConsoleState, line: number): ConsoleState {
  const { prompt } = state;
  if (prompt?.kind !== "palette") return state;
  const total = searchPalette(listPaletteEntries(state), prompt.text).length;
  const index = selectPaletteTop(prompt.index, visibleRows(state), total) + line;
  return index < total ? chooseEntry(state, index) : state;
}

/** Chooses an entry of the palette; Enter runs it. */
function chooseEntry(state: ConsoleState, wanted: number): ConsoleState {
  const { prompt } = state;
  if (prompt?.kind !== "palette") return state;
  const last = searchPalette(listPaletteEntries(state), prompt.text).length - 1;
  return { ...state, prompt: { ...prompt, index: Math.max(0, Math.min(wanted, last)) } };
}
