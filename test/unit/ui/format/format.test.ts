import { describe, expect, it } from "vitest";
import { formatAge, formatCoarse, formatDuration } from "../../../../src/ui/format/duration.ts";
import { formatBytes, formatCount } from "../../../../src/ui/format/number.ts";
import { formatSparkline } from "../../../../src/ui/format/sparkline.ts";
import {
  fitText,
  foldToAscii,
  safeText,
  tailText,
  textWidth,
  truncateMiddle,
  truncateText,
  wrapText,
} from "../../../../src/ui/format/text.ts";
import { ASCII_GLYPHS, chooseGlyphs, UNICODE_GLYPHS } from "../../../../src/ui/glyphs.ts";

describe("durations", () => {
  it.each([
    [0, "0s"],
    [59, "59s"],
    [60, "1m00s"],
    [250, "4m10s"],
    [600, "10m"],
    [3_900, "1h05m"],
    [90_000, "1d01h"],
    [1_000_000, "11d"],
  ])("%i s is %s", (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });

  it("ages have one unit, so that they seldom change", () => {
    expect([0, 999, 1_000, 59_999, 60_000, 3_600_000].map(formatAge)).toEqual(["<1s", "<1s", "1s", "59s", "1m", "1h"]);
    expect(formatCoarse(200_000)).toBe("2d");
  });
});

describe("figures", () => {
  it("unknown is a question mark and never 0", () => {
    expect([formatCount(null), formatBytes(null), formatCount(Number.NaN)]).toEqual(["?", "?", "?"]);
    expect(formatCount(0)).toBe("0");
  });

  it.each([
    [9_999, "9999"],
    [12_345, "12k"],
    [3_400_000, "3.4M"],
    [12e9, "12G"],
  ])("%i is %s", (value, text) => {
    expect(formatCount(value)).toBe(text);
  });
});

describe("sparklines", () => {
  it("a tick without data is a gap, not a zero", () => {
    expect(formatSparkline([0, null, 4], 3, 4, UNICODE_GLYPHS)).toBe("▁·█");
    expect(formatSparkline([0, null, 4], 3, 4, ASCII_GLYPHS)).toBe("_?@");
  });

  it("shows the newest samples, with missing history on the left", () => {
    expect(formatSparkline([8, 0, 0], 2, 1, UNICODE_GLYPHS)).toBe("▁▁");
    expect(formatSparkline([1], 4, 1, UNICODE_GLYPHS)).toBe("   █");
  });
});

describe("text in cells", () => {
  it("measures wide characters as two cells and never cuts one in half", () => {
    expect(textWidth("数据")).toBe(4);
    expect(truncateText("数据库", 4)).toBe("数…");
    expect(fitText("数据库", 5)).toBe("数据…");
    expect(fitText("数", 3, "right")).toBe(" 数");
  });

  it("cuts names out of the middle, and what is typed at its beginning, and never a wide character in half", () => {
    expect(truncateMiddle("prod-mysql-shop-01", 11)).toBe("prod-…op-01");
    expect(truncateMiddle("db1", 3)).toBe("db1");
    expect(truncateMiddle("db10", 2)).toBe("d…");
    for (const width of [1, 2, 3, 4, 5, 6, 7])
      expect(textWidth(truncateMiddle("数据库服务器", width)), `${width} cells`).toBeLessThanOrEqual(width);
    expect(truncateMiddle("数据库服务器", 7)).toBe("数…务器");
    expect(tailText("prod-mysql-shop-01", 5)).toBe("op-01");
    expect(tailText("db1", 5)).toBe("db1");
  });

  it("makes server text printable", () => {
    expect(safeText("a\u001b[31m\n\u0007")).toBe("a\\e[31m\\n\\a");
  });

  it("wraps at spaces and breaks what is too long", () => {
    expect(wrapText("one two three", 7)).toEqual(["one two", "three"]);
    expect(wrapText("abcdefghij", 4)).toEqual(["abcd", "efgh", "ij"]);
    expect(wrapText("", 4)).toEqual([""]);
  });

  it("folds to ASCII cell by cell", () => {
    expect(foldToAscii("a数b")).toBe("a??b");
  });
});

describe("glyphs", () => {
  it.each([
    [{ LANG: "C.UTF-8" }, true],
    [{ LANG: "en_US.utf8" }, true],
    [{ LANG: "C.UTF-8", LC_ALL: "C" }, false],
    [{ LANG: "C", LC_CTYPE: "en_GB.UTF-8" }, true],
    [{}, false],
  ])("the locale %o is UTF-8: %s", (environment, unicode) => {
    expect(chooseGlyphs(environment).unicode).toBe(unicode);
  });

  it("every state, health and severity has a shape of its own, in both sets", () => {
    for (const glyphs of [UNICODE_GLYPHS, ASCII_GLYPHS]) {
      for (const set of [glyphs.server, glyphs.health, glyphs.severity])
        expect(new Set(Object.values(set)).size).toBe(Object.keys(set).length);
    }
  });

  it("the ASCII set is ASCII", () => {
    expect(JSON.stringify(ASCII_GLYPHS)).toMatch(/^[\x20-\x7e]*$/);
  });
});
