/** How the tour begins, goes on and ends. It follows what is done and takes no key away but `Esc` where that does nothing else. */
import type { ConsoleState, TourBase } from "../state/state.ts";
import { withMessage } from "../state/update.ts";
import { selectTourSteps } from "./steps.ts";

const OVER = "the tour is over; t begins it again";

/** Begins anew, also when it runs: at the table of the first pane, where its first step is. */
export function beginTour(state: ConsoleState): ConsoleState {
  const ready: ConsoleState = { ...state, pane: "nodes", overlay: null, prompt: null, frozen: null };
  return { ...ready, tour: { at: "running", step: 0, base: baseOf(ready) } };
}

/** Nothing else was open: `Esc` ends the tour, or takes its offer away. */
export function leaveTour(state: ConsoleState): ConsoleState {
  if (state.tour.at === "off") return state;
  const without: ConsoleState = { ...state, tour: { at: "off" } };
  return state.tour.at === "offered" ? without : withMessage(without, OVER);
}

/** Goes on to the next step when the one on screen is done; after the last the tour is over. */
export function followTour(state: ConsoleState): ConsoleState {
  const { tour } = state;
  if (tour.at !== "running") return state;
  const steps = selectTourSteps(state);
  const step = steps[tour.step];
  // Before the first picture there was no row to go away from.
  if (step !== undefined && tour.base.row === null && state.panes.nodes.cursor.key !== null)
    return { ...state, tour: { ...tour, base: baseOf(state) } };
  if (step !== undefined && !step.isDone(state, tour.base)) return state;
  const next = tour.step + 1;
  if (next >= steps.length) return withMessage({ ...state, tour: { at: "off" } }, OVER);
  return { ...state, tour: { at: "running", step: next, base: baseOf(state) } };
}

function baseOf({ panes, historySpan }: ConsoleState): TourBase {
  return { row: panes.nodes.cursor.key, historySpan };
}
