/**
 * Texts of servers and operators inside Markdown: shown as they are, and nothing else. A message that makes a link, a mention of a whole
 * channel, a table cell or a heading of its own would be believed by whoever reads the report.
 */
import { printable } from "../../model/printable.ts";

/** Parentheses and exclamation marks mean something beside brackets only, which are in it. */
const MARKS = /[\\`*_[\]<>#|~&@$]/g;

/** One line of text without any meaning to Markdown. */
export function escapeMarkdown(text: string): string {
  return (
    printable(text)
      .replace(MARKS, "\\$&")
      // Bare addresses become links.
      .replace(/:(?=\/\/)/g, "\\:")
      .replace(/\bwww\./gi, (found) => `${found.slice(0, 3)}\\.`)
      // At the beginning: a list, a quotation, a rule.
      .replace(/^(\s*)([-+=:]|\d+(?=[.)]))/, (_, blanks: string, mark: string) =>
        /\d/.test(mark) ? `${blanks}${mark}\\` : `${blanks}\\${mark}`,
      )
  );
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}

/** A code span; `-` for no text at all. */
export function formatCode(text: string): string {
  const shown = printable(text);
  if (shown.trim() === "") return "-";
  const fence = "`".repeat(longestRun(shown) + 1);
  const pad = shown.startsWith("`") || shown.endsWith("`") ? " " : "";
  return `${fence}${pad}${shown}${pad}${fence}`;
}

/** A code span in a table. A pipe after a backslash ends the cell whatever is done about it, so a text with pipes is escaped text. */
export function formatCodeCell(text: string): string {
  return text.includes("|") ? escapeMarkdown(text) : formatCode(text);
}

/** A block of code whose end no line of it can be. */
export function formatBlock(lines: readonly string[]): string[] {
  const shown = lines.map(printable);
  const fence = "`".repeat(Math.max(3, longestRun(shown.join("\n")) + 1));
  return [fence, ...shown, fence];
}

/** @param rows cells that are Markdown already */
export function formatMarkdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => (cell === "" ? " " : cell)).join(" | ")} |`;
  return [line(header), line(header.map(() => "---")), ...rows.map(line)];
}
