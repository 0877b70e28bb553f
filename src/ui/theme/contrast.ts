/** Whether a theme can be read: every token against what lies under it, by WCAG 2.1. */
import { TOKENS, type Token, type TokenStyle } from "../../model/theme.ts";
import { blend, contrastRatio, type Rgb, toRgb } from "./colour.ts";
import { TEXT_CONTRAST } from "./depth.ts";

/** What a theme is checked on: its tokens, and the terminal it is made for. */
export interface Readable {
  /** `#rrggbb` */
  readonly background: string;
  readonly foreground: string;
  readonly tokens: Readonly<Record<Token, TokenStyle>>;
}

export interface TokenContrast {
  readonly token: Token;
  readonly on: "the background" | "the selected row";
  /** 1 to 21. */
  readonly ratio: number;
}

/** How far towards the background faint text goes (SGR 2): half in xterm.js, less in most. */
const FAINT_SHARE = 0.5;

/** Every token on the background and on the selected row. The bar of that row itself is not measured: the cursor sign tells it too. */
export function measureContrast(theme: Readable): TokenContrast[] {
  return TOKENS.filter((token) => token !== "selected").flatMap((token) => [
    { token, on: "the background", ratio: ratioOf(theme, token, {}) },
    { token, on: "the selected row", ratio: ratioOf(theme, token, theme.tokens.selected) },
  ]);
}

export function findLowContrast(theme: Readable): TokenContrast[] {
  return measureContrast(theme).filter(({ ratio }) => ratio < TEXT_CONTRAST);
}

/** The token's own colours win over those under it, except on reverse video, as in paintLine. */
function ratioOf(theme: Readable, token: Token, below: TokenStyle): number {
  const style = theme.tokens[token];
  const isBlock = typeof style.bg === "number" || typeof style.bg === "string";
  const own = below.inverse === true && !isBlock ? { ...style, fg: null } : style;
  const under = below.inverse === true && isBlock ? {} : below;
  const fg = toRgb(own.fg ?? under.fg ?? theme.foreground);
  const bg = toRgb(own.bg ?? under.bg ?? theme.background);
  const isInverse = own.inverse === true || under.inverse === true;
  const [text, ground]: readonly [Rgb, Rgb] = isInverse ? [bg, fg] : [fg, bg];
  return contrastRatio(own.dim === true || under.dim === true ? blend(text, ground, FAINT_SHARE) : text, ground);
}
