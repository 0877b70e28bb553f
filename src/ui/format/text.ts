/** Text by terminal cells. Everything that came from a server is made printable before it is measured. */
import stringWidth from "string-width";
import { printable } from "../../model/printable.ts";

const PLAIN = /^[\x20-\x7e]*$/;
const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** The same few tree lines, signs and sparklines are measured in every frame; measuring takes some microseconds per character. */
const widths = new Map<string, number>();
const WIDTHS_LIMIT = 4_096;

/** Width in terminal cells. */
export function textWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  const known = widths.get(text);
  if (known !== undefined) return known;
  const width = stringWidth(text);
  if (widths.size >= WIDTHS_LIMIT) widths.clear();
  widths.set(text, width);
  return width;
}

/** Server text made safe and single-line for a cell. */
export function safeText(text: string): string {
  return PLAIN.test(text) ? text : printable(text);
}

/** Cuts to at most `width` cells; a cut text ends with `ellipsis`. Never cuts a wide character in half. */
export function truncateText(text: string, width: number, ellipsis = "…"): string {
  if (width <= 0) return "";
  if (textWidth(text) <= width) return text;
  const room = width - textWidth(ellipsis);
  if (room <= 0) return takeCells(text, width);
  return takeCells(text, room) + ellipsis;
}

/** Cuts out of the middle: names of one fleet are alike at the one end and differ at the other. */
export function truncateMiddle(text: string, width: number, ellipsis = "…"): string {
  if (textWidth(text) <= width) return text;
  const room = width - textWidth(ellipsis);
  if (room < 2) return truncateText(text, width, ellipsis);
  const head = takeCells(text, Math.floor(room / 2));
  const tail = takeLastCells(text, room - textWidth(head));
  return head + ellipsis + tail;
}

/** Cuts and pads to exactly `width` cells. */
export function fitText(text: string, width: number, align: "left" | "right" = "left", ellipsis = "…"): string {
  const cut = truncateText(text, width, ellipsis);
  const padding = " ".repeat(Math.max(0, width - textWidth(cut)));
  return align === "left" ? cut + padding : padding + cut;
}

function takeCells(text: string, width: number): string {
  if (PLAIN.test(text)) return text.slice(0, width);
  let taken = "";
  let cells = 0;
  for (const { segment } of graphemes.segment(text)) {
    const next = cells + textWidth(segment);
    if (next > width) break;
    taken += segment;
    cells = next;
  }
  return taken;
}

/** The end of a text that is being typed. */
export function tailText(text: string, width: number): string {
  return textWidth(text) <= width ? text : takeLastCells(text, Math.max(1, width));
}

function takeLastCells(text: string, width: number): string {
  if (PLAIN.test(text)) return text.slice(-width);
  let taken = "";
  let cells = 0;
  for (const { segment } of [...graphemes.segment(text)].reverse()) {
    cells += textWidth(segment);
    if (cells > width) break;
    taken = segment + taken;
  }
  return taken;
}

/** Breaks at spaces into lines of at most `width` cells; words longer than a line are broken anywhere. */
export function wrapText(text: string, width: number): string[] {
  if (width <= 0) return [];
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    let rest = word;
    if (line !== "" && textWidth(line) + 1 + textWidth(rest) <= width) {
      line += ` ${rest}`;
      continue;
    }
    if (line !== "") lines.push(line);
    while (textWidth(rest) > width) {
      const head = takeCells(rest, width);
      if (head === "") break;
      lines.push(head);
      rest = rest.slice(head.length);
    }
    line = rest;
  }
  lines.push(line);
  return lines;
}

/** For terminals without UTF-8: every other character as `?`, as many as it had cells. */
export function foldToAscii(text: string): string {
  if (PLAIN.test(text)) return text;
  let folded = "";
  for (const { segment } of graphemes.segment(text))
    folded += PLAIN.test(segment) ? segment : "?".repeat(stringWidth(segment));
  return folded;
}
