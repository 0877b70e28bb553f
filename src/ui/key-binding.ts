/** The shape of an entry of the key table. */
import type { ActionId } from "./act/actions.ts";
import type { ConsoleState, PaneId } from "./state/state.ts";

export type CommandId =
  | "pane"
  | "next-pane"
  | "previous-pane"
  | "next-cluster"
  | "previous-cluster"
  | "cluster"
  | "down"
  | "up"
  | "first"
  | "last"
  | "page-down"
  | "page-up"
  | "open"
  | "back"
  | "mark"
  | "filter"
  | "palette"
  | "sort-column"
  | "sort-direction"
  | "sort-by"
  | "refresh"
  | "freeze"
  | "history-span"
  | "copy"
  | "alerts"
  | "help"
  | "theme"
  | "mouse"
  | "tour"
  | "redraw"
  | "suspend"
  | "quit"
  /** With the action as argument. */
  | "record"
  | "replay"
  | "replay-time"
  | ActionId;

export type KeyGroup = "Panes" | "Move" | "Look" | "Record" | "Replay" | "Program" | "Act";

export interface KeyBinding {
  readonly command: CommandId;
  /** Empty for what only the palette offers. */
  readonly keys: readonly string[];
  /** Given to the command, e.g. the pane of `3`. */
  readonly argument?: string;
  readonly panes: "all" | readonly PaneId[];
  readonly group: KeyGroup;
  readonly title: string;
  /** For the footer: one word, and how much it is wanted there (1 most); without it the footer leaves the key out. */
  readonly hint?: { readonly word: string; readonly rank: number };
  /** Other words the palette finds it by. */
  readonly aliases?: readonly string[];
  /** True for keys that change a server: not bound in read-only mode, and their lower-case twins only say so. */
  readonly changes?: true;
  /** True for what makes sense on live servers only: not bound in a replay. */
  readonly live?: true;
  /** Why it does nothing now, as a sentence; null when it works. */
  readonly disabledReason?: (state: ConsoleState) => string | null;
}
