/** Comparing and converting values as the server does. */
import type { Cell } from "../wire/answer.ts";

export function toNumber(value: Cell): number {
  if (value === null) return Number.NaN;
  if (typeof value === "string") return Number.parseFloat(value) || 0;
  return Number(value);
}

export function isTrue(value: Cell): boolean {
  return value !== null && toNumber(value) !== 0;
}

/** Negative, zero or positive; texts compare without case, as the default collation does. */
export function compareCells(left: Cell, right: Cell): number {
  if (typeof left === "string" && typeof right === "string") {
    const [a, b] = [left.toLowerCase(), right.toLowerCase()];
    return a < b ? -1 : a > b ? 1 : 0;
  }
  return toNumber(left) - toNumber(right);
}

interface PatternPart {
  /** Null stands for any one character. */
  readonly character: string | null;
  /** True for `%`: any number of characters. */
  readonly many: boolean;
}

function readPattern(pattern: string): PatternPart[] {
  const parts: PatternPart[] = [];
  for (let index = 0; index < pattern.length; index += 1) {
    const character = pattern[index] ?? "";
    if (character === "%") parts.push({ character: null, many: true });
    else if (character === "_") parts.push({ character: null, many: false });
    else {
      if (character === "\\" && index + 1 < pattern.length) index += 1;
      parts.push({ character: pattern[index]?.toLowerCase() ?? "", many: false });
    }
  }
  return parts;
}

/** LIKE with `%`, `_` and backslash, without case. Not a regular expression: those can be made to run for ever. */
export function matchesPattern(text: string, pattern: string): boolean {
  const parts = readPattern(pattern);
  const lower = text.toLowerCase();
  let at = 0;
  let part = 0;
  let retryPart = -1;
  let retryAt = 0;
  while (at < lower.length) {
    const wanted = parts[part];
    if (wanted?.many) {
      retryPart = part;
      retryAt = at;
      part += 1;
    } else if (wanted !== undefined && (wanted.character === null || wanted.character === lower[at])) {
      at += 1;
      part += 1;
    } else if (retryPart >= 0) {
      retryAt += 1;
      at = retryAt;
      part = retryPart + 1;
    } else return false;
  }
  return parts.slice(part).every(({ many }) => many);
}
