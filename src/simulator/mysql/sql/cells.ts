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

/** LIKE with `%`, `_` and backslash. */
export function matchesPattern(text: string, pattern: string): boolean {
  let source = "";
  for (let index = 0; index < pattern.length; index += 1) {
    const character = pattern[index] ?? "";
    if (character === "%") source += source.endsWith("[\\s\\S]*") ? "" : "[\\s\\S]*";
    else if (character === "_") source += "[\\s\\S]";
    else {
      if (character === "\\") index += 1;
      source += (pattern[index] ?? "\\").replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
    }
  }
  return new RegExp(`^${source}$`, "i").test(text);
}
