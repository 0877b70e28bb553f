import { describe, expect, it } from "vitest";
import { lagCell, readingCell, stateCell, threadsCell, UNKNOWN_CELL } from "../../../../src/ui/columns/cells.ts";
import { STATE_WORDS as OPERATION_STATES } from "../../../../src/ui/columns/operation-states.ts";
import { ASCII_GLYPHS, UNICODE_GLYPHS } from "../../../../src/ui/glyphs.ts";
import { plainText, segment } from "../../../../src/ui/paint.ts";
import { selectAlertLines } from "../../../../src/ui/selectors/alerts.ts";
import { selectHeader } from "../../../../src/ui/selectors/header.ts";
import { buildConsoleState } from "../../../support/console-state.ts";
import * as build from "../../../support/snapshots.ts";
import { START } from "../../../support/snapshots.ts";

const SERVER_STATES = ["up", "down", "maint", "drain", "nolb", "unchecked", "unknown"] as const;
const HEALTHS = ["ok", "warning", "critical", "unknown"] as const;

/** Colour is never the only signal: what differs in colour differs in text as well. */
describe.each([
  ["Unicode", UNICODE_GLYPHS],
  ["ASCII", ASCII_GLYPHS],
])("without colour, in %s", (_, glyphs) => {
  const textOfServer = (state: (typeof SERVER_STATES)[number], freshness: "fresh" | "stale" = "fresh") =>
    plainText(stateCell(build.buildServer("b", "s", { state }), freshness, glyphs));

  it("every state of a server has a sign and a word of its own", () => {
    const texts = SERVER_STATES.map((state) => textOfServer(state));
    expect(new Set(texts).size).toBe(SERVER_STATES.length);
    expect(new Set(SERVER_STATES.map((state) => glyphs.server[state])).size).toBe(SERVER_STATES.length);
    for (const state of SERVER_STATES.slice(0, -1)) expect(textOfServer(state)).toMatch(/[A-Z]{2}/);
  });

  it("every health has a sign and its word in the header", () => {
    expect(new Set(HEALTHS.map((health) => glyphs.health[health])).size).toBe(HEALTHS.length);
    const lines = HEALTHS.map((health) => {
      const snapshot = build.buildSnapshot({ clusters: [build.buildCluster({ health })] });
      const state = {
        ...buildConsoleState({ themeName: "mono", color: false, unicode: glyphs.unicode }),
        feed: { snapshot, sessions: null, timeline: [] },
      };
      return plainText(selectHeader(state, 80)[0]);
    });
    lines.forEach((line, index) => {
      const health = HEALTHS[index] ?? "ok";
      expect(line).toContain(`${glyphs.health[health]} ${health.toUpperCase()}`);
    });
  });

  it("every severity of an alert has a sign and its word", () => {
    for (const severity of ["info", "warning", "critical"] as const) {
      const [first] = selectAlertLines([build.buildAlert({ severity })], 80, glyphs);
      expect(plainText(first ?? [])).toContain(`${glyphs.severity[severity]} ${severity.toUpperCase()}`);
    }
  });

  it("stale, unknown and fresh values differ", () => {
    const draw = (value: string) => [segment(value)];
    const texts = [
      readingCell(build.fresh("5", "x"), draw),
      readingCell(build.stale("5", "x", START), draw),
      UNKNOWN_CELL,
    ].map(plainText);
    expect(texts).toEqual(["5", "~5", "?"]);
    expect(textOfServer("up", "stale")).not.toBe(textOfServer("up"));
  });

  it("threads and lag are told by words and figures", () => {
    expect(plainText(threadsCell({ io: "connecting", sql: "no" }))).toBe("Conn/No");
    const limits = { warningSeconds: 5, criticalSeconds: 30 };
    expect(new Set([0, 6, 31, null].map((lag) => plainText(lagCell(lag, limits)))).size).toBe(4);
  });

  it("every state of an operation has a word of its own", () => {
    const words = Object.values(OPERATION_STATES).map(({ word }) => word);
    expect(new Set(words).size).toBe(words.length);
  });

  it("the selected row and a marked one have a sign", () => {
    expect(glyphs.cursor.trim()).not.toBe("");
    expect(glyphs.marked.trim()).not.toBe("");
    expect(glyphs.cursor).not.toBe(glyphs.marked);
  });
});
