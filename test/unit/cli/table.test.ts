import { describe, expect, it } from "vitest";
import { formatCount, formatPosition, formatSeconds, formatSpan } from "../../../src/cli/status/figures.ts";
import { printJson } from "../../../src/cli/status/print-json.ts";
import { cell, createPaint, formatTable } from "../../../src/cli/status/table.ts";

describe("tables", () => {
  it("align columns by what a terminal shows, wide characters and colours included", () => {
    const rows = [
      [cell("データ", "strong"), cell("1")],
      [cell("db"), cell("22", "critical")],
      [cell("lonely"), cell("")],
    ];
    expect(formatTable(["NAME", "N"], rows, createPaint(false))).toEqual([
      "  NAME    N",
      "  データ  1",
      "  db      22",
      "  lonely",
    ]);
    const coloured = formatTable(["NAME", "N"], rows, createPaint(true));
    expect(coloured[1]).toBe("  \u001b[1mデータ\u001b[0m  1");
    expect(coloured[2]).toBe("  db      \u001b[1;31m22\u001b[0m");
  });
});

describe("figures", () => {
  it("never turn unknown into a number", () => {
    expect([
      formatSpan(null),
      formatSeconds(null),
      formatCount(null),
      formatPosition(null, 4),
      formatPosition("a", null),
    ]).toEqual(["?", "?", "?", "?", "?"]);
  });

  it.each([
    [0, "0ms"],
    [999, "999ms"],
    [1000, "1s"],
    [9960, "9.9s"],
    [61_000, "61s"],
    [7_199_000, "119m"],
    [86_400_000, "24h"],
    [1_000_000_000, "11d"],
  ])("%i ms is %s", (spanMs, text) => {
    expect(formatSpan(spanMs)).toBe(text);
  });

  it("shorten a position to the number of its file", () => {
    expect(formatPosition("mysql-bin.000012", 4711)).toBe("000012:4711");
    expect(formatPosition("odd", 4)).toBe("odd:4");
    expect(formatSeconds(0.25)).toBe("0.3s");
  });
});

describe("JSON for a terminal", () => {
  it("escapes what JSON itself lets through", () => {
    const value = { text: "\u009b2J \u202e \u200b \u007f \ufeff \u001b é 日本" };
    const out = printJson(value);
    expect(out).toContain("\\u009b2J \\u202e \\u200b \\u007f \\ufeff \\u001b é 日本");
    expect(JSON.parse(out)).toEqual(value);
  });
});
