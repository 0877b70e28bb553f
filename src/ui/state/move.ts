/** Moving: the selection of a table, or the window of what covers it. */
import { selectTable } from "../selectors/tables.ts";
import type { ConsoleState } from "./state.ts";
import { withPane } from "./update.ts";

export function moveBy(state: ConsoleState, step: number): ConsoleState {
  const { overlay } = state;
  if (overlay !== null) return { ...state, overlay: { ...overlay, top: Math.max(0, overlay.top + step) } };
  return moveTo(state, state.panes[state.pane].cursor.index + step);
}

/** To a row by number; beyond the end is the last. */
export function moveTo(state: ConsoleState, wanted: number): ConsoleState {
  const { overlay } = state;
  if (overlay !== null) return { ...state, overlay: { ...overlay, top: wanted } };
  const { keys } = selectTable(state);
  const index = Math.max(0, Math.min(wanted, keys.length - 1));
  const { cursor } = state.panes[state.pane];
  return withPane(state, { cursor: { ...cursor, key: keys[index] ?? null, index } });
}
