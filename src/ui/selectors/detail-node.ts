/** Everything known about one node. */
import type { MysqlReport } from "../../model/mysql.ts";
import { lastKnown } from "../../model/reading.ts";
import type { ChannelSnapshot, ClusterSnapshot, NodeSnapshot, ServerLink } from "../../model/snapshot.ts";
import { stateCell } from "../columns/cells.ts";
import type { CellContext } from "../columns/column.ts";
import { adminText } from "../columns/haproxy.ts";
import { roleText, versionText } from "../columns/nodes.ts";
import { errorText } from "../columns/replication.ts";
import { trendCell } from "../columns/trend.ts";
import { formatDuration } from "../format/duration.ts";
import { formatCount, UNKNOWN } from "../format/number.ts";
import { safeText, wrapText } from "../format/text.ts";
import { type Line, plainText, segment } from "../paint.ts";
import { type ConsoleState, selectShownAt } from "../state/state.ts";
import { selectAlertLines } from "./alerts.ts";
import { type Chart, formatRate, formatSeconds, selectHistoryLines } from "./detail-history.ts";
import { fieldLines, headingLine, readingLines } from "./detail-lines.ts";
import { selectCellContext, selectGlyphs } from "./tables.ts";

/** Check times of a server beside its state, one cell for each tick. */
const CHECK_TREND_WIDTH = 20;

export function selectNodeDetail(
  state: ConsoleState,
  cluster: ClusterSnapshot,
  node: NodeSnapshot,
  width: number,
): Line[] {
  const glyphs = selectGlyphs(state);
  const report = lastKnown(node.reading)?.value ?? null;
  const alerts = cluster.alerts.filter((alert) => alert.node === node.name);
  return [
    ...(alerts.length === 0 ? [] : [headingLine("Alerts"), ...selectAlertLines(alerts, width, glyphs)]),
    headingLine("Node"),
    ...fieldLines("address", `${node.address} (known from ${node.knownFrom})`, width),
    ...fieldLines("role", node.role === "unknown" ? null : roleText(node.role), width, "strong"),
    ...fieldLines("replicas", node.replicas.length === 0 ? "none seen" : node.replicas.join(", "), width),
    ...fieldLines("promotion priority", node.priority, width),
    ...readingLines(node.reading, selectShownAt(state), width),
    [],
    ...selectHistoryLines(state, cluster, nodeCharts(node.name, lagFloor(state, cluster)), width),
    headingLine("In HAProxy"),
    ...serverLines(state, cluster, node, width),
    [],
    ...(report === null ? [] : reportLines(report, width)),
    ...node.channels.flatMap((channel) => channelLines(channel, width)),
  ];
}

function lagFloor(state: ConsoleState, cluster: ClusterSnapshot): number {
  return Math.max(1, state.lagLimits[cluster.name]?.warningSeconds ?? 1);
}

function nodeCharts(node: string, lag: number): Chart[] {
  return [
    { name: "lag", subject: { node, figure: "lagSeconds" }, floor: lag, format: formatSeconds },
    { name: "transactions behind", subject: { node, figure: "behind" }, floor: 10, format: formatCount },
    { name: "sessions", subject: { node, figure: "sessions" }, floor: 10, format: formatCount },
    { name: "queries per second", subject: { node, figure: "queriesPerSecond" }, floor: 10, format: formatRate },
  ];
}

function serverLines(state: ConsoleState, cluster: ClusterSnapshot, node: NodeSnapshot, width: number): Line[] {
  const glyphs = selectGlyphs(state);
  const context = selectCellContext(state, "haproxy");
  if (node.servers.length === 0) return [[segment("  no HAProxy server is linked to this node", "dim")]];
  return node.servers.flatMap((link) => {
    const { server } = link;
    const head: Line = [
      segment(`  ${safeText(link.haproxy)} `, "strong"),
      segment(`${safeText(server.backend)}/${safeText(server.server)} `, "text"),
      ...stateCell(server, link.freshness, glyphs),
      segment(link.freshness === "fresh" ? "" : ` (${link.freshness}: past, not present)`, "warning"),
      ...checkTrend(cluster, link, context),
    ];
    const facts = [
      server.backup ? "backup" : "active",
      `weight ${server.weight ?? UNKNOWN}`,
      `sessions ${formatCount(server.sessions)}`,
      server.check === null ? "no check" : `check ${server.check} in ${server.checkDurationMs ?? UNKNOWN} ms`,
      `admin ${server.adminReasons?.length === 0 ? "none" : adminText(server.adminReasons)}`,
      `linked by ${link.linkedBy}`,
    ];
    return [
      head,
      ...wrapText(safeText(facts.join(", ")), width - 6).map((text): Line => [segment(`      ${text}`, "dim")]),
    ];
  });
}

/** Check times beside the state; nothing where no check is made. */
function checkTrend(cluster: ClusterSnapshot, { haproxy, server }: ServerLink, context: CellContext): Line {
  const subject = { server: `${haproxy}/${server.backend}/${server.server}`, figure: "checkMs" } as const;
  const trend = trendCell(cluster.history ?? null, { subject, width: CHECK_TREND_WIDTH, floor: 10 }, context);
  return plainText(trend) === "" ? [] : [segment("  check time ", "dim"), ...trend];
}

function reportLines(report: MysqlReport, width: number): Line[] {
  const field = (label: string, value: string | number | boolean | null) => fieldLines(label, value, width);
  return [
    headingLine("Server"),
    ...field(
      "version",
      `${versionText(report)} (${report.version}${report.versionComment === null ? "" : `, ${report.versionComment}`})`,
    ),
    ...field("server id", report.serverId),
    ...(report.flavor === "mariadb" ? [] : field("server uuid", report.serverUuid)),
    ...field("host name", report.hostname),
    ...field("up for", report.uptimeSeconds === null ? null : formatDuration(report.uptimeSeconds)),
    ...field("read only", report.readOnly),
    ...(report.flavor === "mariadb" ? [] : field("super read only", report.superReadOnly)),
    ...field(
      "connections",
      `${formatCount(report.threadsConnected)} of ${formatCount(report.maxConnections)}, ${formatCount(report.threadsRunning)} running`,
    ),
    ...field("binary log", report.logBin),
    ...field("logs what it applies", report.logReplicaUpdates),
    ...field("binlog format", report.binlogFormat),
    ...field(
      "auto increment",
      `${report.autoIncrementOffset ?? UNKNOWN} step ${report.autoIncrementIncrement ?? UNKNOWN}`,
    ),
    ...field(
      "own position",
      report.position === null ? null : `${report.position.file ?? UNKNOWN}:${report.position.pos ?? UNKNOWN}`,
    ),
    ...field("GTID mode", report.gtid.mode),
    ...field("GTID executed", report.gtid.executed),
    ...(report.gtid.replicaPos === null ? [] : field("GTID replica pos", report.gtid.replicaPos)),
    ...field("GTID purged", report.gtid.purged),
    ...semiSyncLines(report, width),
    ...field("attached replicas", attachedText(report)),
    ...(report.rivalUsers === null || report.rivalUsers.length === 0
      ? []
      : field("other tools here", report.rivalUsers.join(", "))),
    ...report.problems.flatMap((problem) =>
      fieldLines(`unknown: ${problem.part}`, problem.failure.message, width, "warning"),
    ),
    [],
  ];
}

function semiSyncLines(report: MysqlReport, width: number): Line[] {
  const { semiSync } = report;
  if (semiSync === null) return [];
  const word = (value: boolean | null) => (value === null ? UNKNOWN : value ? "on" : "off");
  return fieldLines(
    "semi-sync",
    `source ${word(semiSync.sourceEnabled)}, replica ${word(semiSync.replicaEnabled)}, clients ${semiSync.clients ?? UNKNOWN}`,
    width,
  );
}

function attachedText(report: MysqlReport): string | null {
  if (report.attachedReplicas === null) return null;
  if (report.attachedReplicas.length === 0) return "none";
  return report.attachedReplicas
    .map(
      (each) => `${each.host ?? UNKNOWN}${each.port === null ? "" : `:${each.port}`} (id ${each.serverId ?? UNKNOWN})`,
    )
    .join(", ");
}

function channelLines(channel: ChannelSnapshot, width: number): Line[] {
  const field = (label: string, value: string | number | boolean | null) => fieldLines(label, value, width);
  const error = (label: string, value: ChannelSnapshot["ioError"]) =>
    value === null ? [] : fieldLines(label, errorText(value), width, "critical");
  return [
    headingLine(`Replication${channel.name === "" ? "" : `, channel ${channel.name}`}`),
    ...field(
      "source",
      `${channel.sourceNode ?? "none of our nodes"} (${channel.sourceHost}:${channel.sourcePort}, user ${channel.sourceUser ?? UNKNOWN})`,
    ),
    ...field("IO thread", `${channel.io}${channel.ioState === null ? "" : `: ${channel.ioState}`}`),
    ...error("IO error", channel.ioError),
    ...field("SQL thread", `${channel.sql}${channel.sqlState === null ? "" : `: ${channel.sqlState}`}`),
    ...error("SQL error", channel.sqlError),
    ...field(
      "lag",
      channel.lagSeconds === null ? null : `${formatDuration(channel.lagSeconds)} (from ${channel.lagFrom})`,
    ),
    ...field("seconds behind", channel.secondsBehind),
    ...field("behind", channel.behind === null ? null : `${channel.behind} transactions not executed`),
    ...field(
      "applier backlog",
      channel.applierBacklog === null ? null : `${channel.applierBacklog} received, not executed`,
    ),
    ...field("delay configured", channel.delaySeconds === null ? null : `${channel.delaySeconds}s`),
    ...field("received", `${channel.readFile ?? UNKNOWN}:${channel.readPos ?? UNKNOWN}`),
    ...field("executed", `${channel.executedFile ?? UNKNOWN}:${channel.executedPos ?? UNKNOWN}`),
    ...field("uses GTID", `${channel.usesGtid ? "yes" : "no"} (${channel.gtidMode})`),
    ...field("GTID received", channel.receivedGtid),
    ...field("GTID executed", channel.executedGtid),
    ...(channel.errant === null || channel.errant === "" ? [] : fieldLines("errant", channel.errant, width, "warning")),
    ...(channel.filters.length === 0 ? [] : field("filters", channel.filters.join("; "))),
    [],
  ];
}
