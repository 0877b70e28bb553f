/** What the decoder makes of terminal input. Views see these and never bytes. */
import type { EpochMs } from "../../model/reading.ts";

export interface KeyEvent {
  readonly type: "key";
  /**
   * One name per key: a printable character itself (`j`, `G`, `é`), or `space`, `enter`, `tab`, `shift-tab`, `esc`, `backspace`, `delete`,
   * `insert`, `up`, `down`, `left`, `right`, `home`, `end`, `pageup`, `pagedown`, `f1`…`f12`, `ctrl-a`…`ctrl-z`, `ctrl-space`,
   * with `alt-`, `shift-`, `ctrl-` in front where the terminal tells, in the order ctrl, alt, shift.
   */
  readonly key: string;
  /** The character to insert into a text field; null for keys that insert nothing. */
  readonly text: string | null;
  /** When the bytes arrived: a panel refuses keys typed before it was painted. */
  readonly at: EpochMs;
}

/** Bracketed paste. Never acts as keys; text fields insert it. */
export interface PasteEvent {
  readonly type: "paste";
  readonly text: string;
  readonly at: EpochMs;
}

/** SGR mouse report. Columns and rows count from 1. */
export interface MouseEvent {
  readonly type: "mouse";
  readonly action: "press" | "release" | "move" | "wheel-up" | "wheel-down";
  readonly button: "left" | "middle" | "right" | "none";
  readonly column: number;
  readonly row: number;
  readonly at: EpochMs;
}

export type InputEvent = KeyEvent | PasteEvent | MouseEvent;
