/** The one store: engine events and input events go in, states come out, effects are handed on. Nothing else changes the state. */
import { createStore, type StoreApi } from "zustand/vanilla";
import type { EngineEvent } from "../engine/protocol.ts";
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
  let watched: string | null = null;

  function commit(next: ConsoleState): void {
    const settled = settle(next);
    if (settled !== states.getState()) states.setState(settled, true);
    watchSessions(settled);
  }

  /** The processlist is polled only while it is looked at. */
  function watchSessions(settled: ConsoleState): void {
    const { pane } = settled;
    const cluster = selectCluster(settled)?.name;
    if (cluster === undefined) return;
    const node = pane === "sessions" ? selectSessionsNode(settled) : null;
    const wanted = node === null ? null : JSON.stringify([cluster, node]);
    if (wanted === watched) return;
    watched = wanted;
    options.onEffect({ type: "engine", request: { type: "watch-sessions", cluster, node } });
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
