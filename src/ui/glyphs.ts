/** Every character beyond ASCII that the console draws, with its ASCII twin. States have their own shape: colour is never the only signal. */
import type { Health, Severity } from "../model/alert.ts";
import type { ServerState } from "../model/haproxy.ts";

export interface Glyphs {
  readonly unicode: boolean;
  readonly server: Readonly<Record<ServerState, string>>;
  readonly health: Readonly<Record<Health, string>>;
  readonly severity: Readonly<Record<Severity, string>>;
  readonly cursor: string;
  readonly marked: string;
  readonly ellipsis: string;
  readonly arrow: string;
  readonly differs: string;
  readonly rule: string;
  readonly bar: string;
  readonly separator: string;
  readonly none: string;
  readonly caret: string;
  readonly ascending: string;
  readonly descending: string;
  readonly treeBranch: string;
  readonly treeLast: string;
  readonly treeLine: string;
  readonly treeGap: string;
  /** Lowest to highest. */
  readonly spark: readonly string[];
  /** A tick without data. */
  readonly sparkGap: string;
  /** Of charts: below a tick without data, left end of the time axis, mark of a value on the other axis, sign of past times. */
  readonly chartGap: string;
  readonly chartCorner: string;
  readonly chartMark: string;
  readonly minus: string;
  /** A share of a bar, and the rest of it. */
  readonly filled: string;
  readonly unfilled: string;
}

export const UNICODE_GLYPHS: Glyphs = {
  unicode: true,
  server: { up: "●", down: "✖", maint: "■", drain: "◐", nolb: "◇", unchecked: "○", unknown: "?" },
  health: { ok: "●", warning: "▲", critical: "✖", unknown: "?" },
  severity: { info: "·", warning: "▲", critical: "✖" },
  cursor: "▶",
  marked: "◆",
  ellipsis: "…",
  arrow: "→",
  differs: "≠",
  rule: "─",
  bar: "│",
  separator: "·",
  none: "–",
  caret: "▏",
  ascending: "▲",
  descending: "▼",
  treeBranch: "├─",
  treeLast: "└─",
  treeLine: "│ ",
  treeGap: "  ",
  spark: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
  sparkGap: "·",
  chartGap: "░",
  chartCorner: "└",
  chartMark: "┤",
  minus: "−",
  filled: "█",
  unfilled: "░",
};

export const ASCII_GLYPHS: Glyphs = {
  unicode: false,
  server: { up: "+", down: "x", maint: "#", drain: "~", nolb: "%", unchecked: "o", unknown: "?" },
  health: { ok: "+", warning: "!", critical: "X", unknown: "?" },
  severity: { info: ".", warning: "!", critical: "X" },
  cursor: ">",
  marked: "*",
  ellipsis: "..",
  arrow: "->",
  differs: "!=",
  rule: "-",
  bar: "|",
  separator: "-",
  none: "-",
  caret: "_",
  ascending: "^",
  descending: "v",
  treeBranch: "|-",
  treeLast: "`-",
  treeLine: "| ",
  treeGap: "  ",
  spark: ["_", ".", "-", "=", "+", "*", "#", "@"],
  sparkGap: "?",
  chartGap: "?",
  chartCorner: "+",
  chartMark: "+",
  minus: "-",
  filled: "#",
  unfilled: ".",
};

/** Chooses by locale as C does: LC_ALL, then LC_CTYPE, then LANG; anything that is not UTF-8 (or nothing at all) means ASCII. */
export function chooseGlyphs(environment: Readonly<Record<string, string | undefined>>): Glyphs {
  const locale = environment.LC_ALL || environment.LC_CTYPE || environment.LANG || "";
  return /utf-?8/i.test(locale) ? UNICODE_GLYPHS : ASCII_GLYPHS;
}
