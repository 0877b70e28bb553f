/** Segments of text with tokens to one line with SGR sequences. The only place that writes escape sequences into screen text. */
import { fitText, textWidth } from "./format/text.ts";
import type { Theme, Token } from "./theme.ts";

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

const RESET = "\u001b[0m";
const ESCAPES = /\u001b\[[0-9;]*m/g;

/** Paints a line. With `background` the whole line also carries that token (the selected row), whatever its parts are. */
export function paintLine(line: Line, theme: Theme, background: Token | null = null): string {
  const under = background === null ? "" : theme.on[background];
  let painted = "";
  let open = "";
  for (const part of line) {
    if (part.text === "") continue;
    // Blank text looks the same in any foreground: fewer switches, fewer bytes.
    const own = isBlank(part.text) ? "" : theme.on[part.token];
    const wanted = own + under;
    if (wanted !== open) {
      if (open !== "") painted += RESET;
      painted += wanted;
      open = wanted;
    }
    painted += part.text;
  }
  return open === "" ? painted : painted + RESET;
}

/** Removes what paintLine added; for copies and tests. */
export function unpaint(text: string): string {
  return text.replace(ESCAPES, "");
}

function isBlank(text: string): boolean {
  return text.trim() === "";
}
