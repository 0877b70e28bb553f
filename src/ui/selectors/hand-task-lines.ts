/** What is left to people: each task with the lines to type or to put into a file, as they are. */
import type { HandTask } from "../../model/operation.ts";
import { safeText, wrapText } from "../format/text.ts";
import { type Line, segment } from "../paint.ts";
import { headingLine } from "./detail-lines.ts";
import { paragraph } from "./plan-parts.ts";

const INDENT = "      ";

export function handTaskLines(tasks: readonly HandTask[], width: number): Line[] {
  if (tasks.length === 0) return [];
  return [
    [],
    headingLine(`Left to do by hand (${tasks.length})`),
    ...tasks.flatMap(({ subject, message, lines }) => [
      ...paragraph(`${subject}: ${message}`, width, 2, "warning"),
      ...lines.flatMap((line) =>
        wrapText(safeText(line), Math.max(10, width - INDENT.length)).map(
          (part): Line => [segment(INDENT), segment(part, "strong")],
        ),
      ),
    ]),
  ];
}
