/** Input events to state and effects. A paste never acts: it is text for a field that is open, or nothing. */

import type { InputEvent, KeyEvent } from "../input/events.ts";
import { disabledReason, findBinding, findTwin, keyLabel } from "../keymap.ts";
import { runCommand } from "./commands.ts";
import { reduceHelpKey } from "./help-input.ts";
import { reduceMouse } from "./mouse-input.ts";
import { reducePanelKey } from "./panel-input.ts";
import { insertText, reducePromptKey } from "./prompt-input.ts";
import { type ConsoleState, isPanel } from "./state.ts";
import { only, type Update, withMessage } from "./update.ts";

/** @param together how many events came in the same piece of input: a person types one key at a time */
export function reduceInput(state: ConsoleState, event: InputEvent, together = 1): Update {
  switch (event.type) {
    case "key": {
      const update = reduceKey({ ...state, message: null }, event, together);
      return { ...update, state: { ...update.state, lastKey: { key: event.key, at: event.at } } };
    }
    case "paste":
      return reducePaste(state, event.text);
    case "mouse":
      return reduceMouse(state, event);
  }
}

function reduceKey(state: ConsoleState, event: KeyEvent, together: number): Update {
  // Quitting and suspending work whatever is open; the question before quitting takes the second Ctrl-C.
  if (event.key === "ctrl-c" && state.overlay?.kind !== "quit") return runCommand("quit", state, null);
  if (event.key === "ctrl-z") return runCommand("suspend", state, null);
  if (state.prompt !== null) return reducePromptKey(state, state.prompt, event);
  // In a replay a panel only shows: nobody is there who could be answered.
  if (isPanel(state.overlay) && state.replay === null) return reducePanelKey(state, state.overlay, event, together);
  if (state.overlay?.kind === "help") return reduceHelpKey(state, state.overlay, event);
  const binding = findBinding(event.key, state.pane, state.readOnly, state.replay !== null);
  if (binding === null) return only(explainTwin(state, event.key));
  const reason = disabledReason(binding, state);
  if (reason !== null) return only(withMessage(state, `${binding.title}: ${reason}`, "warning"));
  return runCommand(binding.command, state, binding.argument ?? null);
}

function explainTwin(state: ConsoleState, key: string): ConsoleState {
  const twin = findTwin(key, state.readOnly);
  if (twin === null) return state;
  return withMessage(state, `${key} does nothing; ${keyLabel(twin.keys[0] ?? "")} is "${twin.title}"`);
}

function reducePaste(state: ConsoleState, text: string): Update {
  if (state.prompt !== null) return only(insertText(state, state.prompt, text));
  if (state.overlay?.kind === "help")
    return only({ ...state, overlay: { ...state.overlay, query: state.overlay.query + oneLine(text), top: 0 } });
  if (isPanel(state.overlay)) return only(withMessage(state, "a paste never confirms: type it", "warning"));
  return only(withMessage(state, "pasted text is ignored here: a paste never acts as keys", "warning"));
}

/** A paste as one line without control characters. */
function oneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ").slice(0, 200);
}
