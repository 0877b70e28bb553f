/** The one store: engine events and input events go in, states come out, effects are handed on. Nothing else changes the state. */
import { createStore, type StoreApi } from "zustand/vanilla";
import type { EngineEvent, EngineRequest } from "../engine/protocol.ts";
import type { EpochMs } from "../model/reading.ts";
import type { InputEvent } from "./input/events.ts";
import type { ScreenSize } from "./layout.ts";
import { selectSessionsNode } from "./selectors/tables.ts";
import { reduceEngine } from "./state/reduce-engine.ts";
import { reduceInput } from "./state/reduce-input.ts";
import { settle } from "./state/settle.ts";
import { type ConsoleState, selectCluster } from "./state/state.ts";
import type { Effect } from "./state/update.ts";

export interface ConsoleStore {
  readonly states: StoreApi<ConsoleState>;
  onEngine(event: EngineEvent): void;
  onInput(event: InputEvent): void;
  onResize(size: ScreenSize): void;
  /** Time passes: ages grow and messages vanish even when the engine is silent. */
  onTick(): void;
}

export interface ConsoleStoreOptions {
  readonly initial: ConsoleState;
  readonly clock: () => EpochMs;
  readonly onEffect: (effect: Effect) => void;
}

export function createConsoleStore(options: ConsoleStoreOptions): ConsoleStore {
  const states = createStore<ConsoleState>()(() => settle(options.initial));
  let watched = "";

  function commit(next: ConsoleState): void {
    const settled = settle(next);
    if (settled !== states.getState()) states.setState(settled, true);
    const request = wantedSessions(settled);
    const wanted = JSON.stringify(request);
    if (request !== null && wanted !== watched) {
      watched = wanted;
      options.onEffect({ type: "engine", request });
    }
  }

  return {
    states,
    onEngine: (event) => commit(reduceEngine(states.getState(), event, options.clock())),
    onInput(event) {
      const { state, effects } = reduceInput({ ...states.getState(), now: options.clock() }, event);
      commit(state);
      for (const effect of effects) options.onEffect(effect);
    },
    onResize: (size) => commit({ ...states.getState(), size }),
    onTick: () => commit({ ...states.getState(), now: options.clock() }),
  };
}

/** The processlist is polled only while it is looked at. */
function wantedSessions(state: ConsoleState): EngineRequest | null {
  const cluster = selectCluster(state)?.name;
  if (cluster === undefined) return null;
  return { type: "watch-sessions", cluster, node: state.pane === "sessions" ? selectSessionsNode(state) : null };
}
