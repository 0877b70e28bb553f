/** A console that has just been started, before anything is known of a cluster. */
import { type ConsoleState, createInitialState, type StateOptions } from "../../src/ui/state/state.ts";
import { START } from "./snapshots.ts";

/** In 80 columns and 24 rows with colours, where nothing else is said. */
export function buildConsoleState(change: Partial<StateOptions> = {}): ConsoleState {
  return createInitialState({
    now: START,
    size: { columns: 80, rows: 24 },
    themeName: "dark",
    color: true,
    readOnly: false,
    unicode: true,
    version: "0",
    configPath: null,
    lagLimits: {},
    ...change,
  });
}
