import { describe, expect, it } from "vitest";
import { drawType, listSizes, toLargeText, typeHeight, typeWidth } from "../../../../src/ui/wall/big-type.ts";
import { type Face, LARGE_FACE, SMALL_FACE } from "../../../../src/ui/wall/font.ts";

const ALPHABET = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789smhd-_.:/?!<>+%~(),'*◆ "];

function draw(text: string, index: number, unicode: boolean): string {
  const size = listSizes(unicode).at(index);
  if (size === undefined) throw new Error("no such size");
  return drawType(text, size, "text")
    .map((line) => line.map((part) => part.text.trimEnd()).join(""))
    .join("\n");
}

/** Pixels in which two glyphs differ, left edges together. */
function distance(a: readonly string[], b: readonly string[]): number {
  const width = Math.max(a[0]?.length ?? 0, b[0]?.length ?? 0);
  return a.reduce((sum, row, index) => {
    const [left, right] = [row.padEnd(width, "."), (b[index] ?? "").padEnd(width, ".")];
    return sum + [...left].filter((pixel, column) => pixel !== right[column]).length;
  }, 0);
}

describe.each([
  ["small", SMALL_FACE, 5],
  ["large", LARGE_FACE, 7],
] as const)("the %s face", (_name, face: Face, height) => {
  it("has every letter, figure and sign the wall writes, each of the same height and no ragged rows", () => {
    expect([...face.glyphs.keys()].sort()).toEqual([...ALPHABET].sort());
    for (const [character, rows] of face.glyphs) {
      expect(rows, character).toHaveLength(height);
      expect(new Set(rows.map((row) => row.length)).size, character).toBe(1);
      if (character !== " ") expect(rows.join(""), character).toMatch(/#/);
      expect(rows.join(""), character).toMatch(/^[.#]+$/);
    }
  });

  it("tells every two glyphs apart by two pixels at least", () => {
    const glyphs = [...face.glyphs].filter(([character]) => !"* .'".includes(character));
    const alike = glyphs.flatMap(([a, rows], index) =>
      glyphs.slice(index + 1).flatMap(([b, others]) => (distance(rows, others) < 2 ? [`${a}${b}`] : [])),
    );
    expect(alike).toEqual([]);
  });
});

describe("large type", () => {
  it("looks like this in half blocks", () => {
    expect(draw("OK 5s", -1, true)).toMatchInlineSnapshot(`
      "▄▀▄ █ ▄▀    █▀▀
      █ █ █▀▄     ▀▀█  █▀
       ▀  ▀  ▀    ▀▀▀ ▀▀"
    `);
    expect(draw("DB-1", -2, true)).toMatchInlineSnapshot(`
      "█▀▀▀▄ █▀▀▀▄     ▄█
      █   █ █▄▄▄▀ ▄▄▄  █
      █   █ █   █      █
      ▀▀▀▀  ▀▀▀▀      ▀▀▀"
    `);
  });

  it("looks like this where there is ASCII only", () => {
    expect(draw("OK 5s", -1, false)).toMatchInlineSnapshot(`
      " #  #  #    ###
      # # # #     #
      # # ##      ###  ##
      # # # #       #  #
       #  #  #    ### ##"
    `);
  });

  it("is as wide and high as was said", () => {
    for (const unicode of [true, false]) {
      for (const size of listSizes(unicode)) {
        const lines = drawType("CRITICAL 59s", size, "text").map((line) => line.map(({ text }) => text).join(""));
        expect(lines).toHaveLength(typeHeight(size));
        expect(new Set(lines.map((line) => line.length))).toEqual(new Set([typeWidth("CRITICAL 59s", size)]));
      }
    }
  });

  it("writes names in capitals, and leaves one it has no letters for to ordinary type", () => {
    expect(toLargeText("db-eu_1.a")).toBe("DB-EU_1.A");
    expect(toLargeText("数据")).toBeNull();
    expect(typeWidth("é", listSizes(true)[0] as never)).toBeNull();
  });
});
