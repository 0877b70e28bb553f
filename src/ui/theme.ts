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

export interface Theme {
  readonly name: string;
  /** SGR sequence that switches a token on, "" when it looks like plain text. */
  readonly on: Readonly<Record<Token, string>>;
}

/** Builds the named theme; without colour always mono. Null when there is no theme of that name. */
export function createTheme(name: string, color: boolean): Theme | null {
  const file = THEMES.find((theme) => theme.name === (color ? name : "mono"));
  if (file === undefined) return null;
  const on = Object.fromEntries(TOKENS.map((token) => [token, buildSgr(file.tokens[token])]));
  return { name: file.name, on: on as Record<Token, string> };
}

function buildSgr(style: TokenStyle): string {
  const codes: string[] = [];
  if (style.bold) codes.push("1");
  if (style.dim) codes.push("2");
  if (style.italic) codes.push("3");
  if (style.underline) codes.push("4");
  if (style.inverse) codes.push("7");
  if (typeof style.fg === "number") codes.push(...buildColor(style.fg, 30));
  if (typeof style.bg === "number") codes.push(...buildColor(style.bg, 40));
  return codes.map((code) => `\u001b[${code}m`).join("");
}

/** The first sixteen in their short forms: fewer bytes, and right on terminals with sixteen colours. */
function buildColor(index: number, base: 30 | 40): string[] {
  if (index < 8) return [String(base + index)];
  if (index < 16) return [String(base + 60 + index - 8)];
  return [`${base + 8};5;${index}`];
}
