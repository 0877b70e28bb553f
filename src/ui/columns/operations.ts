/** Columns of the Operations pane: newest first. */
import { formatGap } from "../../model/promotion-words.ts";
import { formatClock } from "../format/duration.ts";
import { safeText } from "../format/text.ts";
import { segment } from "../paint.ts";
import type { OperationRow } from "../selectors/operation-rows.ts";
import type { Column } from "./column.ts";
import { STATE_WORDS } from "./operation-states.ts";

const DAY_MS = 86_400_000;

export const OPERATION_COLUMNS: readonly Column<OperationRow>[] = [
  {
    id: "time",
    title: "TIME",
    priority: 0,
    minWidth: 8,
    width: 10,
    cell: ({ at }, { now }) => [
      segment(now - at < DAY_MS ? formatClock(at) : new Date(at).toISOString().slice(0, 10), "dim"),
    ],
    sortValue: (row) => row.at,
  },
  {
    id: "state",
    title: "STATE",
    priority: 0,
    minWidth: 10,
    width: 12,
    cell: ({ state, undoneBy }) =>
      undoneBy === null
        ? [segment(STATE_WORDS[state].word, STATE_WORDS[state].token)]
        : [segment("TAKEN BACK", "warning")],
    sortValue: (row) => row.state,
  },
  {
    id: "operation",
    title: "OPERATION",
    priority: 0,
    minWidth: 16,
    width: "content",
    maxWidth: 44,
    cell: (row) => [segment(safeText(row.title), "strong")],
    sortValue: (row) => row.title,
  },
  {
    id: "gap",
    title: "WRITE GAP",
    priority: 1,
    minWidth: 9,
    width: 10,
    cell: ({ gapMs }) => [segment(gapMs === null ? "" : formatGap(gapMs), "strong")],
    sortValue: ({ gapMs }) => gapMs,
  },
  {
    id: "by-hand",
    title: "BY HAND",
    priority: 3,
    minWidth: 7,
    width: 7,
    cell: ({ byHand }) => [segment(byHand === null || byHand === 0 ? "" : String(byHand), "warning")],
    sortValue: ({ byHand }) => byHand,
  },
  {
    id: "operator",
    title: "BY",
    priority: 2,
    minWidth: 10,
    width: "content",
    maxWidth: 24,
    cell: (row) => [segment(safeText(row.operator), "dim")],
    sortValue: (row) => row.operator,
  },
  {
    id: "summary",
    title: "RESULT",
    priority: 1,
    minWidth: 16,
    width: 30,
    grow: 1,
    cell: (row) => [segment(safeText(row.summary))],
  },
  {
    id: "id",
    title: "ID",
    priority: 4,
    minWidth: 30,
    width: "content",
    maxWidth: 48,
    cell: (row) => [segment(safeText(row.id), "dim")],
    sortValue: (row) => row.id,
  },
];
