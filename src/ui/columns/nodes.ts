/** Columns of the Nodes pane: HAProxy's view and replication's view of one node, joined in one row. */

import type { ClusterHistory } from "../../model/history/history.ts";
import { selectNewest } from "../../model/history/series.ts";
import type { MysqlReport } from "../../model/mysql.ts";
import type { Reading } from "../../model/reading.ts";
import type { ChannelSnapshot, NodeSnapshot, ServerLink, WriterRoute } from "../../model/snapshot.ts";
import { formatCoarse } from "../format/duration.ts";
import { formatCount, UNKNOWN } from "../format/number.ts";
import { safeText } from "../format/text.ts";
import { type Line, plainText, type Segment, segment } from "../paint.ts";
import type { Token } from "../theme.ts";
import {
  ageCell,
  formatPosition,
  lagCell,
  readingCell,
  staleLine,
  stateCell,
  threadsCell,
  UNKNOWN_CELL,
} from "./cells.ts";
import type { CellContext, Column } from "./column.ts";
import { TREND_WIDTH, trendCell } from "./trend.ts";

export interface NodeRow {
  readonly node: NodeSnapshot;
  readonly prefix: string;
  readonly writer: WriterRoute | null;
  readonly readerBackends: readonly string[];
  readonly critical: number;
  readonly warnings: number;
  readonly history: ClusterHistory | null;
}

const NONE = (context: CellContext): Line => [segment(context.glyphs.none, "dim")];

const ROLE_TOKENS: Readonly<Record<NodeSnapshot["role"], Token>> = {
  source: "source",
  replica: "text",
  relay: "accent",
  standalone: "dim",
  unknown: "unknown",
};

export function roleText(role: NodeSnapshot["role"]): string {
  return role === "unknown" ? UNKNOWN : role === "standalone" ? "alone" : role;
}

function nameCell(row: NodeRow, context: CellContext): Line {
  const name = safeText(row.node.name);
  const isWriter = row.writer?.expected.includes(row.node.name) ?? false;
  return [segment(context.tree ? row.prefix : "", "dim"), segment(name, isWriter ? "source" : "strong")];
}

function roleCell(row: NodeRow): Line {
  const { role, reading } = row.node;
  const line = [segment(roleText(role), ROLE_TOKENS[role])];
  return role === "unknown" || reading.state === "fresh" ? line : staleLine(line);
}

/** `W` and `R` for the writer and reader backends, else the start of the backend's name. */
function backendLabel(backend: string, row: NodeRow): string {
  if (backend === row.writer?.backend) return "W";
  if (row.readerBackends.includes(backend)) return "R";
  return `${safeText(backend).slice(0, 6)}:`;
}

/** Per backend one state when all HAProxies agree, all of them with `≠` between when they do not. */
function proxyCell(row: NodeRow, context: CellContext): Line {
  const { servers } = row.node;
  if (servers.length === 0) return NONE(context);
  const backends = [...new Set(servers.map((link) => link.server.backend))];
  const rank = (backend: string) =>
    backend === row.writer?.backend ? 0 : row.readerBackends.includes(backend) ? 1 : 2;
  backends.sort((a, b) => rank(a) - rank(b));
  const line: Segment[] = [];
  for (const backend of backends) {
    if (line.length > 0) line.push(segment(" "));
    line.push(segment(backendLabel(backend, row), "dim"));
    line.push(
      ...agreedStates(
        servers.filter((link) => link.server.backend === backend),
        context,
      ),
    );
  }
  return line;
}

function agreedStates(links: readonly ServerLink[], context: CellContext): Segment[] {
  const states: Line[] = [];
  for (const link of links) {
    const state = stateCell(link.server, link.freshness, context.glyphs);
    if (!states.some((other) => plainText(other) === plainText(state))) states.push(state);
  }
  const line: Segment[] = [];
  for (const state of states) {
    if (line.length > 0) line.push(segment(context.glyphs.differs, "warning"));
    line.push(...state);
  }
  if (links.some((link) => link.server.backup)) line.push(segment("/bk", "dim"));
  return line;
}

/** Sessions HAProxy holds to the node. What a silent HAProxy holds is unknown: `12+?`. */
function sessionsCell(row: NodeRow, context: CellContext): Line {
  if (row.node.servers.length === 0) return NONE(context);
  const { known, unknown } = sumSessions(row.node);
  if (known === null) return UNKNOWN_CELL;
  return unknown
    ? [segment(`${formatCount(known)}+?`, "unknown")]
    : [segment(formatCount(known), known === 0 ? "dim" : "text")];
}

export function sumSessions(node: NodeSnapshot): { known: number | null; unknown: boolean } {
  let known: number | null = null;
  let unknown = false;
  for (const link of node.servers) {
    if (link.freshness !== "fresh" || link.server.sessions === null) unknown = true;
    else known = (known ?? 0) + link.server.sessions;
  }
  return { known, unknown };
}

/** The worst channel: unknown before the greatest lag. Undefined when the node follows nobody. */
export function worstLag(channels: readonly ChannelSnapshot[]): number | null | undefined {
  if (channels.length === 0) return undefined;
  let worst = 0;
  for (const channel of channels) {
    if (channel.lagSeconds === null) return null;
    worst = Math.max(worst, channel.lagSeconds);
  }
  return worst;
}

function channelCell(row: NodeRow, context: CellContext, draw: (channels: readonly ChannelSnapshot[]) => Line): Line {
  const reading: Reading<MysqlReport> = row.node.reading;
  return readingCell(reading, (report) => {
    if (report.channels === null) return null;
    return row.node.channels.length === 0 ? NONE(context) : draw(row.node.channels);
  });
}

function lagOfRow(row: NodeRow, context: CellContext): Line {
  return channelCell(row, context, (channels) => lagCell(worstLag(channels) ?? null, context.lagLimits));
}

/** Narrow: it has a place on 80 columns. */
const LAG_TREND_WIDTH = 8;

/** Lag on the scale of its limit: what is far from it stays flat. */
function lagTrend(row: NodeRow, context: CellContext): Line {
  const floor = Math.max(1, context.lagLimits.warningSeconds);
  return trendCell(
    row.history,
    { subject: { node: row.node.name, figure: "lagSeconds" }, width: LAG_TREND_WIDTH, floor },
    context,
  );
}

function trendOf(figure: "sessions" | "behind", floor: number): Column<NodeRow>["cell"] {
  return (row, context) =>
    trendCell(row.history, { subject: { node: row.node.name, figure }, width: TREND_WIDTH, floor }, context);
}

function queriesPerSecond(row: NodeRow): number | null {
  return row.history === null ? null : selectNewest(row.history, { node: row.node.name, figure: "queriesPerSecond" });
}

function threadsOfRow(row: NodeRow, context: CellContext): Line {
  return channelCell(row, context, (channels) => {
    const worst =
      channels.find((channel) => channel.sql === "no") ??
      channels.find((channel) => channel.io !== "yes") ??
      channels[0];
    if (worst === undefined) return UNKNOWN_CELL;
    const count = channels.length > 1 ? [segment(` x${channels.length}`, "dim")] : [];
    return [...threadsCell(worst), ...count];
  });
}

function worstBehind(channels: readonly ChannelSnapshot[]): number | null {
  let worst = 0;
  for (const channel of channels) {
    if (channel.behind === null) return null;
    worst = Math.max(worst, channel.behind);
  }
  return worst;
}

function behindCell(row: NodeRow, context: CellContext): Line {
  return channelCell(row, context, (channels) => {
    const behind = worstBehind(channels);
    return behind === null ? UNKNOWN_CELL : [segment(formatCount(behind), behind === 0 ? "dim" : "text")];
  });
}

function positionCell(row: NodeRow): Line {
  return readingCell(row.node.reading, (report) => {
    const [channel] = row.node.channels;
    const text =
      channel === undefined
        ? formatPosition(report.position?.file ?? null, report.position?.pos ?? null)
        : formatPosition(channel.executedFile, channel.executedPos);
    return text === UNKNOWN ? null : [segment(text)];
  });
}

function readOnlyCell(row: NodeRow): Line {
  return readingCell(row.node.reading, (report) => {
    if (report.readOnly === null) return null;
    if (!report.readOnly) return [segment("RW", row.node.role === "source" ? "source" : "strong")];
    return [segment(report.superReadOnly === true ? "SRO" : "RO")];
  });
}

function alertCell(row: NodeRow, context: CellContext): Line {
  if (row.critical > 0) return [segment(`${context.glyphs.severity.critical}${row.critical}`, "critical")];
  if (row.warnings > 0) return [segment(`${context.glyphs.severity.warning}${row.warnings}`, "warning")];
  return [segment("")];
}

const FLAVORS = { mysql: "MySQL", mariadb: "MariaDB", percona: "Percona" } as const;

export function versionText(report: MysqlReport): string {
  return `${FLAVORS[report.flavor]} ${safeText(report.version).replace(/-.*$/, "")}`;
}

function gtidCell(row: NodeRow): Line {
  return readingCell(row.node.reading, (report) => {
    const gtid = report.gtid.replicaPos || report.gtid.executed;
    return gtid === null ? null : [segment(safeText(gtid), "dim")];
  });
}

/** State and identity to the left, figures that move all the time to the right: a row is redrawn from its first changed cell on. */
export const NODE_COLUMNS: readonly Column<NodeRow>[] = [
  {
    id: "node",
    title: "NODE",
    priority: 0,
    minWidth: 8,
    width: "content",
    maxWidth: 32,
    cut: "middle",
    cell: nameCell,
    sortValue: (row) => row.node.name,
  },
  {
    id: "alerts",
    title: "!",
    priority: 0,
    minWidth: 2,
    width: 2,
    cell: alertCell,
    sortValue: (row) => row.critical * 1_000 + row.warnings,
  },
  { id: "role", title: "ROLE", priority: 1, minWidth: 7, width: 8, cell: roleCell, sortValue: (row) => row.node.role },
  {
    id: "haproxy",
    title: "HAPROXY",
    priority: 1,
    minWidth: 9,
    width: "content",
    maxWidth: 34,
    cell: proxyCell,
    sortValue: (row) => row.node.servers[0]?.server.state ?? null,
  },
  {
    id: "threads",
    title: "IO/SQL",
    priority: 1,
    minWidth: 7,
    width: 8,
    cell: threadsOfRow,
    sortValue: (row) => row.node.channels[0]?.sql ?? null,
  },
  { id: "readonly", title: "RO", priority: 1, minWidth: 2, width: 4, cell: readOnlyCell },
  {
    id: "age",
    title: "AGE",
    priority: 2,
    minWidth: 4,
    width: 4,
    cell: (row, context) => ageCell(row.node.reading, context),
  },
  {
    id: "version",
    title: "VERSION",
    priority: 6,
    minWidth: 14,
    width: 16,
    cell: (row) => readingCell(row.node.reading, (report) => [segment(versionText(report))]),
    sortValue: (row) => (row.node.reading.state === "fresh" ? row.node.reading.value.version : null),
  },
  {
    id: "address",
    title: "ADDRESS",
    priority: 8,
    minWidth: 12,
    width: "content",
    maxWidth: 28,
    cell: (row) => [segment(safeText(row.node.address), "dim")],
    sortValue: (row) => row.node.address,
  },
  {
    id: "uptime",
    title: "UPTIME",
    priority: 10,
    minWidth: 6,
    width: 6,
    align: "right",
    cell: (row) =>
      readingCell(row.node.reading, (report) =>
        report.uptimeSeconds === null ? null : [segment(formatCoarse(report.uptimeSeconds), "dim")],
      ),
  },
  {
    id: "sessions",
    title: "SESS",
    priority: 1,
    minWidth: 4,
    width: 5,
    align: "right",
    cell: sessionsCell,
    sortValue: (row) => sumSessions(row.node).known,
  },
  {
    id: "lag",
    title: "LAG",
    priority: 1,
    minWidth: 5,
    width: 5,
    align: "right",
    cell: lagOfRow,
    sortValue: (row) => worstLag(row.node.channels) ?? null,
  },
  {
    id: "behind",
    title: "BEHIND",
    priority: 3,
    minWidth: 6,
    width: 6,
    align: "right",
    cell: behindCell,
    sortValue: (row) => worstBehind(row.node.channels),
  },
  { id: "trend", title: "TREND", priority: 4, minWidth: LAG_TREND_WIDTH, width: LAG_TREND_WIDTH, cell: lagTrend },
  { id: "position", title: "POSITION", priority: 5, minWidth: 12, width: 17, cell: positionCell },
  {
    id: "qps",
    title: "QPS",
    priority: 7,
    minWidth: 5,
    width: 5,
    align: "right",
    cell: (row) => readingCell(row.node.reading, () => [segment(formatCount(queriesPerSecond(row)))]),
    sortValue: queriesPerSecond,
  },
  {
    id: "threads-running",
    title: "RUN",
    priority: 9,
    minWidth: 4,
    width: 4,
    align: "right",
    cell: (row) =>
      readingCell(row.node.reading, (report) =>
        report.threadsRunning === null ? null : [segment(formatCount(report.threadsRunning))],
      ),
  },
  {
    id: "sessions-trend",
    title: "SESS TREND",
    priority: 10,
    minWidth: TREND_WIDTH,
    width: TREND_WIDTH,
    cell: trendOf("sessions", 10),
  },
  {
    id: "behind-trend",
    title: "BEHIND TREND",
    priority: 10,
    minWidth: 12,
    width: 12,
    cell: trendOf("behind", 10),
  },
  { id: "gtid", title: "GTID EXECUTED", priority: 12, minWidth: 16, width: 24, grow: 1, cell: gtidCell },
];
