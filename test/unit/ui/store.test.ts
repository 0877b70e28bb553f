import { beforeEach, describe, expect, it } from "vitest";
import type { EngineEvent } from "../../../src/engine/protocol.ts";
import { selectScreen } from "../../../src/ui/selectors/screen.ts";
import { type ConsoleState, MESSAGE_MS, TIMELINE_LIMIT } from "../../../src/ui/state/state.ts";
import type { Effect } from "../../../src/ui/state/update.ts";
import { type ConsoleStore, createConsoleStore } from "../../../src/ui/store.ts";
import { buildConsoleState } from "../../support/console-state.ts";
import * as build from "../../support/snapshots.ts";

let now = build.START;
let effects: Effect[] = [];
let store: ConsoleStore;

function create(change: Partial<ConsoleState> = {}): ConsoleStore {
  now = build.START;
  effects = [];
  const initial = buildConsoleState({ size: { columns: 120, rows: 30 } });
  return createConsoleStore({
    initial: { ...initial, ...change },
    clock: () => now,
    onEffect: (effect) => void effects.push(effect),
  });
}

const snapshotEvent = (change: Parameters<typeof build.buildSnapshot>[0] = {}): EngineEvent => ({
  type: "snapshot",
  snapshot: build.buildSnapshot(change),
});
const press = (...keys: string[]) => {
  for (const key of keys) store.onInput({ type: "key", key, text: key.length === 1 ? key : null, at: now });
};
const state = () => store.states.getState();

beforeEach(() => {
  store = create();
});

describe("engine events", () => {
  it("an older snapshot never replaces a newer one, but its changes are kept", () => {
    const older = build.buildSnapshot({
      changes: [{ at: now, cluster: "shop", kind: "node", severity: "info", subject: "db1", before: "a", after: "b" }],
    });
    const newer = build.buildSnapshot();
    store.onEngine({ type: "snapshot", snapshot: newer });
    store.onEngine({ type: "snapshot", snapshot: older });
    expect(state().feed.snapshot).toBe(newer);
    expect(state().feed.timeline).toHaveLength(1);
  });

  it("the timeline is newest first and does not grow without end", () => {
    for (let index = 0; index < TIMELINE_LIMIT + 10; index++) {
      store.onEngine(
        snapshotEvent({
          changes: [
            {
              at: now + index,
              cluster: "shop",
              kind: "node",
              severity: "info",
              subject: `s${index}`,
              before: "a",
              after: "b",
            },
          ],
        }),
      );
    }
    expect(state().feed.timeline).toHaveLength(TIMELINE_LIMIT);
    expect(state().feed.timeline[0]?.change.subject).toBe(`s${TIMELINE_LIMIT + 9}`);
  });

  it("a row of the timeline stays selected while new ones arrive above it", () => {
    const change = (subject: string) => ({
      at: now,
      cluster: "shop",
      kind: "node" as const,
      severity: "info" as const,
      subject,
      before: "a",
      after: "b",
    });
    store.onEngine(snapshotEvent({ changes: [change("first"), change("second")] }));
    press("4", "j");
    store.onEngine(snapshotEvent({ changes: [change("third")] }));
    expect(state().panes.timeline.cursor.index).toBe(2);
  });
});

describe("the view model", () => {
  it("is made of the same strings when a tick brought nothing new", () => {
    const clusters = [build.buildCluster()];
    store.onEngine(snapshotEvent({ clusters }));
    const before = JSON.stringify(selectScreen(state()));
    store.onEngine(snapshotEvent({ clusters: structuredClone(clusters) }));
    expect(JSON.stringify(selectScreen(state()))).toBe(before);
  });

  it("a second that passes changes the clock and nothing else on a calm screen", () => {
    const clusters = [build.buildCluster()];
    store.onEngine(snapshotEvent({ clusters }));
    const before = selectScreen(state());
    now += 1_000;
    store.onEngine(snapshotEvent({ clusters: structuredClone(clusters), at: now }));
    const after = selectScreen(state());
    if (before.kind !== "full" || after.kind !== "full") throw new Error("the screen is not tiny");
    expect(after.body).toEqual(before.body);
    expect(after.alerts).toEqual(before.alerts);
    expect(after.header[1]).toEqual(before.header[1]);
    expect(after.header[0]).not.toEqual(before.header[0]);
  });

  it("the age of the data grows when the engine falls silent", () => {
    store.onEngine(snapshotEvent());
    now += 65_000;
    store.onTick();
    const screen = selectScreen(state());
    expect(JSON.stringify(screen)).toContain("data 1m");
  });
});

describe("keys", () => {
  beforeEach(() => store.onEngine(snapshotEvent()));

  it("messages vanish with the next key, or after a while", () => {
    press("]");
    expect(state().message?.text).toContain("next cluster");
    press("j");
    expect(state().message).toBeNull();
    press("]");
    now += MESSAGE_MS;
    store.onTick();
    expect(state().message).toBeNull();
  });

  it("Space marks rows; Esc drops the marks", () => {
    press("space", "space");
    expect([...state().panes.nodes.marks]).toEqual(["ubuntu1", "ubuntu2"]);
    press("esc");
    expect(state().panes.nodes.marks.size).toBe(0);
  });

  it("in read-only mode action keys have no effect whatever, not even a request to the engine", () => {
    store = create({ readOnly: true });
    store.onEngine(snapshotEvent());
    press("D", "M", "E", "W", "X", "S", "P", "U", "R", "d", "m", "e", "w", "x", "s", "p", "u", "r");
    expect(effects).toEqual([]);
  });

  it("Ctrl-C quits from inside a text field", () => {
    press(":", "x", "ctrl-c");
    expect(effects).toEqual([{ type: "quit" }]);
  });

  it("q is a letter inside a text field", () => {
    press("/", "q");
    expect(effects).toEqual([]);
    expect(state().panes.nodes.filter).toBe("q");
  });

  it("without colour a theme is not switched, and it says why", () => {
    store = create({ color: false });
    store.onEngine(snapshotEvent());
    press(":", ..."theme light", "enter");
    expect(state().themeName).toBe("dark");
    expect(state().message?.text).toContain("colour is off");
  });

  it("sorting puts what is unknown last, in both directions", () => {
    const nodes = [
      build.buildNode("a", { channels: [build.buildChannel("x", { lagSeconds: 5 })] }),
      build.buildNode("b", { channels: [build.buildChannel("x", { lagSeconds: null })] }),
      build.buildNode("c", { channels: [build.buildChannel("x", { lagSeconds: 1 })] }),
    ];
    store.onEngine(snapshotEvent({ clusters: [build.buildCluster({ nodes })] }));
    const order = () => {
      const screen = selectScreen(state());
      return screen.kind === "full" ? screen.body.slice(1, 4).map((line) => line.key) : [];
    };
    press(":", ..."sort by lag", "enter");
    expect(order()).toEqual(["c", "a", "b"]);
    press("O");
    expect(order()).toEqual(["a", "c", "b"]);
  });
});
