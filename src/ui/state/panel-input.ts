/** Keys while a panel of an action is open. Nothing else is bound then, so that no key does what it does elsewhere. */
import type { KeyEvent } from "../input/events.ts";
import { moveBy, moveTo } from "./move.ts";
import { reduceOperationKey } from "./operation-input.ts";
import { requestPlan } from "./panels.ts";
import { reducePlanKey } from "./plan-input.ts";
import { editText } from "./prompt-input.ts";
import { reduceQuitKey } from "./quit-input.ts";
import { visibleRows } from "./settle.ts";
import type { ConsoleState, Panel, WeightPanel } from "./state.ts";
import { only, type Update, withMessage } from "./update.ts";

/** @param together how many keys came in the same piece of input */
export function reducePanelKey(state: ConsoleState, panel: Panel, event: KeyEvent, together: number): Update {
  const scrolled = scroll(state, event.key);
  if (scrolled !== null) return only(scrolled);
  switch (panel.kind) {
    case "weight":
      return reduceWeightKey(state, panel, event);
    case "plan":
      return reducePlanKey(state, panel, event, together);
    case "operation":
      return reduceOperationKey(state, panel, event, together);
    case "quit":
      return reduceQuitKey(state, event, together);
  }
}

function scroll(state: ConsoleState, key: string): ConsoleState | null {
  switch (key) {
    case "down":
      return moveBy(state, 1);
    case "up":
      return moveBy(state, -1);
    case "pagedown":
      return moveBy(state, visibleRows(state));
    case "pageup":
      return moveBy(state, -visibleRows(state));
    case "home":
      return moveTo(state, 0);
    case "end":
      return moveTo(state, Number.MAX_SAFE_INTEGER);
    default:
      return null;
  }
}

const MAX_WEIGHT = 256;

function reduceWeightKey(state: ConsoleState, panel: WeightPanel, event: KeyEvent): Update {
  if (event.key === "esc") return only({ ...state, overlay: null });
  if (event.key === "enter") {
    const weight = /^\d{1,3}$/.test(panel.text) ? Number(panel.text) : Number.NaN;
    if (!(weight <= MAX_WEIGHT))
      return only(withMessage(state, `a weight is a whole number from 0 to ${MAX_WEIGHT}`, "warning"));
    return requestPlan(state, { ...panel.request, weight }, null);
  }
  const text = editText(panel.text, event);
  return only(text === null ? state : { ...state, overlay: { ...panel, text: text.slice(0, 10) } });
}
