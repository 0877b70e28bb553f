import * as fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import type { MouseEvent } from "../../../../src/ui/input/events.ts";
import { selectTarget } from "../../../../src/ui/mouse/target.ts";
import { plainText } from "../../../../src/ui/paint.ts";
import { selectScreen } from "../../../../src/ui/selectors/screen.ts";
import { type ConsoleState, isPanel, PANES } from "../../../../src/ui/state/state.ts";
import type { Effect } from "../../../../src/ui/state/update.ts";
import { type ConsoleStore, createConsoleStore } from "../../../../src/ui/store.ts";
import { buildConsoleState } from "../../../support/console-state.ts";
import { buildPlan } from "../../../support/plans.ts";
import * as build from "../../../support/snapshots.ts";

let now = build.START;
let effects: Effect[] = [];
let store: ConsoleStore;

function create(change: Partial<ConsoleState> = {}): void {
  now = build.START;
  effects = [];
  const initial = buildConsoleState({ size: { columns: 120, rows: 30 }, mouse: true });
  store = createConsoleStore({
    initial: { ...initial, ...change },
    clock: () => now,
    onEffect: (effect) => void effects.push(effect),
  });
  store.onEngine({ type: "snapshot", snapshot: build.buildSnapshot() });
}

const state = () => store.states.getState();
const mouse = (column: number, row: number, change: Partial<MouseEvent> = {}) => {
  now += 1_000;
  store.onInput({ type: "mouse", action: "press", button: "left", column, row, at: now, ...change });
};
const press = (...keys: string[]) => {
  for (const key of keys) {
    now += 1_000;
    store.onInput({ type: "key", key, text: key.length === 1 ? key : null, at: now });
  }
};

/** Lines of the screen as a person reads them. */
function lines(): string[] {
  const model = selectScreen(state());
  if (model.kind === "tiny") return model.lines.map(plainText);
  return [
    ...model.header.map(plainText),
    ...model.body.map(({ line }) => plainText(line)),
    ...model.tour.map(plainText),
    ...model.alerts.map(plainText),
    plainText(model.footer),
  ];
}

/** Clicks the first place where the text stands. */
function click(text: string, change: Partial<MouseEvent> = {}): void {
  const row = lines().findIndex((line) => line.includes(text));
  if (row < 0) throw new Error(`not on screen: ${text}\n${lines().join("\n")}`);
  mouse((lines()[row]?.indexOf(text) ?? 0) + 1, row + 1, change);
}

const selected = () => state().panes[state().pane].cursor.key;
/** What reaches the engine beside questions for what is shown. */
const sent = () =>
  effects.filter(
    (effect) =>
      effect.type !== "engine" || !["watch-sessions", "list-operations", "refresh"].includes(effect.request.type),
  );

beforeEach(() => create());

describe("a click", () => {
  it("on a row selects it, and another there opens its detail", () => {
    click("ubuntu3");
    expect(selected()).toBe("ubuntu3");
    expect(state().overlay).toBeNull();
    click("ubuntu3");
    expect(state().overlay).toMatchObject({ kind: "detail", key: "ubuntu3" });
  });

  it("counts rows from the first that is shown", () => {
    create({ size: { columns: 120, rows: 15 } });
    const nodes = Array.from({ length: 40 }, (_, index) => build.buildNode(`node${String(index).padStart(2, "0")}`));
    const cluster = { ...build.buildCluster(), nodes };
    store.onEngine({ type: "snapshot", snapshot: build.buildSnapshot({ clusters: [cluster] }) });
    press("G");
    const shown = lines().filter((line) => /node\d\d/.test(line));
    const name = /node\d\d/.exec(shown[1] ?? "")?.[0] ?? "";
    expect(name).not.toBe("node01");
    click(name);
    expect(selected()).toBe(name);
  });

  it.each(["HAProxy", "Replication", "Timeline", "Operations", "Sessions"] as const)(
    "on the tab %s goes there",
    (title) => {
      click(title);
      expect(lines()[1]).toContain(`[${title}]`);
      click("Nodes");
      expect(state().pane).toBe("nodes");
    },
  );

  it("on the number of a tab and on its last letter goes there too", () => {
    mouse((lines()[1]?.indexOf("3 Repl") ?? 0) + 1, 2);
    expect(state().pane).toBe("replication");
    mouse((lines()[1]?.indexOf("Timeline") ?? 0) + "Timeline".length, 2);
    expect(state().pane).toBe("timeline");
  });

  it("on a heading sorts up, then down, then not", () => {
    click("NODE");
    expect(state().panes.nodes.sort).toEqual({ column: "node", direction: "ascending" });
    click("NODE");
    expect(state().panes.nodes.sort).toEqual({ column: "node", direction: "descending" });
    click("NODE");
    expect(state().panes.nodes.sort).toBeNull();
  });

  it("on any heading of any pane finds the column that is drawn there", () => {
    for (const pane of PANES) {
      press(String(PANES.indexOf(pane) + 1));
      const heading = lines()[2] ?? "";
      for (const { 0: title, index } of heading.matchAll(/[A-Z][A-Z0-9/.]*/g)) {
        const target = selectTarget(state(), index + 1, 3);
        if (target?.kind === "heading") expect(target.column.title).toContain(title);
      }
    }
  });

  it("on the alerts shows all of them", () => {
    click("no alerts");
    expect(state().overlay).toMatchObject({ kind: "alerts" });
  });

  it("finds the alerts below the lines of the tour, which are nothing to click on", () => {
    press(":", ..."tour", "enter");
    expect(state().tour.at).toBe("running");
    click("on the table ends it");
    expect(state().overlay).toBeNull();
    click("no alerts");
    expect(state().overlay).toMatchObject({ kind: "alerts" });
  });

  it("on a tab leaves a detail", () => {
    press("enter");
    expect(state().overlay).not.toBeNull();
    click("2 HAProxy");
    expect(state()).toMatchObject({ pane: "haproxy", overlay: null });
  });

  it("with another button, on its release or in motion does nothing", () => {
    const before = state().panes;
    click("ubuntu3", { button: "right" });
    click("ubuntu3", { button: "middle" });
    click("ubuntu3", { action: "release" });
    click("ubuntu3", { action: "move" });
    expect(state().panes).toEqual(before);
    expect(state().overlay).toBeNull();
  });

  it("does nothing while the mouse is off, and the palette switches it", () => {
    create({ mouse: false });
    click("ubuntu3");
    expect(selected()).not.toBe("ubuntu3");
    press(":", ..."mouse", "enter");
    expect(effects).toContainEqual({ type: "mouse", on: true });
    click("ubuntu3");
    expect(selected()).toBe("ubuntu3");
    press(":", ..."mouse", "enter");
    expect(effects).toContainEqual({ type: "mouse", on: false });
  });

  it("on a screen that is too small to draw does nothing", () => {
    create({ size: { columns: 40, rows: 10 } });
    for (let row = 1; row <= 10; row++) mouse(5, row);
    expect(state()).toMatchObject({ pane: "nodes", overlay: null });
  });
});

describe("the wheel", () => {
  it("moves the selection, and scrolls what covers the table", () => {
    mouse(1, 10, { action: "wheel-down", button: "none" });
    expect(state().panes.nodes.cursor.index).toBe(3);
    mouse(1, 10, { action: "wheel-up", button: "none" });
    expect(state().panes.nodes.cursor.index).toBe(0);
    create({ size: { columns: 80, rows: 16 } });
    press("?");
    mouse(1, 10, { action: "wheel-down", button: "none" });
    expect(state().overlay).toMatchObject({ kind: "help", top: 3 });
  });

  it("moves through the palette, not through the table below it", () => {
    press(":");
    mouse(1, 10, { action: "wheel-down", button: "none" });
    expect(state().prompt).toMatchObject({ kind: "palette", index: 3 });
    expect(state().panes.nodes.cursor.index).toBe(0);
  });
});

describe("a click never acts", () => {
  it("chooses an entry of the palette and leaves it to Enter", () => {
    press(":", ..."drain");
    click("drain");
    const before = state().prompt;
    for (let row = 1; row <= 30; row++) mouse(10, row);
    expect(before).toMatchObject({ kind: "palette", text: "drain" });
    expect(state().prompt).toMatchObject({ kind: "palette", text: "drain" });
    expect(state().overlay).toBeNull();
    expect(sent()).toEqual([]);
  });

  it.each(["reversible", "disruptive"] as const)("on the panel of a %s plan changes nothing at all", (danger) => {
    press("D");
    const [asked] = sent();
    if (asked?.type !== "engine" || asked.request.type !== "plan") throw new Error("no plan was asked for");
    const plan = buildPlan(asked.request.request, { danger, at: now });
    store.onEngine({
      type: "plan",
      answer: { requestId: asked.request.requestId, plan, refusal: null, replaces: null },
    });
    store.onPainted(`plan ${state().serial}`);
    const { overlay, pane } = state();
    effects = [];
    for (let row = 0; row <= 31; row++) for (const column of [1, 2, 10, 40, 80, 120]) mouse(column, row);
    expect(state().overlay).toEqual(overlay);
    expect(state().pane).toBe(pane);
    expect(effects).toEqual([]);
  });

  it("wherever and however often, with any button and at any place", () => {
    const anyPlace = fc.oneof(
      fc.integer({ min: -5, max: 130 }),
      fc.constantFrom(0, 65_535, Number.MAX_SAFE_INTEGER, Number.NaN, Number.POSITIVE_INFINITY),
    );
    const anyEvent = fc.record({
      action: fc.constantFrom("press", "release", "move", "wheel-up", "wheel-down" as const),
      button: fc.constantFrom("left", "middle", "right", "none" as const),
      column: anyPlace,
      row: anyPlace,
    });
    const anyKey = fc.constantFrom("1", "2", "3", "4", "5", "6", ":", "/", "?", "esc", "enter", "a", "d", "o");
    fc.assert(
      fc.property(fc.array(fc.oneof(anyEvent, anyEvent, anyKey), { maxLength: 40 }), (events) => {
        create();
        for (const event of events) {
          if (typeof event === "string") press(state().prompt === null ? event : "esc");
          else mouse(event.column, event.row, { action: event.action as "press", button: event.button as "left" });
          expect(isPanel(state().overlay)).toBe(false);
        }
        expect(sent()).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});
