import { describe, expect, it } from "vitest";
import { judgeKey, selectPanelKey } from "../../../src/ui/state/confirm.ts";
import { openQuit } from "../../../src/ui/state/panels.ts";
import type { ConsoleState } from "../../../src/ui/state/state.ts";
import { buildConsoleState } from "../../support/console-state.ts";

const PAINTED_AT = 10_000;

function shown(change: Partial<ConsoleState> = {}): ConsoleState {
  const state = openQuit(buildConsoleState({ now: PAINTED_AT }));
  return { ...state, painted: { key: selectPanelKey(state) ?? "", at: PAINTED_AT }, ...change };
}

const press = (state: ConsoleState, at: number, together = 1) =>
  judgeKey(state, { type: "key", key: "y", text: "y", at }, together);

describe("a key that confirms", () => {
  it.each([
    ["before the frame was written", PAINTED_AT - 1, "early"],
    ["with the frame", PAINTED_AT, "counts"],
    ["long after", PAINTED_AT + 60_000, "counts"],
  ])("typed %s: %s", (_when, at, wanted) => {
    expect(press(shown(), at)).toBe(wanted);
  });

  it("counts for nothing when another panel was painted, or when nobody can see it", () => {
    expect(press(shown({ painted: { key: "plan 1", at: PAINTED_AT } }), PAINTED_AT + 500)).toBe("early");
    expect(press(shown({ size: { columns: 20, rows: 5 } }), PAINTED_AT + 500)).toBe("early");
  });

  it("does not count among others of one piece of input", () => {
    expect(press(shown(), PAINTED_AT + 500, 2)).toBe("burst");
  });

  it.each([
    ["y", 30, "repeat"],
    ["y", 500, "held"],
    ["y", 2_000, "counts"],
    ["a", 2, "burst"],
    ["a", 60, "counts"],
  ])("after %s, %i ms before: %s", (key, gap, wanted) => {
    const at = PAINTED_AT + 5_000;
    expect(press(shown({ lastKey: { key, at: at - gap } }), at)).toBe(wanted);
  });

  it("counts right after the key that opened the panel: a frame lies between them", () => {
    expect(press(shown({ lastKey: { key: "D", at: PAINTED_AT - 2 } }), PAINTED_AT + 1)).toBe("counts");
  });
});
