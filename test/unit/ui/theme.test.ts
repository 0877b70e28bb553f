import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createFlatTheme, createTheme, THEME_NAMES, THEMES, TOKENS, type Token } from "../../../src/ui/theme.ts";

describe("themes", () => {
  it("are the files of themes/, and no other", () => {
    const files = readdirSync(new URL("../../../themes", import.meta.url)).filter((name) => name.endsWith(".json"));
    expect(files.map((name) => name.replace(".json", "")).sort()).toEqual([...THEME_NAMES].sort());
  });

  it.each(THEMES.map((theme) => [theme.name, theme] as const))("%s has every token and no other", (_, theme) => {
    expect(Object.keys(theme.tokens).sort()).toEqual([...TOKENS].sort());
  });

  it.each(THEMES.map((theme) => [theme.name, theme] as const))(
    "%s uses palette indexes and known attributes only",
    (_, theme) => {
      for (const [token, style] of Object.entries(theme.tokens)) {
        for (const [name, value] of Object.entries(style)) {
          if (name === "fg" || name === "bg")
            expect(Number.isInteger(value) && Number(value) >= 0 && Number(value) < 256, `${token}.${name}`).toBe(true);
          else {
            expect(["bold", "dim", "italic", "underline", "inverse"], token).toContain(name);
            expect(value).toBe(true);
          }
        }
      }
    },
  );

  it("mono has no colour at all", () => {
    const codes = Object.values(createTheme("mono", true)?.codes ?? {}).flat();
    expect(codes.length).toBeGreaterThan(0);
    for (const code of codes) expect(["1", "2", "3", "4", "7"]).toContain(code.start.slice(2, -1));
  });

  it("a colour of 24 bits is written as such where the terminal has them, else as the nearest of 256", () => {
    const [dark] = THEMES;
    if (dark === undefined) throw new Error("no theme");
    const own = [{ ...dark, name: "own", tokens: { ...dark.tokens, ok: { fg: "#12ab34" } } }];
    expect(createTheme("own", "truecolor", own)?.codes.ok).toEqual([
      { start: "\u001b[38;2;18;171;52m", end: "\u001b[39m" },
    ]);
    expect(createTheme("own", "256", own)?.codes.ok).toEqual([{ start: "\u001b[38;5;28m", end: "\u001b[39m" }]);
    expect(createTheme("own", "256", [])).toBeNull();
  });

  it("with sixteen colours no theme writes an index beyond them", () => {
    for (const name of THEME_NAMES)
      for (const code of Object.values(createTheme(name, "16")?.codes ?? {}).flat())
        expect(code.start, name).not.toContain(";");
  });

  it("flat: a field gives its colour to its letters where they can be read, and nothing is in reverse video", () => {
    const [dark] = THEMES;
    if (dark === undefined) throw new Error("no theme");
    const own = [{ ...dark, name: "own", tokens: { ...dark.tokens, critical: { fg: "#ffffff", bg: "#600000" } } }];
    const starts = (name: string, token: Token) =>
      createFlatTheme(name, "truecolor", own)?.codes[token].map(({ start }) => start);
    expect(starts("dark", "badge")).toEqual(["\u001b[38;5;220m"]);
    expect(starts("colour-blind", "critical")).toEqual(["\u001b[1m", "\u001b[38;5;196m"]);
    expect(starts("own", "critical")).toEqual(["\u001b[38;2;255;255;255m"]);
    expect(starts("dark", "ok")).toEqual(["\u001b[38;5;78m"]);
    for (const name of THEME_NAMES) {
      for (const depth of ["none", "16", "256"] as const) {
        for (const { end } of Object.values(createFlatTheme(name, depth)?.codes ?? {}).flat())
          expect(["\u001b[49m", "\u001b[27m"], `${name} ${depth}`).not.toContain(end);
      }
    }
  });

  it("without colour every theme is mono", () => {
    for (const name of THEME_NAMES) expect(createTheme(name, false)?.name).toBe("mono");
  });

  it("an unknown name is no theme", () => {
    expect(createTheme("solarized", true)).toBeNull();
  });
});
