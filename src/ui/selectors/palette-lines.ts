/** The palette: matches below what is typed, with their keys and what stands against them. */
import { fitText } from "../format/text.ts";
import { fitLine, segment } from "../paint.ts";
import { listPaletteEntries, searchPalette } from "../palette.ts";
import type { ConsoleState, Prompt } from "../state/state.ts";
import type { BodyLine } from "./body-line.ts";
import { selectGlyphs } from "./tables.ts";

/** Number of the first entry on screen, so that the chosen one is seen. */
export function selectPaletteTop(index: number, visible: number, total: number): number {
  return Math.max(0, Math.min(index - visible + 1, total - visible));
}

export function selectPaletteLines(
  state: ConsoleState,
  prompt: Extract<Prompt, { kind: "palette" }>,
  width: number,
  rows: number,
): BodyLine[] {
  const glyphs = selectGlyphs(state);
  const entries = searchPalette(listPaletteEntries(state), prompt.text);
  const visible = rows - 1;
  const top = selectPaletteTop(prompt.index, visible, entries.length);
  const title: BodyLine = {
    key: "title",
    line: fitLine(
      [
        segment("commands", "title"),
        segment(`  ${entries.length} match  Enter runs  Tab completes  Esc leaves`, "dim"),
      ],
      width,
      "left",
      glyphs.ellipsis,
    ),
    background: null,
  };
  const found = entries.slice(top, top + visible).map((entry, offset): BodyLine => {
    const selected = top + offset === prompt.index;
    const usable = entry.disabledReason === null;
    const line = [
      segment(selected ? `${glyphs.cursor} ` : "  ", "accent"),
      segment(
        fitText(entry.title, Math.min(48, Math.floor(width / 2)), "left", glyphs.ellipsis),
        usable ? "text" : "dim",
      ),
      segment(` ${fitText(entry.keys, 10)} `, "key"),
      segment(entry.disabledReason ?? entry.about, "dim"),
    ];
    return {
      key: `${entry.command}:${entry.argument ?? ""}`,
      line: fitLine(line, width, "left", glyphs.ellipsis),
      background: selected ? "selected" : null,
    };
  });
  return [title, ...found];
}
