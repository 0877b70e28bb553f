/** Themes: one token set, five that are bundled and those of users. A theme says how a token looks; it never decides what is shown. */
import colourBlind from "../../themes/colour-blind.json" with { type: "json" };
import dark from "../../themes/dark.json" with { type: "json" };
import highContrast from "../../themes/high-contrast.json" with { type: "json" };
import light from "../../themes/light.json" with { type: "json" };
import mono from "../../themes/mono.json" with { type: "json" };
import { type Color, type OwnTheme, TOKENS, type Token, type TokenStyle } from "../model/theme.ts";
import { type Rgb, toRgb } from "./theme/colour.ts";
import { type ColorDepth, fitStyle, flattenStyle } from "./theme/depth.ts";

export { TOKENS, type Token } from "../model/theme.ts";

export interface ThemeFile {
  readonly name: string;
  readonly title: string;
  /** `#rrggbb` of the terminal it is made for: the least favourable one for backgrounds. Nothing is painted with them. */
  readonly background: string;
  readonly foreground: string;
  readonly tokens: Readonly<Record<Token, TokenStyle>>;
}

export const THEMES: readonly ThemeFile[] = [dark, light, highContrast, colourBlind, mono];
export const THEME_NAMES: readonly string[] = THEMES.map((theme) => theme.name);

/** One SGR sequence and the one that ends it. */
export interface SgrCode {
  readonly start: string;
  readonly end: string;
}

export interface Theme {
  readonly name: string;
  /** Codes that switch a token on; empty when it looks like plain text. */
  readonly codes: Readonly<Record<Token, readonly SgrCode[]>>;
}

/** A user's theme with what it leaves open taken from the one it extends. */
export function completeTheme(own: OwnTheme): ThemeFile {
  const base = THEMES.find((theme) => theme.name === own.base) ?? dark;
  return {
    name: own.name,
    title: own.title ?? "your own",
    background: own.background ?? base.background,
    foreground: own.foreground ?? base.foreground,
    tokens: { ...base.tokens, ...own.tokens },
  };
}

/**
 * Builds the named theme; without colour always mono. Null when there is no theme of that name.
 * @param color how many colours the terminal has; true: 256, false: none
 * @param own themes of the user
 */
export function createTheme(name: string, color: boolean | ColorDepth, own: readonly ThemeFile[] = []): Theme | null {
  return buildTheme(name, color, own, (style) => style);
}

/** The same without fields of colour and reverse video, which burn in on a screen that stands for weeks. */
export function createFlatTheme(
  name: string,
  color: boolean | ColorDepth,
  own: readonly ThemeFile[] = [],
): Theme | null {
  return buildTheme(name, color, own, flattenStyle);
}

function buildTheme(
  name: string,
  color: boolean | ColorDepth,
  own: readonly ThemeFile[],
  change: (style: TokenStyle, background: Rgb) => TokenStyle,
): Theme | null {
  const depth = color === true ? "256" : color === false ? "none" : color;
  const wanted = depth === "none" ? "mono" : name;
  const file = [...THEMES, ...own].find((theme) => theme.name === wanted);
  if (file === undefined) return null;
  const background = toRgb(file.background);
  const plain: ThemeFile["tokens"] = mono.tokens;
  const codes = Object.fromEntries(
    TOKENS.map((token) => {
      const style = change(file.tokens[token], background);
      return [token, buildCodes(fitStyle(style, depth, change(plain[token], background), background))];
    }),
  ) as Record<Token, SgrCode[]>;
  return { name: file.name, codes };
}

export const INTENSITY_END = sgr("22");

function buildCodes(style: TokenStyle): SgrCode[] {
  const codes: SgrCode[] = [];
  const add = (start: string, end: string) => codes.push({ start: sgr(start), end: sgr(end) });
  if (style.bold) add("1", "22");
  if (style.dim) add("2", "22");
  if (style.italic) add("3", "23");
  if (style.underline) add("4", "24");
  if (style.inverse) add("7", "27");
  if (style.fg !== undefined && style.fg !== null) add(colorCode(style.fg, 30), "39");
  if (style.bg !== undefined && style.bg !== null) add(colorCode(style.bg, 40), "49");
  return codes;
}

function sgr(code: string): string {
  return `\u001b[${code}m`;
}

/** The first sixteen in their short forms: fewer bytes, and right on terminals with sixteen colours. */
function colorCode(color: Color, base: 30 | 40): string {
  if (typeof color === "string") return `${base + 8};2;${toRgb(color).join(";")}`;
  if (color < 8) return String(base + color);
  return color < 16 ? String(base + 60 + color - 8) : `${base + 8};5;${color}`;
}
