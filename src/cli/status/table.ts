/** Plain tables for a pipe or a terminal: as wide as they need to be, never cut, because a log is read later and elsewhere. */
import stringWidth from "string-width";

export type Tone = "plain" | "dim" | "strong" | "good" | "warning" | "critical" | "unknown";

export interface Cell {
  /** Printable already. */
  readonly text: string;
  readonly tone: Tone;
}

export type Paint = (text: string, tone: Tone) => string;

const SGR: Readonly<Record<Tone, string>> = {
  plain: "",
  dim: "2",
  strong: "1",
  good: "32",
  warning: "33",
  critical: "1;31",
  unknown: "35",
};

/** Paints with ANSI colours, or not at all. Tone never carries meaning alone: the words say it too. */
export function createPaint(color: boolean): Paint {
  return (text, tone) => (color && SGR[tone] !== "" && text !== "" ? `\u001b[${SGR[tone]}m${text}\u001b[0m` : text);
}

export function cell(text: string, tone: Tone = "plain"): Cell {
  return { text, tone };
}

/** Lines of a table, indented by two; columns are as wide as their widest cell, lines have no blanks at their end. */
export function formatTable(header: readonly string[], rows: readonly (readonly Cell[])[], paint: Paint): string[] {
  const all = [header.map((title) => cell(title, "dim")), ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => stringWidth(row[column]?.text ?? ""))));
  return all.map((row) => {
    const last = row.findLastIndex(({ text }) => text !== "");
    const cells = row.slice(0, last + 1).map(({ text, tone }, column) => {
      const padding = column === last ? 0 : (widths[column] ?? 0) - stringWidth(text);
      return paint(text, tone) + " ".repeat(Math.max(0, padding));
    });
    return `  ${cells.join("  ")}`;
  });
}
