import { describe, expect, it } from "vitest";
import { plainText } from "../../../../src/ui/paint.ts";
import { createTheme, THEMES, TOKENS } from "../../../../src/ui/theme.ts";
import { chooseField, countRound, selectOffset } from "../../../../src/ui/wall/drift.ts";
import { createWallPaint } from "../../../../src/ui/wall/paint.ts";
import { selectWallScreen } from "../../../../src/ui/wall/screen.ts";
import * as build from "../../../support/snapshots.ts";
import { at, see, startWall } from "./support.ts";

const STEP_SECONDS = 180;

/** Which of the two halves of a cell are lit, by its character; ordinary letters count by their shape. */
function lit(character: string): readonly string[] {
  if (character === " " || character === "") return [];
  if (character === "█" || character === "#") return ["upper", "lower"];
  if (character === "▀") return ["upper"];
  return character === "▄" ? ["lower"] : [character];
}

/** Cells that show the same light at every place of the picture, though nothing happens. */
function countBurning(columns: number, rows: number, unicode: boolean): number {
  const names = columns >= 160 ? ["shop", "pay", "auth"] : ["shop"];
  const clusters = names.map((name, index) =>
    index === 0
      ? build.buildCluster({ name, health: "critical", alerts: [build.buildAlert()] })
      : build.buildCluster({ name }),
  );
  let always: ReadonlySet<string> | null = null;
  for (let step = 0; step < countRound(chooseField({ columns, rows })); step++) {
    const time = at(step * STEP_SECONDS);
    const state = see(startWall(names, columns, rows, { unicode }), clusters, 0);
    const lines = selectWallScreen({
      ...state,
      now: time,
      heard: time,
      snapshot: build.buildSnapshot({ at: time.epochMs, clusters }),
    });
    const cells = new Set(
      lines.flatMap((line, row) =>
        [...plainText(line)].flatMap((character, column) => lit(character).map((half) => `${row} ${column} ${half}`)),
      ),
    );
    const before: ReadonlySet<string> = always ?? cells;
    always = new Set([...before].filter((cell) => cells.has(cell)));
  }
  return always?.size ?? 0;
}

describe("burn-in", { timeout: 30_000 }, () => {
  it.each([
    [80, 24, true],
    [160, 48, true],
    [320, 100, true],
    [80, 24, false],
  ])("at %ix%i (half blocks: %s) no part of a cell stays lit through a round of places", (columns, rows, unicode) => {
    expect(countBurning(columns, rows, unicode)).toBe(0);
  });

  it("moves by one cell at a time, reaches every place, and comes back", () => {
    const field = chooseField({ columns: 160, rows: 48 });
    const round = countRound(field);
    const places = Array.from({ length: round + 1 }, (_, step) => selectOffset(step, field));
    for (const [index, place] of places.slice(1).entries()) {
      const before = places[index] ?? place;
      expect(Math.abs(place.left - before.left) + Math.abs(place.top - before.top)).toBe(1);
    }
    expect(new Set(places.map(({ left, top }) => `${left} ${top}`)).size).toBe((field.columns + 1) * (field.rows + 1));
    expect(places.at(-1)).toEqual(places[0]);
  });

  it("stands still where there is no room to move", () => {
    const field = chooseField({ columns: 20, rows: 5 });
    expect([0, 1, 2, 77].map((step) => selectOffset(step, field))).toEqual(Array(4).fill({ left: 0, top: 0 }));
  });

  it.each(THEMES.map(({ name }) => name))("theme %s fills no field and shows nothing in reverse", (themeName) => {
    const paint = createWallPaint({ themeName, colorDepth: "256", themes: [], unicode: true });
    for (const token of TOKENS) {
      expect(createTheme(themeName, true)?.codes[token]).toBeDefined();
      expect(paint([{ text: "text", token }])).not.toMatch(/\u001b\[(?:7m|4[0-7]m|48;|10[0-7]m)/);
      expect(paint([{ text: "text", token }])).toContain("text");
    }
  });
});
