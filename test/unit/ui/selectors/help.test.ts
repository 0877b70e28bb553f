import { describe, expect, it } from "vitest";
import { boundKeys } from "../../../../src/ui/keymap.ts";
import { plainText } from "../../../../src/ui/paint.ts";
import { listPaletteEntries, searchPalette } from "../../../../src/ui/palette.ts";
import { selectOverlayLines } from "../../../../src/ui/selectors/body.ts";
import { selectFooter } from "../../../../src/ui/selectors/footer.ts";
import type { ConsoleState, PaneId } from "../../../../src/ui/state/state.ts";
import { createConsoleStore } from "../../../../src/ui/store.ts";
import { buildConsoleState } from "../../../support/console-state.ts";
import { buildR1 } from "../../../support/model-builders.ts";
import * as build from "../../../support/snapshots.ts";

/** A console that shows the cluster of the fixtures, after these keys. */
function stateAfter(...keys: string[]): ConsoleState {
  let now = build.START;
  const initial = buildConsoleState({ size: { columns: 80, rows: 24 }, themeName: "mono", color: false });
  const store = createConsoleStore({ initial, clock: () => now, onEffect: () => undefined });
  store.onEngine({ type: "snapshot", snapshot: build.buildSnapshot() });
  for (const key of keys) {
    now += 1_000;
    store.onInput({ type: "key", key, text: key.length === 1 ? key : null, at: now });
  }
  return store.states.getState();
}

const helpLine = (state: ConsoleState, title: string) =>
  selectOverlayLines(state, 80)
    .map(plainText)
    .find((line) => line.includes(` ${title}`));

describe("the help", () => {
  it("shows the keys as they work once it is closed: covering the table itself, it keeps none of them from acting", () => {
    const help = stateAfter("down", "?");
    expect(help.overlay?.kind).toBe("help");
    expect(helpLine(help, "drain")?.trimEnd()).toMatch(/^ {2}D +drain$/);
    expect(selectOverlayLines(help, 80).map(plainText).join("\n")).not.toContain("close what covers");
  });

  it("still tells what keeps a key from working in this pane", () => {
    expect(helpLine(stateAfter("?"), "start or stop replication")).toContain("it follows nobody");
  });
});

describe("the palette", () => {
  it("finds by its first entry what the alert of a reload says to type", () => {
    const reload = { at: build.START, previousPid: 1, pid: 2, lost: ["read_nodes/db2 was drain, now up"] };
    const { alerts } = buildR1().haproxy("lb1", { reload }).snapshot();
    const [, word = ""] = /`:([^`]+)` in the console/.exec(alerts[0]?.advice ?? "") ?? [];
    expect(searchPalette(listPaletteEntries(stateAfter()), word)[0]?.command, word).toBe("reapply");
  });

  it("finds what the footer names by that word, first of all", () => {
    const state = stateAfter();
    for (const { command, hint } of boundKeys(false)) {
      if (hint === undefined || command === "palette") continue;
      expect(searchPalette(listPaletteEntries(state), hint.word)[0]?.command, hint.word).toBe(command);
    }
  });
});

describe("the footer of a detail", () => {
  const footer = (pane: PaneId) =>
    plainText(selectFooter({ ...stateAfter(), pane, overlay: { kind: "detail", pane, key: "x", top: 0 } }, 80));

  it("has the key of the charts in panes whose details have charts, and nowhere else", () => {
    for (const pane of ["nodes", "haproxy", "replication"] as const) expect(footer(pane), pane).toContain("z span");
    for (const pane of ["timeline", "operations", "sessions"] as const)
      expect(footer(pane), pane).not.toContain("span");
  });
});
