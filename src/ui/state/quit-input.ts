/** Leaving while an operation runs: asked first. */
import type { KeyEvent } from "../input/events.ts";
import { judgeKey, WHY_NOT } from "./confirm.ts";
import type { ConsoleState } from "./state.ts";
import { only, type Update, withMessage } from "./update.ts";

export function reduceQuitKey(state: ConsoleState, event: KeyEvent, together: number): Update {
  switch (event.key) {
    case "esc":
    case "n":
      return only({ ...state, overlay: null });
    case "y":
    case "ctrl-c": {
      const judgement = judgeKey(state, event, together);
      if (judgement === "counts" || (judgement === "held" && event.key === "ctrl-c"))
        return only(state, { type: "quit" });
      return only(withMessage(state, WHY_NOT[judgement], "warning"));
    }
    default:
      return only(state);
  }
}
