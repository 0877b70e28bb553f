/** Keys while the help is open: letters search it, arrows scroll it. */
import type { KeyEvent } from "../input/events.ts";
import { moveBy, moveTo } from "./move.ts";
import { editText } from "./prompt-input.ts";
import { visibleRows } from "./settle.ts";
import type { ConsoleState, Overlay } from "./state.ts";
import { only, type Update } from "./update.ts";

export function reduceHelpKey(
  state: ConsoleState,
  overlay: Extract<Overlay, { kind: "help" }>,
  event: KeyEvent,
): Update {
  switch (event.key) {
    case "esc":
    case "enter":
      return only({ ...state, overlay: null });
    case "?":
      // The key that opened it closes it, unless a search is under way.
      if (overlay.query === "") return only({ ...state, overlay: null });
      break;
    case "down":
      return only(moveBy(state, 1));
    case "up":
      return only(moveBy(state, -1));
    case "pagedown":
      return only(moveBy(state, visibleRows(state)));
    case "pageup":
      return only(moveBy(state, -visibleRows(state)));
    case "home":
      return only(moveTo(state, 0));
    case "end":
      return only(moveTo(state, Number.MAX_SAFE_INTEGER));
  }
  const query = editText(overlay.query, event);
  return only(query === null ? state : { ...state, overlay: { ...overlay, query, top: 0 } });
}
