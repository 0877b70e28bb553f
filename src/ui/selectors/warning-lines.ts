/** Warnings of the configuration inside the console: they were printed before the screen opened, where nobody reads them. */
import { splitWarning } from "../../model/warning.ts";
import { safeText, wrapText } from "../format/text.ts";
import type { Glyphs } from "../glyphs.ts";
import { type Line, type Segment, segment } from "../paint.ts";

/** For the rule above the alerts; nothing without a warning. */
export function selectWarningCount(warnings: readonly string[], glyphs: Glyphs): Segment[] {
  return warnings.length === 0 ? [] : [segment(`${glyphs.severity.warning}${warnings.length} config `, "warning")];
}

/** Every warning, wrapped, with what to do; below the alerts of the servers. */
export function selectWarningLines(warnings: readonly string[], width: number, glyphs: Glyphs): Line[] {
  if (warnings.length === 0) return [];
  const lines: Line[] = [[segment("Configuration", "heading")], []];
  for (const warning of warnings) {
    const { message, fix } = splitWarning(warning);
    const mark = `${glyphs.severity.warning} WARNING `;
    const indent = "    ";
    const [first = "", ...rest] = wrapText(safeText(message), width - mark.length);
    lines.push([segment(mark, "warning"), segment(first)]);
    for (const text of wrapText(rest.join(" "), width - indent.length))
      if (text !== "") lines.push([segment(`${indent}${text}`)]);
    wrapText(safeText(fix ?? ""), width - 7).forEach((text, index) => {
      if (text !== "")
        lines.push([segment(index === 0 ? `${indent}${glyphs.arrow} ` : "      ", "dim"), segment(text, "info")]);
    });
    lines.push([]);
  }
  return lines;
}
