/** Typing into the filter and the palette. */
import type { KeyEvent } from "../input/events.ts";
import { listPaletteEntries, searchPalette } from "../palette.ts";
import { parseReplayTime } from "../replay/actions.ts";
import { runCommand } from "./commands.ts";
import type { ConsoleState, Prompt } from "./state.ts";
import { only, type Update, withMessage, withPane } from "./update.ts";

const LIMIT = 200;

export function reducePromptKey(state: ConsoleState, prompt: Prompt, event: KeyEvent): Update {
  const edited = editText(prompt.text, event);
  if (edited !== null) return only(withText(state, prompt, edited));
  if (prompt.kind === "time") return reduceTimeKey(state, prompt.text, event.key);
  return prompt.kind === "filter"
    ? only(reduceFilterKey(state, prompt, event.key))
    : reducePaletteKey(state, prompt, event.key);
}

/** Inserts pasted text: one line, no control characters. */
export function insertText(state: ConsoleState, prompt: Prompt, text: string): ConsoleState {
  return withText(state, prompt, prompt.text + text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " "));
}

/** The text after a key that edits; null when the key does not edit. */
export function editText(text: string, event: KeyEvent): string | null {
  switch (event.key) {
    case "backspace":
      return Array.from(text).slice(0, -1).join("");
    case "ctrl-u":
      return "";
    case "ctrl-w":
      return text.replace(/\s*\S+\s*$/, "");
    default:
      return event.text === null ? null : text + event.text;
  }
}

function withText(state: ConsoleState, prompt: Prompt, wanted: string): ConsoleState {
  const text = wanted.slice(0, LIMIT);
  if (prompt.kind === "palette") return { ...state, prompt: { ...prompt, text, index: 0 } };
  if (prompt.kind === "time") return { ...state, prompt: { ...prompt, text } };
  return withPane({ ...state, prompt: { ...prompt, text } }, { filter: text });
}

function reduceTimeKey(state: ConsoleState, text: string, key: string): Update {
  const closed = { ...state, prompt: null };
  if (key !== "enter" || state.replay === null) return only(key === "esc" ? closed : state);
  const at = parseReplayTime(text, state.replay.at, state.replay.about);
  if (typeof at !== "number") return only(withMessage(closed, at.why, "warning"));
  return only(closed, { type: "engine", request: { type: "replay", action: { kind: "seek", at } } });
}

function reduceFilterKey(state: ConsoleState, prompt: Extract<Prompt, { kind: "filter" }>, key: string): ConsoleState {
  switch (key) {
    case "enter":
      return { ...state, prompt: null };
    case "esc":
      return withPane({ ...state, prompt: null }, { filter: "" });
    default:
      return { ...state, prompt };
  }
}

function reducePaletteKey(state: ConsoleState, prompt: Extract<Prompt, { kind: "palette" }>, key: string): Update {
  const entries = searchPalette(listPaletteEntries(state), prompt.text);
  const chosen = entries[prompt.index];
  const select = (index: number) =>
    only({ ...state, prompt: { ...prompt, index: Math.max(0, Math.min(index, entries.length - 1)) } });
  switch (key) {
    case "esc":
      return only({ ...state, prompt: null });
    case "down":
    case "ctrl-n":
      return select(prompt.index + 1);
    case "up":
    case "ctrl-p":
      return select(prompt.index - 1);
    case "pagedown":
      return select(prompt.index + 10);
    case "pageup":
      return select(prompt.index - 10);
    case "tab":
      return only(chosen === undefined ? state : { ...state, prompt: { ...prompt, text: chosen.title, index: 0 } });
    case "enter": {
      const closed = { ...state, prompt: null };
      if (chosen === undefined) return only(withMessage(closed, `no command matches "${prompt.text}"`, "warning"));
      if (chosen.disabledReason !== null)
        return only(withMessage(closed, `${chosen.title}: ${chosen.disabledReason}`, "warning"));
      return runCommand(chosen.command, closed, chosen.argument);
    }
    default:
      return only(state);
  }
}
