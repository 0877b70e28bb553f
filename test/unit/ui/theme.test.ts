import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createTheme, THEME_NAMES, THEMES, TOKENS } from "../../../src/ui/theme.ts";

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

  it("without colour every theme is mono", () => {
    for (const name of THEME_NAMES) expect(createTheme(name, false)?.name).toBe("mono");
  });

  it("an unknown name is no theme", () => {
    expect(createTheme("solarized", true)).toBeNull();
  });
});
