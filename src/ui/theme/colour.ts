/** Arithmetic of colours: palette to sRGB, luminance and contrast of WCAG 2.1, distance in CIE L*a*b*. */
import type { Color } from "../../model/theme.ts";

/** Red, green and blue, 0–255. */
export type Rgb = readonly [number, number, number];

/**
 * The sixteen of xterm without a configuration. A terminal may show others, so what is computed with them is an assumption; nothing
 * that must be readable in every scheme can be built on the first sixteen.
 */
const XTERM_SIXTEEN: readonly Rgb[] = [
  [0, 0, 0],
  [205, 0, 0],
  [0, 205, 0],
  [205, 205, 0],
  [0, 0, 238],
  [205, 0, 205],
  [0, 205, 205],
  [229, 229, 229],
  [127, 127, 127],
  [255, 0, 0],
  [0, 255, 0],
  [255, 255, 0],
  [92, 92, 255],
  [255, 0, 255],
  [0, 255, 255],
  [255, 255, 255],
];

/** Steps of the 6×6×6 cube, indexes 16–231. */
const CUBE: readonly number[] = [0, 95, 135, 175, 215, 255];

const BLACK: Rgb = [0, 0, 0];

/** sRGB of a colour of a theme. */
export function toRgb(color: Color): Rgb {
  if (typeof color === "string") return parseHex(color);
  if (color < 16) return XTERM_SIXTEEN[color] ?? BLACK;
  if (color >= 232) {
    const grey = 8 + (color - 232) * 10;
    return [grey, grey, grey];
  }
  const index = color - 16;
  return [CUBE[Math.floor(index / 36)] ?? 0, CUBE[Math.floor(index / 6) % 6] ?? 0, CUBE[index % 6] ?? 0];
}

function parseHex(text: string): Rgb {
  const byte = (at: number) => Number.parseInt(text.slice(at, at + 2), 16);
  return [byte(1), byte(3), byte(5)];
}

/** 0–1, by the transfer function of sRGB (IEC 61966-2-1). */
function linear(channel: number): number {
  const value = channel / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** Relative luminance of WCAG 2.1, 0 (black) to 1 (white). */
export function luminance([red, green, blue]: Rgb): number {
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

/** Contrast ratio of WCAG 2.1, 1 to 21. */
export function contrastRatio(one: Rgb, other: Rgb): number {
  const a = luminance(one);
  const b = luminance(other);
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** A colour between two, `share` of the way from the first. */
export function blend(from: Rgb, to: Rgb, share: number): Rgb {
  const mix = (index: 0 | 1 | 2) => Math.round(from[index] + (to[index] - from[index]) * share);
  return [mix(0), mix(1), mix(2)];
}

/** CIE L*a*b* of D65. */
export function toLab(color: Rgb): Rgb {
  const [red, green, blue] = color.map(linear) as unknown as Rgb;
  const x = curve((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047);
  const y = curve(0.2126 * red + 0.7152 * green + 0.0722 * blue);
  const z = curve((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

function curve(value: number): number {
  return value > 216 / 24_389 ? Math.cbrt(value) : (24_389 / 27) * (value / 116) + 16 / 116;
}

/** Distance of two L*a*b* colours (CIE 1976): enough to find the nearest of a palette. */
export function labDistance(one: Rgb, other: Rgb): number {
  return Math.hypot(one[0] - other[0], one[1] - other[1], one[2] - other[2]);
}
