/** The one store: engine events and input events go in, states come out, effects are handed on. Nothing else changes the state. */
import { createStore, type StoreApi } from "zustand/vanilla";
import type { EngineEvent } from "../engine/protocol.ts";
import type { EpochMs } from "../model/reading.ts";
import type { InputEvent } from "./input/events.ts";
import type { ScreenSize } from "./layout.ts";
import { selectSessionsNode } from "./selectors/tables.ts";
import { confirmHeld } from "./state/plan-input.ts";
import { reduceEngine } from "./state/reduce-engine.ts";
import { reduceInput } from "./state/reduce-input.ts";
import { settle } from "./state/settle.ts";
import { type ConsoleState, selectCluster } from "./state/state.ts";
import type { Effect, Update } from "./state/update.ts";
import { followTour } from "./tour/tour.ts";

export interface ConsoleStore {
  readonly states: StoreApi<ConsoleState>;
  onEngine(event: EngineEvent): void;
  /** @param together how many events came in the same piece of input; 1 unless told */
  onInput(event: InputEvent, together?: number): void;
  /** The terminal has taken a frame that shows this panel (see selectPanelKey). */
  onPainted(panelKey: string): void;
  /** The time of a `wake` effect has come. */
  onWake(): void;
  onResize(size: ScreenSize): void;
  /** Time passes: ages grow and messages vanish even when the engine is silent. */
  onTick(): void;
}

export interface ConsoleStoreOptions {
  readonly initial: ConsoleState;
  readonly clock: () => EpochMs;
  readonly onEffect: (effect: Effect) => void;
}

/** The list of operations is asked for anew this often while it is on screen, ms. */
const RELIST_MS = 5_000;

/** The tour looks at what is shown, and its own lines take room from it. */
function follow(settled: ConsoleState): ConsoleState {
  const followed = followTour(settled);
  return followed === settled ? settled : settle(followed);
}

export function createConsoleStore(options: ConsoleStoreOptions): ConsoleStore {
  const states = createStore<ConsoleState>()(() => settle(options.initial));
  let watched: string | null = null;
  let listed: { readonly cluster: string; readonly at: EpochMs } | null = null;

  function commit(next: ConsoleState): void {
    const settled = follow(settle(next));
    if (settled !== states.getState()) states.setState(settled, true);
    watchSessions(settled);
    watchOperations(settled);
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

  /** The journal is read while its pane is looked at: others write into it too. */
  function watchOperations(settled: ConsoleState): void {
    const { pane, now } = settled;
    const cluster = selectCluster(settled)?.name ?? null;
    const wanted = pane === "operations" ? cluster : null;
    if (wanted === null) listed = null;
    else if (listed?.cluster !== wanted || now - listed.at >= RELIST_MS) {
      listed = { cluster: wanted, at: now };
      options.onEffect({ type: "engine", request: { type: "list-operations", cluster: wanted } });
    }
  }

  function apply(reduce: (state: ConsoleState) => Update): void {
    const { state, effects } = reduce({ ...states.getState(), now: options.clock() });
    commit(state);
    for (const effect of effects) options.onEffect(effect);
  }

  return {
    states,
    onEngine: (event) => commit(reduceEngine(states.getState(), event, options.clock())),
    onInput: (event, together = 1) => apply((state) => reduceInput(state, event, together)),
    onPainted(key) {
      const state = states.getState();
      if (state.painted?.key !== key) commit({ ...state, painted: { key, at: options.clock() } });
    },
    onWake: () => apply((state) => confirmHeld(state, options.clock())),
    onResize: (size) => commit({ ...states.getState(), size }),
    onTick: () => commit({ ...states.getState(), now: options.clock() }),
  };
}
