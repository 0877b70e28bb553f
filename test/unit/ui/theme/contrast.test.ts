import { describe, expect, it } from "vitest";
import { contrastRatio, toRgb } from "../../../../src/ui/theme/colour.ts";
import { findLowContrast, measureContrast } from "../../../../src/ui/theme/contrast.ts";
import { chooseColorDepth, fitStyle, TEXT_CONTRAST } from "../../../../src/ui/theme/depth.ts";
import { THEMES, type ThemeFile, TOKENS } from "../../../../src/ui/theme.ts";

const themes = THEMES.map((theme) => [theme.name, theme] as const);

/** WCAG 2.1 success criterion 1.4.6 (level AAA). */
const ENHANCED_CONTRAST = 7;
/** WCAG 2.1 success criterion 1.4.11: signs and bars. */
const GRAPHICAL_CONTRAST = 3;

/** Backgrounds that people have: xterm, GNOME, Konsole, VS Code, Solarized, Dracula; those of light terminals. */
const BACKGROUNDS = {
  dark: ["#000000", "#171421", "#1e1e1e", "#232627", "#002b36"],
  light: ["#ffffff", "#fdf6e3", "#fafafa"],
};

describe("the measure", () => {
  it.each([
    ["#000000", "#ffffff", 21],
    ["#777777", "#ffffff", 4.48],
    ["#767676", "#ffffff", 4.54],
    ["#ff0000", "#ffffff", 4.0],
    ["#0000ff", "#ffffff", 8.59],
  ])("%s on %s is %d:1, as WCAG's own checkers say", (one, other, ratio) => {
    expect(contrastRatio(toRgb(one), toRgb(other))).toBeCloseTo(ratio, 1);
    expect(contrastRatio(toRgb(other), toRgb(one))).toBeCloseTo(ratio, 1);
  });

  it("knows the cube and the greys of the 256 colours", () => {
    expect([16, 21, 196, 231, 232, 255].map(toRgb)).toEqual([
      [0, 0, 0],
      [0, 0, 255],
      [255, 0, 0],
      [255, 255, 255],
      [8, 8, 8],
      [238, 238, 238],
    ]);
  });
});

describe.each(themes)("%s", (name, theme) => {
  it("has text of 4.5:1 everywhere: on the background and on the selected row", () => {
    expect(measureContrast(theme)).toHaveLength((TOKENS.length - 1) * 2);
    expect(findLowContrast(theme)).toEqual([]);
  });

  it("has it on the backgrounds people have, and signs of 3:1", () => {
    const kind = contrastRatio(toRgb(theme.background), [255, 255, 255]) > 4.5 ? "dark" : "light";
    for (const background of name === "mono" ? [] : BACKGROUNDS[kind]) {
      const low = findLowContrast({ ...theme, background }).filter(({ token }) => theme.tokens[token].fg !== undefined);
      expect(low, background).toEqual([]);
      for (const token of ["accent", "ok", "warning", "critical", "unknown", "maint", "drain", "info"] as const) {
        const sign = toRgb(theme.tokens[token].fg ?? theme.foreground);
        const under = toRgb(theme.tokens[token].bg ?? background);
        expect(contrastRatio(sign, under), token).toBeGreaterThanOrEqual(GRAPHICAL_CONTRAST);
      }
    }
  });

  it("builds on no colour that the terminal's scheme decides", () => {
    for (const style of Object.values(theme.tokens)) {
      for (const colour of [style.fg, style.bg]) if (typeof colour === "number") expect(colour).toBeGreaterThan(15);
    }
  });

  it("keeps 4.5:1 with sixteen colours, in xterm's palette on black or white", () => {
    const mono = THEMES.find((each) => each.name === "mono") as ThemeFile;
    const dark = contrastRatio(toRgb(theme.background), [255, 255, 255]) > 4.5;
    const tokens = Object.fromEntries(
      TOKENS.map((token) => [token, fitStyle(theme.tokens[token], "16", mono.tokens[token], toRgb(theme.background))]),
    ) as ThemeFile["tokens"];
    for (const style of Object.values(tokens))
      for (const colour of [style.fg, style.bg]) if (typeof colour === "number") expect(colour).toBeLessThan(16);
    const [background, foreground] = dark ? ["#000000", "#d0d0d0"] : ["#ffffff", "#000000"];
    expect(findLowContrast({ background, foreground, tokens })).toEqual([]);
    const { ok, warning, drain, critical } = tokens;
    for (const other of [ok, warning, drain]) expect(other).not.toEqual(critical);
    for (const other of [ok, warning, drain]) if (typeof other.fg === "number") expect(other.fg).not.toBe(critical.fg);
  });
});

describe("high-contrast", () => {
  it("has 7:1", () => {
    const theme = THEMES.find((each) => each.name === "high-contrast") as ThemeFile;
    expect(measureContrast(theme).filter(({ ratio }) => ratio < ENHANCED_CONTRAST)).toEqual([]);
  });
});

describe("low contrast", () => {
  it("is found on the background, on the selected row and in faint text", () => {
    const base = THEMES.find((each) => each.name === "dark") as ThemeFile;
    const tokens = { ...base.tokens, dim: { fg: 238 }, ok: { fg: 70 }, selected: { bg: 28 }, stale: { dim: true } };
    const found = findLowContrast({ ...base, tokens }).map(({ token, on }) => `${token} on ${on}`);
    expect(found).toContain("dim on the background");
    expect(found).toContain("ok on the selected row");
    expect(found).not.toContain("ok on the background");
    expect(found).toContain("stale on the background");
    expect(TEXT_CONTRAST).toBe(4.5);
  });
});

describe("colour depth", () => {
  it.each([
    [{ TERM: "xterm-256color" }, "256"],
    [{ TERM: "xterm-256color", COLORTERM: "truecolor" }, "truecolor"],
    [{ TERM: "tmux-256color", COLORTERM: "24bit" }, "truecolor"],
    [{ TERM: "screen-256color", COLORTERM: "truecolor" }, "256"],
    [{ TERM: "screen-256color", COLORTERM: "truecolor", TMUX: "/tmp/tmux-1/default,1,0" }, "truecolor"],
    [{ TERM: "screen.xterm-256color", COLORTERM: "truecolor" }, "256"],
    [{ TERM: "xterm-kitty" }, "truecolor"],
    [{ TERM: "xterm-direct" }, "truecolor"],
    [{ TERM: "xterm" }, "16"],
    [{ TERM: "linux" }, "16"],
    [{ TERM: "screen" }, "16"],
    [{}, "16"],
    [{ TERM: "vt220" }, "none"],
    [{ TERM: "dumb" }, "none"],
  ] as const)("%j has %s", (environment, depth) => {
    expect(chooseColorDepth(environment)).toBe(depth);
  });

  const BLACK = [0, 0, 0] as const;

  it("keeps RGB where there is truecolor, and takes the nearest of 256 where there is not", () => {
    expect(fitStyle({ fg: "#ff8700", bold: true }, "truecolor", {}, BLACK)).toEqual({ fg: "#ff8700", bold: true });
    expect(fitStyle({ fg: "#ff8700", bold: true }, "256", {}, BLACK)).toEqual({ fg: 208, bg: null, bold: true });
    expect(fitStyle({ fg: "#808080" }, "256", {}, BLACK).fg).toBe(244);
  });

  it("takes the nearest hue of sixteen that can be read, and the look without colour where none can", () => {
    expect(fitStyle({ fg: 78 }, "16", {}, BLACK).fg).toBe(2);
    expect(fitStyle({ fg: 203 }, "16", {}, BLACK).fg).toBe(9);
    expect(fitStyle({ fg: 246 }, "16", {}, BLACK).fg).toBe(7);
    const white = [255, 255, 255] as const;
    expect(fitStyle({ fg: 16, bg: 220, bold: true }, "16", {}, white)).toEqual({ fg: 0, bg: 3, bold: true });
    expect(fitStyle({ fg: 231, bg: 244 }, "16", {}, BLACK)).toEqual({ fg: 0, bg: 7 });
    expect(fitStyle({ fg: 22 }, "16", { underline: true }, white)).toEqual({ underline: true });
  });

  it("turns a bar without a text colour of its own into reverse video", () => {
    expect(fitStyle({ bg: 18 }, "16", {}, BLACK)).toEqual({ inverse: true });
  });

  it("leaves one of the first sixteen to the terminal", () => {
    expect(fitStyle({ fg: 8 }, "16", {}, BLACK).fg).toBe(8);
    expect(fitStyle({ fg: 8 }, "256", {}, BLACK).fg).toBe(8);
  });
});
