import { describe, expect, it } from "vitest";
import { findBinding } from "../../../../src/ui/keymap.ts";
import { plainText } from "../../../../src/ui/paint.ts";
import { selectFooter } from "../../../../src/ui/selectors/footer.ts";
import { selectScreen } from "../../../../src/ui/selectors/screen.ts";
import { reduceInput } from "../../../../src/ui/state/reduce-input.ts";
import { settle } from "../../../../src/ui/state/settle.ts";
import type { ConsoleState, StateOptions } from "../../../../src/ui/state/state.ts";
import { createConsoleStore } from "../../../../src/ui/store.ts";
import { selectTourLines, wrapKeys } from "../../../../src/ui/tour/lines.ts";
import { selectTourSteps, TOUR_STEPS } from "../../../../src/ui/tour/steps.ts";
import { beginTour, followTour } from "../../../../src/ui/tour/tour.ts";
import { buildConsoleState } from "../../../support/console-state.ts";
import { buildCluster, buildSnapshot, START } from "../../../support/snapshots.ts";

function build(change: Partial<StateOptions> = {}): ConsoleState {
  const initial = buildConsoleState({ training: true, ...change });
  const snapshot = buildSnapshot({ clusters: [buildCluster()] });
  return settle({ ...initial, feed: { ...initial.feed, snapshot } });
}

/** As the store does after every key. */
function press(state: ConsoleState, ...keys: readonly string[]): ConsoleState {
  return keys.reduce((before, key) => {
    const text = key.length === 1 ? key : null;
    return settle(followTour(reduceInput(before, { type: "key", key, text, at: START }).state));
  }, state);
}

const stepOf = ({ tour }: ConsoleState) => (tour.at === "running" ? tour.step + 1 : tour.at);
const textOf = (state: ConsoleState) => selectTourLines(state, 80).map(plainText).join("\n");

describe("the tour", () => {
  it("goes on when its step is done, by whatever key, and stands still otherwise", () => {
    const begun = beginTour(build());
    expect(stepOf(press(begun, "o", "a", "esc"))).toBe(1);
    expect(stepOf(press(begun, "j"))).toBe(2);
    expect(stepOf(press(begun, "G", "enter"))).toBe(3);
    expect(textOf(press(begun, "j"))).toMatch(/tour 2\/14 .*Esc on the table ends it/);
  });

  it("waits for the first picture, whose first row is not a move", () => {
    const blank = build();
    const empty = settle({ ...blank, feed: { ...blank.feed, snapshot: null }, panes: buildConsoleState(blank).panes });
    const waiting = followTour(beginTour(empty));
    const shown = followTour(settle({ ...waiting, feed: blank.feed }));
    expect([stepOf(waiting), stepOf(shown), stepOf(press(shown, "j"))]).toEqual([1, 1, 2]);
  });

  it("that began before the first picture goes on with the first key after it", () => {
    const { now, size, lagLimits, ...rest } = build();
    const initial = beginTour(buildConsoleState({ ...rest, now, size, lagLimits, tour: { at: "off" } }));
    const store = createConsoleStore({ initial, clock: () => START, onEffect: () => {} });
    store.onEngine({ type: "snapshot", snapshot: buildSnapshot({ clusters: [buildCluster()] }) });
    store.onInput({ type: "key", key: "j", text: "j", at: START });
    expect(stepOf(store.states.getState())).toBe(2);
  });

  it("leaves Esc its meaning as long as it has one, and ends with it at the table", () => {
    const open = press(beginTour(build()), "j", "enter");
    expect(open.overlay?.kind).toBe("detail");
    const closed = press(open, "esc");
    expect([closed.overlay, stepOf(closed)]).toEqual([null, 3]);
    const marked = press(closed, "space", "esc");
    expect([marked.panes.nodes.marks.size, stepOf(marked)]).toEqual([0, 3]);
    expect(stepOf(press(marked, "esc"))).toBe("off");
    expect(stepOf(press(marked, "esc", "j", "enter"))).toBe("off");
  });

  it("opens no plan on a real cluster, nor where nothing may be changed", () => {
    const ids = (change: Partial<StateOptions>) => selectTourSteps(build(change)).map(({ id }) => id);
    expect(ids({})).toContain("plan");
    for (const change of [{ training: false }, { readOnly: true }]) {
      expect(ids(change)).not.toContain("plan");
      expect(ids(change)).not.toContain("leave");
    }
    const acting = selectTourSteps(build({ training: false })).filter(({ text }) =>
      [...text.matchAll(/`(.+?)`/g)].some(([, key = ""]) => findBinding(key, "nodes", false)?.changes === true),
    );
    expect(acting).toEqual([]);
  });

  it("names only keys that exist", () => {
    const keys = TOUR_STEPS.flatMap(({ text }) => [...text.matchAll(/`(.+?)`/g)].map(([, key = ""]) => key));
    // `y` belongs to the panel of a plan.
    const unbound = keys.filter((key) => findBinding(key.toLowerCase(), "nodes", false) === null && key !== "y");
    expect(unbound.filter((key) => findBinding(key, "nodes", false) === null)).toEqual([]);
    expect(keys.length).toBeGreaterThan(12);
  });

  it.each(TOUR_STEPS.map(({ id, text }) => [id, text] as const))(
    "says step %s in two lines of the narrowest screen",
    (_id, text) => {
      const lines = wrapKeys(text, 58).map(plainText);
      expect(lines.length).toBeLessThanOrEqual(2);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(60);
      expect(lines.join(" ").replace(/ +/g, " ").trim()).toBe(text.replaceAll("`", ""));
    },
  );

  it.each([
    [60, 15],
    [80, 24],
    [200, 60],
  ])("takes its room from the pane, so that the screen stays %d by %d", (columns, rows) => {
    const model = selectScreen(press(beginTour(build({ size: { columns, rows } })), "j"));
    if (model.kind !== "full") throw new Error("too small");
    const bar = model.bar === null ? 0 : 1;
    expect(model.header.length + model.body.length + model.tour.length + model.alerts.length + bar + 1).toBe(rows);
  });

  it("is offered by the first words of the footer until it was begun or Esc declines it", () => {
    const offered = build({ tour: { at: "offered" } });
    expect(plainText(selectFooter(offered, 80))).toMatch(/^t tour of two minutes {2}1-6 pane/);
    expect(plainText(selectFooter(build(), 80))).toMatch(/^1-6 pane/);
    expect(stepOf(press(offered, "esc"))).toBe("off");
    expect(stepOf(press(offered, "t"))).toBe(1);
    expect(stepOf(press(offered, "j", "enter", "esc"))).toBe("offered");
  });
});
