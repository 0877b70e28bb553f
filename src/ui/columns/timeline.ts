/** Columns of the Timeline pane: state changes, newest first. */
import { formatClock } from "../format/duration.ts";
import { safeText } from "../format/text.ts";
import { segment } from "../paint.ts";
import type { TimelineEntry } from "../state/state.ts";
import type { Token } from "../theme.ts";
import type { Column } from "./column.ts";

export const SEVERITY_TOKENS: Readonly<Record<"critical" | "warning" | "info", Token>> = {
  critical: "critical",
  warning: "warning",
  info: "info",
};

export const TIMELINE_COLUMNS: readonly Column<TimelineEntry>[] = [
  {
    id: "time",
    title: "TIME",
    priority: 0,
    minWidth: 8,
    width: 8,
    cell: (row) => [segment(formatClock(row.change.at), "dim")],
    sortValue: (row) => row.change.at,
  },
  {
    id: "severity",
    title: "!",
    priority: 0,
    minWidth: 1,
    width: 1,
    cell: (row, context) => [
      segment(context.glyphs.severity[row.change.severity], SEVERITY_TOKENS[row.change.severity]),
    ],
    sortValue: (row) => ["critical", "warning", "info"].indexOf(row.change.severity),
  },
  {
    id: "kind",
    title: "KIND",
    priority: 2,
    minWidth: 11,
    width: 11,
    cell: (row) => [segment(row.change.kind, "dim")],
    sortValue: (row) => row.change.kind,
  },
  {
    id: "subject",
    title: "SUBJECT",
    priority: 0,
    minWidth: 12,
    width: "content",
    maxWidth: 36,
    cell: (row) => [segment(safeText(row.change.subject), "strong")],
    sortValue: (row) => row.change.subject,
  },
  {
    id: "change",
    title: "CHANGE",
    priority: 0,
    minWidth: 20,
    width: 40,
    grow: 1,
    cell: (row, context) => [
      ...(row.change.before === ""
        ? []
        : [segment(safeText(row.change.before), "dim"), segment(` ${context.glyphs.arrow} `, "dim")]),
      segment(
        safeText(row.change.after),
        row.change.severity === "info" ? "text" : SEVERITY_TOKENS[row.change.severity],
      ),
    ],
  },
];
