/** Everything known about one HAProxy process, proxy or server. */
import type { HaproxyProxy, HaproxyServer } from "../../model/haproxy.ts";
import { lastKnown } from "../../model/reading.ts";
import type { ClusterSnapshot, HaproxySnapshot } from "../../model/snapshot.ts";
import { adminText, type HaproxyRow } from "../columns/haproxy.ts";
import { formatClock, formatDuration } from "../format/duration.ts";
import { formatBytes, formatCount } from "../format/number.ts";
import type { Line } from "../paint.ts";
import { type ConsoleState, selectShownAt } from "../state/state.ts";
import { selectAlertLines } from "./alerts.ts";
import { type Chart, formatMs, selectHistoryLines } from "./detail-history.ts";
import { fieldLines, headingLine, readingLines } from "./detail-lines.ts";
import { selectHaproxyRows } from "./rows.ts";
import { selectGlyphs } from "./tables.ts";

export function selectHaproxyDetail(
  state: ConsoleState,
  cluster: ClusterSnapshot,
  key: string,
  width: number,
): Line[] | null {
  const row = selectHaproxyRows(cluster).find((each) => each.key === key);
  if (row === undefined) return null;
  const reading = [headingLine("Reading"), ...readingLines(row.haproxy.reading, selectShownAt(state), width), []];
  const alerts = cluster.alerts.filter((alert) => isAbout(alert.subject, row));
  return [
    ...(alerts.length === 0 ? [] : [headingLine("Alerts"), ...selectAlertLines(alerts, width, selectGlyphs(state))]),
    ...reading,
    ...selectHistoryLines(state, cluster, serverCharts(row), width),
    ...rowLines(row, width),
  ];
}

function serverCharts({ kind, key: server }: HaproxyRow): Chart[] {
  if (kind !== "server") return [];
  return [
    { name: "check time", subject: { server, figure: "checkMs" }, floor: 10, format: formatMs },
    { name: "sessions", subject: { server, figure: "sessions" }, floor: 10, format: formatCount },
  ];
}

function isAbout(subject: string, row: HaproxyRow): boolean {
  const words = subject.split(" ");
  if (row.kind === "server") return words.includes(`${row.server.backend}/${row.server.server}`);
  return row.kind === "process" ? words.includes(row.haproxy.name) : words.includes(row.proxy.name);
}

function rowLines(row: HaproxyRow, width: number): Line[] {
  switch (row.kind) {
    case "process":
      return processLines(row.haproxy, width);
    case "proxy":
      return proxyLines(row.proxy, width);
    case "server":
      return serverLines(row.server, row.node, width);
  }
}

function seconds(value: number | null): string | null {
  return value === null ? null : formatDuration(value);
}

function processLines(haproxy: HaproxySnapshot, width: number): Line[] {
  const field = (label: string, value: string | number | boolean | null) => fieldLines(label, value, width);
  const report = lastKnown(haproxy.reading)?.value ?? null;
  const process = report?.process ?? null;
  return [
    headingLine("Process"),
    ...field("url", haproxy.url),
    ...field("level", report?.level ?? null),
    ...field("version", process?.version ?? null),
    ...field("pid", process?.pid ?? null),
    ...field("up for", seconds(process?.uptimeSeconds ?? null)),
    ...field("host name", process?.nodeName ?? null),
    ...field("stopping", process?.stopping ?? null),
    ...field(
      "connections",
      `${formatCount(process?.currentConnections ?? null)} of ${formatCount(process?.maxConnections ?? null)}`,
    ),
    ...field("processes", process?.nbproc ?? null),
    ...(haproxy.reload === null
      ? []
      : [
          ...fieldLines(
            "reloaded",
            `${formatClock(haproxy.reload.at)}, pid ${haproxy.reload.previousPid ?? "?"} to ${haproxy.reload.pid ?? "?"}`,
            width,
            "warning",
          ),
          ...haproxy.reload.lost.flatMap((text) => fieldLines("lost with it", text, width, "warning")),
        ]),
  ];
}

function proxyLines(proxy: HaproxyProxy, width: number): Line[] {
  const field = (label: string, value: string | number | boolean | null) => fieldLines(label, value, width);
  return [
    headingLine(`${proxy.kind} ${proxy.name}`),
    ...field("status", proxy.status),
    ...field("mode", proxy.mode),
    ...(proxy.kind === "backend" ? field("balance", proxy.algorithm) : []),
    ...field(
      "sessions",
      `${formatCount(proxy.sessions)} now, ${formatCount(proxy.sessionsMax)} at most, limit ${formatCount(proxy.sessionLimit)}`,
    ),
    ...field("sessions in all", formatCount(proxy.sessionsTotal)),
    ...(proxy.kind === "backend" ? field("queued", proxy.queued) : []),
    ...field("sessions per second", proxy.sessionRate),
    ...field("bytes", `${formatBytes(proxy.bytesIn)} in, ${formatBytes(proxy.bytesOut)} out`),
    ...(proxy.kind === "backend"
      ? field(
          "usable servers",
          `${formatCount(proxy.activeServers)} active, ${formatCount(proxy.backupServers)} backup`,
        )
      : []),
    ...(proxy.kind === "backend" ? field("connection errors", proxy.connectionErrors) : []),
    ...field("last change", seconds(proxy.lastChangeSeconds)),
  ];
}

function serverLines(server: HaproxyServer, node: string | null, width: number): Line[] {
  const field = (label: string, value: string | number | boolean | null) => fieldLines(label, value, width);
  const reasons =
    server.adminReasons?.length === 0 ? "none" : server.adminReasons === null ? null : adminText(server.adminReasons);
  return [
    headingLine(`server ${server.backend}/${server.server}`),
    ...field("status", server.status),
    ...field("state", server.state === "unknown" ? null : server.state),
    ...field("node", node ?? "linked to none"),
    ...field("address", server.host === null ? null : `${server.host}:${server.port ?? "?"}`),
    ...field("role", server.backup ? "backup" : "active"),
    ...field("weight", server.weight === null ? null : `${server.weight} (configured ${server.initialWeight ?? "?"})`),
    ...field("why it is out", reasons),
    ...field("follows (track)", server.tracks ?? "nobody"),
    ...field(
      "check",
      server.check === null
        ? "none"
        : `${server.check}${server.checkCode === null ? "" : `/${server.checkCode}`} in ${server.checkDurationMs ?? "?"} ms`,
    ),
    ...field("check said", server.checkInfo),
    ...field("rise / fall", `${server.rise ?? "?"} / ${server.fall ?? "?"}`),
    ...field("failed checks", server.checkFailures),
    ...field(
      "went down",
      server.downTransitions === null
        ? null
        : `${server.downTransitions} times, ${seconds(server.downtimeSeconds) ?? "?"} in all`,
    ),
    ...field("in this state for", seconds(server.lastChangeSeconds)),
    ...field("agent", server.agentEnabled),
    ...field("sessions", `${formatCount(server.sessions)} now, ${formatCount(server.sessionsTotal)} in all`),
    ...field("last session", seconds(server.lastSessionSeconds)),
    ...field("queued", server.queued),
    ...field("bytes", `${formatBytes(server.bytesIn)} in, ${formatBytes(server.bytesOut)} out`),
  ];
}
