import fc from "fast-check";
import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import { ONE_CELL_EACH, ONE_GRAPHEME_EACH } from "../../../scripts/text-shortcuts.js";

const oneCellEach = new RegExp(ONE_CELL_EACH);
const oneGraphemeEach = new RegExp(ONE_GRAPHEME_EACH);
const allUnits = Array.from({ length: 0x1_0000 }, (_, code) => String.fromCharCode(code));
const cellUnits = allUnits.filter((unit) => oneCellEach.test(unit));
const graphemeUnits = allUnits.filter((unit) => oneGraphemeEach.test(unit));
const textOf = (units: readonly string[]) =>
  fc.array(fc.constantFrom(...units), { maxLength: 60 }).map((parts) => parts.join(""));

describe("the short cuts of the bundle", () => {
  it("take signs of the console's own drawing, and none that is wide, combining or a control", () => {
    for (const sign of "─│├└▶●◆▲▁█…–→") expect(cellUnits, sign).toContain(sign);
    for (const sign of ["é", "漢", "\u0301", "\u200d", "\ufe0f", "\u20e3", "\u001b", "\n", "☕", "⌚"]) {
      expect(cellUnits).not.toContain(sign);
    }
  });

  it("give every sign the width that string-width gives it", () => {
    expect(cellUnits.filter((unit) => stringWidth(unit) !== 1)).toEqual([]);
  });

  it("give text of such signs the width that string-width gives it", () => {
    fc.assert(
      fc.property(textOf(cellUnits), (text) => stringWidth(text) === text.length),
      { numRuns: 2_000 },
    );
  });

  it("take text apart where the segmenter takes it apart", () => {
    const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });
    const same = (text: string) => [...segmenter.segment(text)].length === text.length;
    fc.assert(fc.property(textOf(graphemeUnits), same), { numRuns: 2_000 });
  });
});
