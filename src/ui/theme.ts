/** Themes: one token set, bundled, checked by a test. A theme says how a token looks; it never decides what is shown. */
import colourBlind from "../../themes/colour-blind.json" with { type: "json" };
import dark from "../../themes/dark.json" with { type: "json" };
import highContrast from "../../themes/high-contrast.json" with { type: "json" };
import light from "../../themes/light.json" with { type: "json" };
import mono from "../../themes/mono.json" with { type: "json" };

export const TOKENS = [
  "text",
  "dim",
  "strong",
  "title",
  "accent",
  "heading",
  "ok",
  "warning",
  "critical",
  "info",
  "unknown",
  "maint",
  "drain",
  "stale",
  "source",
  "selected",
  "marked",
  "key",
  "prompt",
  "match",
  "badge",
] as const;

export type Token = (typeof TOKENS)[number];

/** Colours are indexes of the 256-colour palette (0–15 follow the terminal's own scheme); null leaves the terminal's colour. */
export interface TokenStyle {
  readonly fg?: number | null;
  readonly bg?: number | null;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly underline?: boolean;
  readonly inverse?: boolean;
  readonly italic?: boolean;
}

export interface ThemeFile {
  readonly name: string;
  readonly title: string;
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

/** Builds the named theme; without colour always mono. Null when there is no theme of that name. */
export function createTheme(name: string, color: boolean): Theme | null {
  const file = THEMES.find((theme) => theme.name === (color ? name : "mono"));
  if (file === undefined) return null;
  const codes = Object.fromEntries(TOKENS.map((token) => [token, buildCodes(file.tokens[token])])) as Record<
    Token,
    SgrCode[]
  >;
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
  if (typeof style.fg === "number") add(colorCode(style.fg, 30), "39");
  if (typeof style.bg === "number") add(colorCode(style.bg, 40), "49");
  return codes;
}

function sgr(code: string): string {
  return `\u001b[${code}m`;
}

/** The first sixteen in their short forms: fewer bytes, and right on terminals with sixteen colours. */
function colorCode(index: number, base: 30 | 40): string {
  if (index < 8) return String(base + index);
  return index < 16 ? String(base + 60 + index - 8) : `${base + 8};5;${index}`;
}
