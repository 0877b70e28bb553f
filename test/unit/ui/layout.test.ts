import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ColumnWish, layoutColumns, layoutScreen, scrollTo } from "../../../src/ui/layout.ts";

const wish = (id: string, priority: number, width: number, change: Partial<ColumnWish> = {}): ColumnWish => ({
  id,
  priority,
  minWidth: width,
  width,
  grow: 0,
  ...change,
});

describe("layoutColumns", () => {
  it("keeps the given order while it chooses by priority", () => {
    const placed = layoutColumns([wish("c", 3, 5), wish("a", 0, 5), wish("b", 1, 5)], 11, 1);
    expect(placed).toEqual([
      { id: "a", width: 5 },
      { id: "b", width: 5 },
    ]);
  });

  it("lets nothing less important slip in where something more important had no room", () => {
    const placed = layoutColumns([wish("a", 0, 5), wish("wide", 1, 20), wish("small", 2, 2)], 10, 1);
    expect(placed.map((column) => column.id)).toEqual(["a"]);
  });

  it("gives the last one its minimum when its wish does not fit", () => {
    expect(layoutColumns([wish("a", 0, 5), wish("b", 1, 20, { minWidth: 4 })], 12, 1)).toEqual([
      { id: "a", width: 5 },
      { id: "b", width: 6 },
    ]);
  });

  it("gives the rest to columns that grow, by their share", () => {
    const placed = layoutColumns([wish("a", 0, 5, { grow: 1 }), wish("b", 0, 5, { grow: 3 })], 31, 1);
    expect(placed).toEqual([
      { id: "a", width: 10 },
      { id: "b", width: 20 },
    ]);
  });

  it("never takes more cells than there are", () => {
    const anyWish = fc.record({
      priority: fc.nat(9),
      minWidth: fc.integer({ min: 1, max: 20 }),
      width: fc.integer({ min: 1, max: 40 }),
      grow: fc.nat(2),
    });
    fc.assert(
      fc.property(fc.array(anyWish, { maxLength: 12 }), fc.integer({ min: 1, max: 300 }), (wishes, width) => {
        const placed = layoutColumns(
          wishes.map((each, index) => ({ ...each, id: String(index) })),
          width,
          1,
        );
        const used = placed.reduce((sum, column) => sum + column.width, 0) + Math.max(0, placed.length - 1);
        expect(used).toBeLessThanOrEqual(width);
        for (const column of placed) expect(column.width).toBeGreaterThan(0);
      }),
    );
  });
});

describe("layoutScreen", () => {
  it("uses every row of the terminal, never more", () => {
    for (let rows = 15; rows <= 120; rows++) {
      const layout = layoutScreen({ columns: 80, rows });
      expect(layout.headerRows + layout.bodyRows + layout.alertRows + layout.footerRows).toBe(rows);
    }
  });

  it("calls a terminal below 60x15 tiny", () => {
    expect(layoutScreen({ columns: 59, rows: 24 }).tiny).toBe(true);
    expect(layoutScreen({ columns: 80, rows: 14 }).tiny).toBe(true);
    expect(layoutScreen({ columns: 60, rows: 15 }).tiny).toBe(false);
  });
});

describe("scrollTo", () => {
  it("moves the window as little as possible and keeps the row in it", () => {
    expect(scrollTo(0, 5, 10, 100)).toBe(0);
    expect(scrollTo(0, 10, 10, 100)).toBe(1);
    expect(scrollTo(50, 20, 10, 100)).toBe(20);
    expect(scrollTo(95, 99, 10, 100)).toBe(90);
    expect(scrollTo(5, 0, 10, 3)).toBe(0);
  });
});
