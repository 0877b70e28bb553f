import { describe, expect, it } from "vitest";
import { boundKeys, findBinding, findTwin, isInPane, KEYMAP, keyLabel } from "../../../src/ui/keymap.ts";
import { PANES } from "../../../src/ui/state/state.ts";

/** The left and right columns of the interface contract, §4. */
const CONTRACT: readonly (readonly [string, string])[] = [
  ["1", "pane"],
  ["6", "pane"],
  ["tab", "next-pane"],
  ["shift-tab", "previous-pane"],
  ["[", "previous-cluster"],
  ["]", "next-cluster"],
  ["j", "down"],
  ["k", "up"],
  ["up", "up"],
  ["down", "down"],
  ["g", "first"],
  ["G", "last"],
  ["pageup", "page-up"],
  ["pagedown", "page-down"],
  ["home", "first"],
  ["end", "last"],
  ["enter", "open"],
  ["esc", "back"],
  ["space", "mark"],
  ["/", "filter"],
  [":", "palette"],
  ["o", "sort-column"],
  ["O", "sort-direction"],
  ["ctrl-r", "refresh"],
  ["f", "freeze"],
  ["c", "copy"],
  ["?", "help"],
  ["q", "quit"],
  ["ctrl-c", "quit"],
  ["D", "drain"],
  ["M", "maintenance"],
  ["E", "enable"],
  ["W", "weight"],
  ["X", "shutdown-sessions"],
  ["S", "replication"],
  ["P", "promote"],
  ["U", "undo"],
  ["R", "rejoin"],
];

const ACTION_KEYS = ["D", "M", "E", "W", "X", "S", "P", "U", "R", "I"];

describe("the key table", () => {
  it.each(CONTRACT)("binds %s to %s, as the contract says", (key, command) => {
    expect(findBinding(key, "nodes", false)?.command).toBe(command);
  });

  it("numbers the panes in the order of the contract", () => {
    expect(["1", "2", "3", "4", "5", "6"].map((key) => findBinding(key, "nodes", false)?.argument)).toEqual([...PANES]);
  });

  it("gives no key two meanings in one pane", () => {
    for (const pane of PANES) {
      const keys = boundKeys(false)
        .filter((binding) => isInPane(binding, pane))
        .flatMap((binding) => binding.keys);
      expect(keys.length, pane).toBe(new Set(keys).size);
    }
  });

  it("binds no action to a key that terminals or typing habits send by accident", () => {
    const accidental = ["enter", "tab", "esc", "backspace", "space", "ctrl-s", "ctrl-q", "ctrl-z", "ctrl-a", "ctrl-b"];
    const actions = KEYMAP.filter((binding) => binding.changes).flatMap((binding) => binding.keys);
    expect(actions.filter((key) => accidental.includes(key))).toEqual([]);
    expect([...actions].sort()).toEqual([...ACTION_KEYS].sort());
  });

  it("leaves the lower-case twin of every action key without a command, but knows which key it is the twin of", () => {
    for (const key of ACTION_KEYS) {
      const twin = key.toLowerCase();
      expect(findBinding(twin, "nodes", false), twin).toBeNull();
      expect(findTwin(twin, false)?.keys, twin).toEqual([key]);
    }
  });

  it("binds nothing in a replay that acts, asks a server or marks for an action, and gives no key two meanings there", () => {
    const bound = boundKeys(true, true);
    expect(bound.filter((binding) => binding.changes || binding.live)).toEqual([]);
    const keys = bound.flatMap((binding) => binding.keys);
    expect(new Set(keys).size).toBe(keys.length);
    for (const key of ACTION_KEYS) expect(findBinding(key, "nodes", true, true), key).toBeNull();
    expect(findBinding("space", "nodes", true, true)?.argument).toBe("toggle");
    expect(findBinding("n", "nodes", false)).toBeNull();
  });

  it("does not bind one action key, nor any twin, in read-only mode", () => {
    expect(boundKeys(true).filter((binding) => binding.changes)).toEqual([]);
    for (const key of ACTION_KEYS) {
      expect(findBinding(key, "nodes", true), key).toBeNull();
      expect(findTwin(key.toLowerCase(), true), key).toBeNull();
    }
  });

  it("writes keys as people do", () => {
    expect(["ctrl-r", "pageup", "up", "j"].map((key) => keyLabel(key))).toEqual(["Ctrl-R", "PgUp", "↑", "j"]);
    expect(keyLabel("up", false)).toBe("Up");
  });
});
