/** Segments of text with tokens to one line with SGR sequences. The only place that writes escape sequences into screen text. */
import { fitText, textWidth } from "./format/text.ts";
import { INTENSITY_END, type SgrCode, type Theme, type Token } from "./theme.ts";

export interface Segment {
  readonly text: string;
  readonly token: Token;
}

export type Line = readonly Segment[];

export function segment(text: string, token: Token = "text"): Segment {
  return { text, token };
}

export function lineWidth(line: Line): number {
  let width = 0;
  for (const part of line) width += textWidth(part.text);
  return width;
}

export function plainText(line: Line): string {
  return line.map((part) => part.text).join("");
}

/** Cuts and pads a line to exactly `width` cells. */
export function fitLine(line: Line, width: number, align: "left" | "right" = "left", ellipsis = "…"): Line {
  const total = lineWidth(line);
  if (total === width) return line;
  if (total < width) {
    const padding = segment(" ".repeat(width - total));
    return align === "left" ? [...line, padding] : [padding, ...line];
  }
  const parts: Segment[] = [];
  let room = width;
  for (const part of line) {
    const cells = textWidth(part.text);
    // The part that no longer fits is cut; what follows is left out.
    if (cells > room || (cells === room && part !== line.at(-1))) {
      const mark = cells <= room ? `${part.text}${ellipsis}` : part.text;
      parts.push(segment(fitText(mark, room, "left", ellipsis), part.token));
      break;
    }
    parts.push(part);
    room -= cells;
  }
  return parts;
}

const ESCAPES = /\u001b\[[0-9;]*m/g;
const PLAIN_CODES: readonly SgrCode[] = [];

/**
 * Paints a line. With `background` the whole line also carries that token (the selected row), whatever its parts are; without one
 * blanks at the end are left out.
 *
 * The sequences are exactly those that @alcalzone/ansi-tokenize, inside Ink, would write for the same look: Ink then recognises the
 * line and parses it once per frame instead of twice, which is most of what a frame costs.
 */
export function paintLine(line: Line, theme: Theme, background: Token | null = null): string {
  const under = background === null ? PLAIN_CODES : theme.codes[background];
  const shown = background === null ? trimLine(line) : line;
  let painted = "";
  let active = PLAIN_CODES;
  for (const part of shown) {
    if (part.text === "") continue;
    // Blank text looks the same in any foreground: fewer switches, fewer bytes.
    const own = isBlank(part.text) ? PLAIN_CODES : theme.codes[part.token];
    const wanted = under.length === 0 ? own : combine(own, under);
    if (wanted !== active) {
      const next = [...active.filter((code) => has(wanted, code)), ...wanted.filter((code) => !has(active, code))];
      painted += transition(active, next);
      active = next;
    }
    painted += part.text;
  }
  return painted + transition(active, PLAIN_CODES);
}

function has(codes: readonly SgrCode[], wanted: SgrCode): boolean {
  return codes.some((code) => code.start === wanted.start);
}

const FOREGROUND_END = "\u001b[39m";
const BACKGROUND_END = "\u001b[49m";
const INVERSE_END = "\u001b[27m";

/**
 * The token's own colours win over those of the background below it. On reverse video every colour would become a patch of its own:
 * there only blocks keep theirs, and the bar stays one.
 */
function combine(own: readonly SgrCode[], under: readonly SgrCode[]): readonly SgrCode[] {
  if (under.some((code) => code.end === INVERSE_END)) {
    if (own.some((code) => code.end === BACKGROUND_END)) return own;
    const looks = own.filter((code) => code.end !== FOREGROUND_END);
    return [...looks, ...under.filter((code) => !has(looks, code))];
  }
  return [
    ...own,
    ...under.filter(
      (code) => !own.some((each) => each.start === code.start || (each.end === code.end && code.end !== INTENSITY_END)),
    ),
  ];
}

/** Shortest way from one set of codes to another; a colour is replaced, not ended and begun. */
function transition(from: readonly SgrCode[], to: readonly SgrCode[]): string {
  const isKept = (code: SgrCode) =>
    code.end === INTENSITY_END ? has(to, code) : to.some((each) => each.end === code.end);
  const undone = from.filter((code) => !isKept(code));
  const endsIntensity = undone.some((code) => code.end === INTENSITY_END);
  const begun = to.filter((code) => !has(from, code) || (endsIntensity && code.end === INTENSITY_END));
  return [...new Set([...undone.reverse().map((code) => code.end), ...begun.map((code) => code.start)])].join("");
}

function trimLine(line: Line): Line {
  let length = line.length;
  while (length > 0 && isBlank(line[length - 1]?.text ?? "")) length -= 1;
  const last = line[length - 1];
  if (last === undefined) return [];
  const trimmed = last.text.trimEnd();
  if (length === line.length && trimmed === last.text) return line;
  return [...line.slice(0, length - 1), segment(trimmed, last.token)];
}

/** Removes what paintLine added; for copies and tests. */
export function unpaint(text: string): string {
  return text.replace(ESCAPES, "");
}

function isBlank(text: string): boolean {
  return text.trim() === "";
}
