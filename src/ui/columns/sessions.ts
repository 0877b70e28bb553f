/** Columns of the Sessions pane: the processlist of one node. */
import type { ClientSession } from "../../model/mysql.ts";
import { formatDuration } from "../format/duration.ts";
import { UNKNOWN } from "../format/number.ts";
import { safeText } from "../format/text.ts";
import { segment } from "../paint.ts";
import type { Freshness } from "./cells.ts";
import { staleLine } from "./cells.ts";
import type { Column } from "./column.ts";

export interface SessionRow {
  readonly session: ClientSession;
  readonly freshness: Freshness;
}

function field(
  pick: (session: ClientSession) => string | null,
  token: "text" | "dim" | "strong" = "text",
): Column<SessionRow>["cell"] {
  return (row) => {
    const line = [segment(safeText(pick(row.session) ?? ""), row.session.system ? "dim" : token)];
    return row.freshness === "fresh" ? line : staleLine(line);
  };
}

export const SESSION_COLUMNS: readonly Column<SessionRow>[] = [
  {
    id: "id",
    title: "ID",
    priority: 0,
    minWidth: 6,
    width: 8,
    align: "right",
    cell: field((session) => String(session.id), "strong"),
    sortValue: (row) => row.session.id,
  },
  {
    id: "user",
    title: "USER",
    priority: 0,
    minWidth: 8,
    width: 14,
    cell: field((session) => session.user),
    sortValue: (row) => row.session.user,
  },
  {
    id: "host",
    title: "HOST",
    priority: 2,
    minWidth: 10,
    width: 20,
    cell: field((session) => session.host, "dim"),
    sortValue: (row) => row.session.host,
  },
  {
    id: "database",
    title: "DB",
    priority: 3,
    minWidth: 6,
    width: 10,
    cell: field((session) => session.database),
    sortValue: (row) => row.session.database,
  },
  {
    id: "command",
    title: "COMMAND",
    priority: 1,
    minWidth: 7,
    width: 11,
    cell: field((session) => session.command),
    sortValue: (row) => row.session.command,
  },
  {
    id: "time",
    title: "TIME",
    priority: 0,
    minWidth: 5,
    width: 6,
    align: "right",
    cell: field((session) => (session.seconds === null ? UNKNOWN : formatDuration(session.seconds))),
    sortValue: (row) => row.session.seconds,
  },
  {
    id: "state",
    title: "STATE",
    priority: 4,
    minWidth: 10,
    width: 22,
    cell: field((session) => session.state, "dim"),
    sortValue: (row) => row.session.state,
  },
  {
    id: "query",
    title: "QUERY",
    priority: 1,
    minWidth: 14,
    width: 24,
    grow: 1,
    cell: field((session) => session.query),
  },
];
