/** Columns of the HAProxy pane: every process, its proxies and their servers. */
import type { AdminReason, HaproxyProxy, HaproxyServer } from "../../model/haproxy.ts";
import type { ClusterHistory, ServerFigure } from "../../model/history/history.ts";
import { lastKnown } from "../../model/reading.ts";
import type { HaproxySnapshot } from "../../model/snapshot.ts";
import { formatCoarse } from "../format/duration.ts";
import { formatBytes, formatCount, UNKNOWN } from "../format/number.ts";
import { safeText } from "../format/text.ts";
import { type Line, segment } from "../paint.ts";
import { ageCell, staleLine, stateCell, UNKNOWN_CELL } from "./cells.ts";
import type { CellContext, Column } from "./column.ts";
import { TREND_WIDTH, trendCell } from "./trend.ts";

export type HaproxyRow = { readonly key: string; readonly haproxy: HaproxySnapshot } & (
  | { readonly kind: "process" }
  | { readonly kind: "proxy"; readonly proxy: HaproxyProxy }
  | {
      readonly kind: "server";
      readonly server: HaproxyServer;
      readonly node: string | null;
      readonly history: ClusterHistory | null;
    }
);

const BLANK: Line = [segment("")];

/** What a silent HAProxy last said is past: no figure of it is shown as present. */
function figure(row: HaproxyRow, line: Line): Line {
  const { state } = row.haproxy.reading;
  if (state === "fresh") return line;
  return state === "stale" ? staleLine(line) : UNKNOWN_CELL;
}

function count(row: HaproxyRow, value: number | null): Line {
  return value === null
    ? figure(row, UNKNOWN_CELL)
    : figure(row, [segment(formatCount(value), value === 0 ? "dim" : "text")]);
}

function counter(pick: (values: HaproxyServer | HaproxyProxy) => number | null): (row: HaproxyRow) => Line {
  return (row) => {
    if (row.kind === "process") return BLANK;
    const value = pick(row.kind === "proxy" ? row.proxy : row.server);
    // A frontend has no queue and no check: what cannot be is not unknown.
    if (value === null && row.kind === "proxy" && row.proxy.kind !== "backend") return BLANK;
    return count(row, value);
  };
}

function sortCounter(
  pick: (values: HaproxyServer | HaproxyProxy) => number | null,
): (row: HaproxyRow) => number | null {
  return (row) => (row.kind === "process" ? null : pick(row.kind === "proxy" ? row.proxy : row.server));
}

function serverOnly(
  draw: (server: HaproxyServer, row: HaproxyRow, context: CellContext) => Line,
): Column<HaproxyRow>["cell"] {
  return (row, context) => (row.kind === "server" ? draw(row.server, row, context) : BLANK);
}

function nameCell(row: HaproxyRow, context: CellContext): Line {
  switch (row.kind) {
    case "process":
      return [segment(safeText(row.haproxy.name), "title")];
    case "proxy":
      return [segment(context.tree ? "  " : "", "dim"), segment(safeText(row.proxy.name), "accent")];
    case "server": {
      const name = safeText(row.server.server);
      return context.tree
        ? [segment("    "), segment(name)]
        : [segment(`${safeText(row.server.backend)}/`, "dim"), segment(name)];
    }
  }
}

function stateOfRow(row: HaproxyRow, context: CellContext): Line {
  switch (row.kind) {
    case "process":
      return processState(row.haproxy, context);
    case "proxy":
      return figure(row, [
        segment(row.proxy.status === null ? UNKNOWN : safeText(row.proxy.status), proxyToken(row.proxy)),
      ]);
    case "server":
      return stateCell(row.server, row.haproxy.reading.state, context.glyphs);
  }
}

function proxyToken(proxy: HaproxyProxy): "ok" | "critical" | "text" {
  if (proxy.status === "UP" || proxy.status === "OPEN") return "ok";
  return proxy.status === "DOWN" ? "critical" : "text";
}

/** One word for the link to a HAProxy process. */
export function processState(haproxy: HaproxySnapshot, context: Pick<CellContext, "glyphs">): Line {
  const { health } = context.glyphs;
  switch (haproxy.reading.state) {
    case "fresh":
      return haproxy.reading.value.process?.stopping
        ? [segment(`${health.warning}STOPPING`, "warning")]
        : [segment(`${health.ok}LINKED`, "ok")];
    case "stale":
      return [segment(`${health.warning}STALE`, "warning")];
    case "failed":
      return [segment(`${health.critical}${haproxy.reading.failure.kind.toUpperCase()}`, "critical")];
    case "never":
      return [segment(`${health.unknown}WAITING`, "unknown")];
  }
}

function kindText(row: HaproxyRow): string {
  if (row.kind === "process")
    return row.haproxy.reading.state === "fresh" ? (row.haproxy.reading.value.level ?? "") : "";
  if (row.kind === "proxy") return row.proxy.kind;
  return row.server.backup ? "backup" : "active";
}

function weightCell(row: HaproxyRow): Line {
  if (row.kind !== "server") return BLANK;
  const { weight, initialWeight } = row.server;
  if (weight === null) return figure(row, UNKNOWN_CELL);
  const changed = initialWeight !== null && initialWeight !== weight;
  return figure(row, [segment(changed ? `${weight}/${initialWeight}` : String(weight), changed ? "warning" : "text")]);
}

function checkCell(server: HaproxyServer, row: HaproxyRow): Line {
  if (server.check === null) return figure(row, [segment("", "dim")]);
  const good = /OK/.test(server.check);
  return figure(row, [
    segment(
      safeText(server.check) + (server.inTransition ? ` ${safeText(server.status ?? "")}` : ""),
      good ? "ok" : "critical",
    ),
  ]);
}

function checkTime(server: HaproxyServer): number | null {
  return server.check === null ? null : server.checkDurationMs;
}

function checkTimeCell(server: HaproxyServer, row: HaproxyRow): Line {
  if (server.check === null) return BLANK;
  const ms = checkTime(server);
  return figure(row, ms === null ? UNKNOWN_CELL : [segment(`${formatCount(ms)}ms`)]);
}

function trendOf(figure: ServerFigure, floor: number): Column<HaproxyRow>["cell"] {
  return (row, context) =>
    row.kind === "server"
      ? trendCell(row.history, { subject: { server: row.key, figure }, width: TREND_WIDTH, floor }, context)
      : BLANK;
}

/** Why a server is out, in words. */
export function adminText(reasons: readonly AdminReason[] | null): string {
  return reasons === null ? UNKNOWN : reasons.join(" ");
}

function detailCell(row: HaproxyRow): Line {
  if (row.kind === "server") return figure(row, [segment(safeText(row.server.checkInfo), "dim")]);
  if (row.kind === "proxy")
    return figure(row, [
      segment(
        [row.proxy.mode, row.proxy.algorithm]
          .filter(Boolean)
          .map((text) => safeText(text ?? ""))
          .join(" "),
        "dim",
      ),
    ]);
  const { reading } = row.haproxy;
  if (reading.state === "failed") return [segment(safeText(reading.failure.message), "critical")];
  const process = lastKnown(reading)?.value.process ?? null;
  const text =
    process === null
      ? row.haproxy.url
      : `${row.haproxy.url} pid ${process.pid ?? UNKNOWN} v${process.version ?? UNKNOWN}`;
  return [segment(safeText(text), "dim")];
}

export const HAPROXY_COLUMNS: readonly Column<HaproxyRow>[] = [
  {
    id: "name",
    title: "PROXY / SERVER",
    priority: 0,
    minWidth: 14,
    width: "content",
    maxWidth: 40,
    cut: "middle",
    cell: nameCell,
    sortValue: (row) =>
      row.kind === "server" ? row.server.server : row.kind === "proxy" ? row.proxy.name : row.haproxy.name,
  },
  {
    id: "state",
    title: "STATE",
    priority: 0,
    minWidth: 8,
    width: 12,
    cell: stateOfRow,
    sortValue: (row) => (row.kind === "server" ? row.server.state : null),
  },
  {
    id: "kind",
    title: "KIND",
    priority: 1,
    minWidth: 8,
    width: 8,
    cell: (row) => figure(row, [segment(kindText(row), "dim")]),
    sortValue: kindText,
  },
  {
    id: "weight",
    title: "WEIGHT",
    priority: 2,
    minWidth: 6,
    width: 7,
    align: "right",
    cell: weightCell,
    sortValue: (row) => (row.kind === "server" ? row.server.weight : null),
  },
  {
    id: "sessions",
    title: "SESS",
    priority: 1,
    minWidth: 5,
    width: 5,
    align: "right",
    cell: counter((values) => values.sessions),
    sortValue: sortCounter((values) => values.sessions),
  },
  {
    id: "queued",
    title: "QUEUE",
    priority: 3,
    minWidth: 5,
    width: 5,
    align: "right",
    cell: counter((values) => values.queued),
    sortValue: sortCounter((values) => values.queued),
  },
  {
    id: "rate",
    title: "RATE",
    priority: 4,
    minWidth: 5,
    width: 5,
    align: "right",
    cell: counter((values) => values.sessionRate),
    sortValue: sortCounter((values) => values.sessionRate),
  },
  {
    id: "check",
    title: "CHECK",
    priority: 2,
    minWidth: 6,
    width: 9,
    cell: serverOnly(checkCell),
    sortValue: (row) => (row.kind === "server" ? row.server.check : null),
  },
  {
    id: "check-time",
    title: "CHKTIME",
    priority: 5,
    minWidth: 7,
    width: 7,
    align: "right",
    cell: serverOnly(checkTimeCell),
    sortValue: (row) => (row.kind === "server" ? checkTime(row.server) : null),
  },
  {
    id: "check-trend",
    title: "CHK TREND",
    priority: 6,
    minWidth: TREND_WIDTH,
    width: TREND_WIDTH,
    cell: trendOf("checkMs", 10),
  },
  {
    id: "since",
    title: "SINCE",
    priority: 5,
    minWidth: 5,
    width: 5,
    align: "right",
    cell: (row, context) => {
      if (row.kind === "process") return ageCell(row.haproxy.reading, context);
      const seconds = row.kind === "proxy" ? row.proxy.lastChangeSeconds : row.server.lastChangeSeconds;
      return figure(row, seconds === null ? BLANK : [segment(formatCoarse(seconds), "dim")]);
    },
    sortValue: sortCounter((values) => values.lastChangeSeconds),
  },
  {
    id: "node",
    title: "NODE",
    priority: 6,
    minWidth: 6,
    width: "content",
    maxWidth: 20,
    cut: "middle",
    cell: (row) =>
      row.kind === "server" ? (row.node === null ? [segment(UNKNOWN, "dim")] : [segment(safeText(row.node))]) : BLANK,
    sortValue: (row) => (row.kind === "server" ? row.node : null),
  },
  {
    id: "admin",
    title: "ADMIN",
    priority: 7,
    minWidth: 12,
    width: 16,
    cell: serverOnly((server, row) =>
      server.adminReasons?.length === 0 ? BLANK : figure(row, [segment(adminText(server.adminReasons), "maint")]),
    ),
  },
  {
    id: "sessions-trend",
    title: "SESS TREND",
    priority: 8,
    minWidth: TREND_WIDTH,
    width: TREND_WIDTH,
    cell: trendOf("sessions", 10),
  },
  {
    id: "total",
    title: "TOTAL",
    priority: 9,
    minWidth: 6,
    width: 6,
    align: "right",
    cell: counter((values) => values.sessionsTotal),
    sortValue: sortCounter((values) => values.sessionsTotal),
  },
  {
    id: "in",
    title: "IN",
    priority: 10,
    minWidth: 5,
    width: 5,
    align: "right",
    cell: bytes((values) => values.bytesIn),
    sortValue: sortCounter((values) => values.bytesIn),
  },
  {
    id: "out",
    title: "OUT",
    priority: 10,
    minWidth: 5,
    width: 5,
    align: "right",
    cell: bytes((values) => values.bytesOut),
    sortValue: sortCounter((values) => values.bytesOut),
  },
  {
    id: "changes",
    title: "DOWNS",
    priority: 11,
    minWidth: 5,
    width: 5,
    align: "right",
    cell: serverOnly((server, row) => count(row, server.downTransitions)),
  },
  { id: "detail", title: "DETAIL", priority: 8, minWidth: 14, width: 24, grow: 1, cell: detailCell },
];

function bytes(pick: (values: HaproxyServer | HaproxyProxy) => number | null): (row: HaproxyRow) => Line {
  return (row) => {
    if (row.kind === "process") return BLANK;
    return figure(row, [segment(formatBytes(pick(row.kind === "proxy" ? row.proxy : row.server)), "dim")]);
  };
}
