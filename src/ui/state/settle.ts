/** After every change: the selection stays on its row, and everything that scrolls stays within what there is. */
import { scrollTo } from "../layout.ts";
import { selectOverlayLines } from "../selectors/body.ts";
import { selectTable } from "../selectors/tables.ts";
import { type ConsoleState, type Cursor, selectLayout } from "./state.ts";
import { withPane } from "./update.ts";

export function settle(state: ConsoleState): ConsoleState {
  return settleOverlay(settleCursor(expireMessage(state)));
}

/** Rows of a table (or of an overlay) that fit below its title. */
export function visibleRows(state: ConsoleState): number {
  return Math.max(1, selectLayout(state).bodyRows - 1);
}

function expireMessage(state: ConsoleState): ConsoleState {
  return state.message !== null && state.message.until <= state.now ? { ...state, message: null } : state;
}

function settleCursor(state: ConsoleState): ConsoleState {
  const table = selectTable(state);
  const { cursor } = state.panes[state.pane];
  const total = table.keys.length;
  if (total === 0)
    return cursor.index === 0 && cursor.top === 0
      ? state
      : withPane(state, { cursor: { ...cursor, index: 0, top: 0 } });
  const found = cursor.key === null ? -1 : table.indexOf(cursor.key);
  const index = found >= 0 ? found : Math.min(cursor.index, total - 1);
  const next: Cursor = {
    key: table.keys[index] ?? null,
    index,
    top: scrollTo(cursor.top, index, visibleRows(state), total),
  };
  const same = next.key === cursor.key && next.index === cursor.index && next.top === cursor.top;
  return same ? state : withPane(state, { cursor: next });
}

function settleOverlay(state: ConsoleState): ConsoleState {
  const { overlay } = state;
  if (overlay === null || overlay.top === 0) return state;
  const total = selectOverlayLines(state, state.size.columns).length;
  const top = Math.max(0, Math.min(overlay.top, total - visibleRows(state)));
  return top === overlay.top ? state : { ...state, overlay: { ...overlay, top } };
}
