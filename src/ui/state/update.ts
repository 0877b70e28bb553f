/** What a reducer answers: the next state, and what has to be done outside of it. */
import type { EngineRequest } from "../../engine/protocol.ts";
import type { Token } from "../theme.ts";
import { type ConsoleState, MESSAGE_MS, type PaneState } from "./state.ts";

export type Effect =
  | { readonly type: "engine"; readonly request: EngineRequest }
  | { readonly type: "copy"; readonly text: string }
  | { readonly type: "redraw" }
  | { readonly type: "mouse"; readonly on: boolean }
  /** Calls `onWake` of the store later. */
  | { readonly type: "wake"; readonly afterMs: number }
  | { readonly type: "suspend" }
  | { readonly type: "quit" };

export interface Update {
  readonly state: ConsoleState;
  readonly effects: readonly Effect[];
}

export function only(state: ConsoleState, ...effects: Effect[]): Update {
  return { state, effects };
}

export function withMessage(state: ConsoleState, text: string, token: Token = "info"): ConsoleState {
  return { ...state, message: { text, token, until: state.now + MESSAGE_MS } };
}

export function withPane(state: ConsoleState, change: Partial<PaneState>): ConsoleState {
  return { ...state, panes: { ...state.panes, [state.pane]: { ...state.panes[state.pane], ...change } } };
}
