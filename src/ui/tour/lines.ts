/** The tour on screen: how far it is, and what to do next. */
import { textWidth } from "../format/text.ts";
import { TOUR_ROWS } from "../layout.ts";
import { fitLine, type Line, type Segment, segment } from "../paint.ts";
import { selectGlyphs } from "../selectors/tables.ts";
import type { ConsoleState } from "../state/state.ts";
import { selectTourSteps } from "./steps.ts";

/** Exactly TOUR_ROWS lines while it runs, none else. */
export function selectTourLines(state: ConsoleState, width: number): Line[] {
  const { tour } = state;
  if (tour.at !== "running") return [];
  const steps = selectTourSteps(state);
  const glyphs = selectGlyphs(state);
  const rule: Line = [
    segment(`${glyphs.rule.repeat(2)} `, "dim"),
    segment(`tour ${tour.step + 1}/${steps.length}`, "title"),
    segment("  "),
    segment("Esc", "key"),
    segment(` on the table ends it ${glyphs.rule.repeat(2)}`, "dim"),
  ];
  const lines = [rule, ...wrapKeys(steps[tour.step]?.text ?? "", width - 2)].slice(0, TOUR_ROWS);
  while (lines.length < TOUR_ROWS) lines.push([]);
  return lines.map((line) => fitLine(line, width, "left", glyphs.ellipsis));
}

/** Wraps at spaces; words in backquotes become keys. */
export function wrapKeys(text: string, width: number): Line[] {
  const lines: Segment[][] = [];
  let room = 0;
  for (const word of text.split(" ")) {
    const parts = word.split("`").map((part, index) => segment(part, index % 2 === 1 ? "key" : "text"));
    const cells = textWidth(word.replaceAll("`", ""));
    if (lines.length === 0 || cells + 1 > room) {
      lines.push([segment("  "), ...parts]);
      room = width - cells;
    } else {
      lines.at(-1)?.push(segment(" "), ...parts);
      room -= cells + 1;
    }
  }
  return lines;
}
