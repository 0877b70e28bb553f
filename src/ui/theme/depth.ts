/** How many colours the terminal has, and how a theme looks with that many. */
import type { Color, TokenStyle } from "../../model/theme.ts";
import { contrastRatio, labDistance, luminance, type Rgb, toLab, toRgb } from "./colour.ts";

export type ColorDepth = "none" | "16" | "256" | "truecolor";

type Environment = Readonly<Record<string, string | undefined>>;

/** Terminals whose TERM says little of colours and that have all of them. */
const TRUECOLOR_TERM = /-direct$|kitty|ghostty|alacritty|wezterm|^foot/;
/** Black and white by terminfo. */
const COLOURLESS_TERM = /^(?:dumb|unknown|vt\d+|ansi-m|xterm-mono|screen\.vt\d+)/;

/**
 * By TERM and COLORTERM, as other programs read them; whether colour is wanted at all (NO_COLOR, --no-color) is asked elsewhere.
 * GNU screen hands COLORTERM of the terminal outside on without understanding the sequences; tmux understands them.
 */
export function chooseColorDepth({ TERM = "", COLORTERM = "", TMUX = "" }: Environment): ColorDepth {
  const inScreen = TERM.startsWith("screen") && TMUX === "";
  if (/^(?:truecolor|24bit)$/i.test(COLORTERM) && !inScreen) return "truecolor";
  if (TRUECOLOR_TERM.test(TERM)) return "truecolor";
  if (TERM.includes("256color")) return "256";
  return COLOURLESS_TERM.test(TERM) ? "none" : "16";
}

/** Contrast that text needs, WCAG 2.1 success criterion 1.4.3 (level AA). */
export const TEXT_CONTRAST = 4.5;

const BLACK: Rgb = [0, 0, 0];
const WHITE: Rgb = [255, 255, 255];
/** L*a*b* chroma below which a colour is a grey. */
const GREY_CHROMA = 12;
/** Green must not become red for the sake of contrast, nor brown: degrees of hue beyond which none is like it. */
const FARTHEST_HUE = 38;
/** 8 is left out: the background itself in some schemes. */
const GREYS: readonly number[] = [0, 7, 15];
const HUES: readonly number[] = [1, 2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 14];
const FIXED: readonly number[] = Array.from({ length: 240 }, (_, index) => index + 16);

/**
 * The style with colours the terminal can show. With sixteen a colour becomes the nearest that still has contrast in xterm's palette;
 * where there is none, and for what is only a background, the look without colour takes its place.
 * @param background what the theme is made for
 */
export function fitStyle(style: TokenStyle, depth: ColorDepth, plain: TokenStyle, background: Rgb): TokenStyle {
  switch (depth) {
    case "truecolor":
      return style;
    case "256":
      return { ...style, fg: toIndex(style.fg), bg: toIndex(style.bg) };
    case "16":
      return fitSixteen(style, plain, luminance(background) < 0.18 ? BLACK : WHITE);
    case "none":
      return plain;
  }
}

/** Contrast of large letters and of signs, WCAG 2.1 success criteria 1.4.3 and 1.4.11. */
const LARGE_CONTRAST = 3;

/** A field's colour becomes that of its letters, where they can be read so: it says more than theirs. */
export function flattenStyle({ fg, bg, inverse: _, ...looks }: TokenStyle, background: Rgb): TokenStyle {
  const isReadable = (color: Color): boolean => contrastRatio(toRgb(color), background) >= LARGE_CONTRAST;
  if (typeof bg !== "number" && typeof bg !== "string") return { ...looks, fg: fg ?? null };
  return { ...looks, fg: [bg, fg ?? bg].find(isReadable) ?? null };
}

function toIndex(color: Color | null | undefined): Color | null {
  if (color === null || color === undefined) return null;
  return typeof color === "number" ? color : nearest(color, FIXED);
}

function fitSixteen(style: TokenStyle, plain: TokenStyle, background: Rgb): TokenStyle {
  const { fg = null, bg = null, ...looks } = style;
  // Nobody knows how the terminal's own text looks on one of the sixteen.
  if (bg !== null && fg === null) return { ...looks, inverse: true };
  const under = bg === null ? null : toSixteen(bg, likeFor(bg));
  if (fg === null) return looks;
  const against = under === null ? background : toRgb(under);
  const over = toSixteen(
    fg,
    likeFor(fg).filter((each) => contrastRatio(toRgb(each), against) >= TEXT_CONTRAST),
  );
  return over === null ? plain : { ...looks, fg: over, bg: under };
}

/** One of the first sixteen is what the theme's author wanted, however it looks here. */
function toSixteen(color: Color, among: readonly number[]): number | null {
  if (typeof color === "number" && color < 16) return color;
  const wanted = toLab(toRgb(color));
  return nearest(
    color,
    among.filter((each) => hueBetween(wanted, labOf(each)) <= FARTHEST_HUE),
    // With so few colours the hue says which is meant; lightness chooses between two of like hue.
    (one, other) => hueBetween(one, other) + Math.abs(one[0] - other[0]) / 2,
  );
}

/** Degrees between the hues of two L*a*b* colours; 0 where one has none. */
function hueBetween(one: Rgb, other: Rgb): number {
  if (Math.min(chromaOf(one), chromaOf(other)) < GREY_CHROMA) return 0;
  const turn = Math.abs(Math.atan2(one[2], one[1]) - Math.atan2(other[2], other[1]));
  return (Math.min(turn, 2 * Math.PI - turn) * 180) / Math.PI;
}

function chromaOf([, a, b]: Rgb): number {
  return Math.hypot(a, b);
}

function likeFor(color: Color): readonly number[] {
  return chromaOf(toLab(toRgb(color))) < GREY_CHROMA ? GREYS : HUES;
}

const LABS = new Map<number, Rgb>();

/** Of an index of the palette; asked for often, computed once. */
function labOf(index: number): Rgb {
  const known = LABS.get(index) ?? toLab(toRgb(index));
  LABS.set(index, known);
  return known;
}

function nearest(color: Color, among: readonly number[], distanceOf = labDistance): number | null {
  const wanted = toLab(toRgb(color));
  let best: { readonly index: number; readonly distance: number } | null = null;
  for (const index of among) {
    const distance = distanceOf(wanted, labOf(index));
    if (best === null || distance < best.distance) best = { index, distance };
  }
  return best?.index ?? null;
}
