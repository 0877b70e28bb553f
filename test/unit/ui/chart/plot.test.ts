import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { plotAscii, plotBraille } from "../../../../src/ui/chart/plot.ts";
import { selectHighest } from "../../../../src/ui/chart/scale.ts";

const value = fc.oneof(fc.constant(null), fc.constant(0), fc.double({ min: 0, max: 1e9, noNaN: true }));
const plotted = fc.record({
  values: fc.array(value, { maxLength: 90 }),
  width: fc.integer({ min: 0, max: 40 }),
  height: fc.integer({ min: 1, max: 8 }),
  highest: fc.double({ min: 0, max: 1e9, noNaN: true }),
});

const COLUMNS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
];

/** Heights of the columns of dots, left to right; throws for dots that float in the air. */
function heightsOf(lines: readonly string[]): number[] {
  const width = lines[0]?.length ?? 0;
  return Array.from({ length: width * 2 }, (_, column) => {
    const dots = lines.flatMap((line) => {
      const cell = line.charAt(Math.floor(column / 2));
      const bits = cell === " " ? 0 : cell.charCodeAt(0) - 0x2800;
      return (COLUMNS[column % 2] ?? []).map((dot) => (bits & dot) !== 0);
    });
    const height = dots.filter(Boolean).length;
    if (dots.slice(dots.length - height).includes(false)) throw new Error("dots in the air");
    return height;
  });
}

describe("a plot of dots", () => {
  it("has exactly as many lines and cells as asked for, all of them braille", () => {
    fc.assert(
      fc.property(plotted, ({ values, width, height, highest }) => {
        const lines = plotBraille(values, width, height, highest);
        expect(lines).toHaveLength(height);
        for (const line of lines) expect(line).toMatch(new RegExp(`^[ \\u2801-\\u28ff]{${width}}$`));
      }),
    );
  });

  it("has the newest value on the right, no dot for a gap, one for zero, more for anything above it", () => {
    fc.assert(
      fc.property(plotted, ({ values, width, height, highest }) => {
        const shown = width === 0 ? [] : values.slice(-2 * width);
        const heights = heightsOf(plotBraille(values, width, height, highest));
        expect(heights.slice(0, heights.length - shown.length).every((each) => each === 0)).toBe(true);
        shown.forEach((each, index) => {
          const dots = heights[heights.length - shown.length + index] ?? -1;
          if (each === null) expect(dots).toBe(0);
          else if (each === 0 || highest === 0) expect(dots).toBe(1);
          else expect(dots).toBeGreaterThan(1);
          if (each !== null && highest > 0 && each >= highest) expect(dots).toBe(4 * height);
        });
      }),
    );
  });

  it("is never lower for a higher value", () => {
    fc.assert(
      fc.property(plotted, ({ values, height, highest }) => {
        const sorted = values.filter((each) => each !== null).sort((a, b) => a - b);
        const heights = heightsOf(plotBraille(sorted, 45, height, highest)).slice(90 - sorted.length);
        expect(heights).toEqual([...heights].sort((a, b) => a - b));
      }),
    );
  });

  it("never draws over a gap from what is beside it", () => {
    fc.assert(
      fc.property(plotted, ({ values, height, highest }) => {
        const alone = values.map((each, index) =>
          heightsOf(
            plotBraille(
              values.map((_, place) => (place === index ? each : null)),
              45,
              height,
              highest,
            ),
          ),
        );
        const together = heightsOf(plotBraille(values, 45, height, highest));
        alone.forEach((heights, index) => {
          const column = 90 - values.length + index;
          expect(together[column]).toBe(heights[column]);
        });
      }),
      { numRuns: 30 },
    );
  });

  it("in ASCII keeps the three apart as well", () => {
    expect(plotAscii([null, null, 0, 0, 5, 5, 10, 10], 4, 2, 10)).toEqual(["  .#", " _##"]);
    expect(plotAscii([0.1, 0.1], 2, 2, 10)).toEqual(["  ", " :"]);
    fc.assert(
      fc.property(plotted, ({ values, width, height, highest }) => {
        const lines = plotAscii(values, width, height, highest);
        expect(lines).toHaveLength(height);
        for (const line of lines) expect(line).toMatch(new RegExp(`^[ ._:#]{${width}}$`));
      }),
    );
  });
});

describe("the upper end of a scale", () => {
  it.each([
    [[], 10, 10],
    [[null, 3], 1, 5],
    [[11], 10, 20],
    [[20], 10, 20],
    [[0.3], 0.1, 0.5],
    [[999], 1, 1000],
    [[4_200], 1, 5000],
  ] as const)("of %j is, with %d as its floor, %d", (values, floor, highest) => {
    expect(selectHighest(values, floor)).toBe(highest);
  });

  it("is below no value, and no more than 2.5 times the highest of them", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.001, max: 1e12, noNaN: true }), { minLength: 1 }), (values) => {
        const highest = Math.max(...values);
        const end = selectHighest(values, 0.001);
        expect(end).toBeGreaterThanOrEqual(highest);
        expect(end).toBeLessThanOrEqual(highest * 2.5 * (1 + 1e-9));
      }),
    );
  });
});
