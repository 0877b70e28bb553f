/** Columns of the Replication pane: one row per channel, in tree order. */
import type { ClusterHistory } from "../../model/history/history.ts";
import type { MysqlReport, ReplicationError } from "../../model/mysql.ts";
import type { ChannelSnapshot, NodeSnapshot } from "../../model/snapshot.ts";
import { formatCount, UNKNOWN } from "../format/number.ts";
import { safeText } from "../format/text.ts";
import { type Line, segment } from "../paint.ts";
import { ageCell, formatPosition, lagCell, readingCell, threadsCell, UNKNOWN_CELL } from "./cells.ts";
import type { CellContext, Column } from "./column.ts";
import { roleText } from "./nodes.ts";
import { TREND_WIDTH, trendCell } from "./trend.ts";

export interface ReplicationRow {
  readonly key: string;
  readonly node: NodeSnapshot;
  readonly prefix: string;
  /** Null for a node that follows nobody. */
  readonly channel: ChannelSnapshot | null;
  readonly history: ClusterHistory | null;
}

const BLANK: Line = [segment("")];

function onChannel(
  draw: (channel: ChannelSnapshot, context: CellContext, report: MysqlReport) => Line | null,
): Column<ReplicationRow>["cell"] {
  return (row, context) => {
    const { channel } = row;
    if (channel === null) return row.node.reading.state === "fresh" ? BLANK : UNKNOWN_CELL;
    return readingCell(row.node.reading, (report) => draw(channel, context, report));
  };
}

/** `1062 Duplicate entry …`, in one line. */
export function errorText(error: ReplicationError): string {
  return `${error.code} ${safeText(error.message)}`;
}

function stateText(channel: ChannelSnapshot): Line {
  if (channel.sqlError !== null) return [segment(`SQL ${errorText(channel.sqlError)}`, "critical")];
  if (channel.ioError !== null) return [segment(`IO ${errorText(channel.ioError)}`, "critical")];
  if (channel.errant !== null && channel.errant !== "")
    return [segment(`errant ${safeText(channel.errant)}`, "warning")];
  const text = channel.io === "yes" ? channel.sqlState : channel.ioState;
  return [segment(safeText(text ?? ""), "dim")];
}

/** The history is that of the node, of its worst channel: where there are several it tells of none of them. */
function trendOf(figure: "lagSeconds" | "behind"): Column<ReplicationRow>["cell"] {
  return ({ node, history }, context) => {
    if (node.channels.length > 1) return [segment(context.glyphs.none, "dim")];
    const floor = figure === "behind" ? 10 : Math.max(1, context.lagLimits.warningSeconds);
    return trendCell(history, { subject: { node: node.name, figure }, width: TREND_WIDTH, floor }, context);
  };
}

function ownPosition(row: ReplicationRow): Line {
  return readingCell(row.node.reading, (report) => {
    const text = formatPosition(report.position?.file ?? null, report.position?.pos ?? null);
    return text === UNKNOWN ? null : [segment(text)];
  });
}

function gtidCell(row: ReplicationRow): Line {
  return readingCell(row.node.reading, (report) => {
    const gtid = row.channel?.executedGtid ?? report.gtid.executed;
    return gtid === null ? null : [segment(safeText(gtid), "dim")];
  });
}

function sourceText(channel: ChannelSnapshot): string {
  return channel.sourceNode ?? `${channel.sourceHost}:${channel.sourcePort}`;
}

export const REPLICATION_COLUMNS: readonly Column<ReplicationRow>[] = [
  {
    id: "node",
    title: "NODE",
    priority: 0,
    minWidth: 10,
    width: "content",
    maxWidth: 32,
    cut: "middle",
    cell: (row, context) => [
      segment(context.tree ? row.prefix : "", "dim"),
      segment(safeText(row.node.name), "strong"),
    ],
    sortValue: (row) => row.node.name,
  },
  {
    id: "role",
    title: "ROLE",
    priority: 3,
    minWidth: 7,
    width: 7,
    cell: (row) => [segment(roleText(row.node.role), row.node.role === "source" ? "source" : "text")],
    sortValue: (row) => row.node.role,
  },
  {
    id: "source",
    title: "SOURCE",
    priority: 1,
    minWidth: 6,
    width: "content",
    maxWidth: 24,
    cut: "middle",
    cell: (row) => (row.channel === null ? BLANK : [segment(safeText(sourceText(row.channel)))]),
    sortValue: (row) => (row.channel === null ? null : sourceText(row.channel)),
  },
  {
    id: "channel",
    title: "CHANNEL",
    priority: 7,
    minWidth: 7,
    width: 10,
    cell: (row) => (row.channel === null ? BLANK : [segment(safeText(row.channel.name), "dim")]),
    sortValue: (row) => row.channel?.name ?? null,
  },
  {
    id: "threads",
    title: "IO/SQL",
    priority: 0,
    minWidth: 7,
    width: 8,
    cell: onChannel((channel) => threadsCell(channel)),
    sortValue: (row) => row.channel?.sql ?? null,
  },
  {
    id: "lag",
    title: "LAG",
    priority: 1,
    minWidth: 5,
    width: 5,
    align: "right",
    cell: onChannel((channel, context) => lagCell(channel.lagSeconds, context.lagLimits)),
    sortValue: (row) => row.channel?.lagSeconds ?? null,
  },
  {
    id: "lag-from",
    title: "FROM",
    priority: 8,
    minWidth: 6,
    width: 9,
    cell: onChannel((channel) => [segment(channel.lagFrom === "unknown" ? UNKNOWN : channel.lagFrom, "dim")]),
  },
  {
    id: "behind",
    title: "BEHIND",
    priority: 2,
    minWidth: 6,
    width: 6,
    align: "right",
    cell: onChannel((channel) =>
      channel.behind === null ? null : [segment(formatCount(channel.behind), channel.behind === 0 ? "dim" : "text")],
    ),
    sortValue: (row) => row.channel?.behind ?? null,
  },
  {
    id: "lag-trend",
    title: "LAG TREND",
    priority: 5,
    minWidth: TREND_WIDTH,
    width: TREND_WIDTH,
    cell: trendOf("lagSeconds"),
  },
  {
    id: "behind-trend",
    title: "BEHIND TREND",
    priority: 7,
    minWidth: 12,
    width: 12,
    cell: trendOf("behind"),
  },
  {
    id: "backlog",
    title: "BACKLOG",
    priority: 9,
    minWidth: 7,
    width: 7,
    align: "right",
    cell: onChannel((channel) =>
      channel.applierBacklog === null ? null : [segment(formatCount(channel.applierBacklog), "dim")],
    ),
    sortValue: (row) => row.channel?.applierBacklog ?? null,
  },
  {
    id: "delay",
    title: "DELAY",
    priority: 11,
    minWidth: 5,
    width: 5,
    align: "right",
    cell: onChannel((channel) => (channel.delaySeconds === null ? null : [segment(`${channel.delaySeconds}s`, "dim")])),
  },
  {
    id: "executed",
    title: "EXECUTED",
    priority: 4,
    minWidth: 12,
    width: 17,
    cell: onChannel((channel) => [segment(formatPosition(channel.executedFile, channel.executedPos))]),
  },
  {
    id: "received",
    title: "RECEIVED",
    priority: 6,
    minWidth: 12,
    width: 17,
    cell: onChannel((channel) => [segment(formatPosition(channel.readFile, channel.readPos))]),
  },
  { id: "own", title: "OWN POSITION", priority: 5, minWidth: 12, width: 17, cell: ownPosition },
  {
    id: "age",
    title: "AGE",
    priority: 3,
    minWidth: 4,
    width: 4,
    cell: (row, context) => ageCell(row.node.reading, context),
  },
  { id: "error", title: "ERROR / STATE", priority: 2, minWidth: 10, width: 18, grow: 2, cell: onChannel(stateText) },
  {
    id: "gtid-mode",
    title: "GTID MODE",
    priority: 10,
    minWidth: 9,
    width: 13,
    cell: onChannel((channel) => [segment(safeText(channel.gtidMode), "dim")]),
  },
  { id: "gtid", title: "GTID EXECUTED", priority: 12, minWidth: 16, width: 24, grow: 1, cell: gtidCell },
];
