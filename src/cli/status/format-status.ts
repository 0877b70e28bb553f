/** The human form of `signalbox status`: a snapshot as lines of text. */
import type { Health, Severity } from "../../model/alert.ts";
import { formatHeld, listTools } from "../../model/floating-ip.ts";
import { printable } from "../../model/printable.ts";
import { ageMs, type EpochMs, freshValue } from "../../model/reading.ts";
import type { RouteProbeView } from "../../model/route-probe.ts";
import type { ClusterSnapshot, HaproxySnapshot } from "../../model/snapshot.ts";
import { selectExpected } from "../../model/status-view.ts";
import { ageCell } from "./age-cell.ts";
import { formatSpan, UNKNOWN } from "./figures.ts";
import { formatFailure, formatNodes } from "./format-nodes.ts";
import { type Cell, cell, formatTable, type Paint, type Tone } from "./table.ts";

const HEALTH_TONES: Readonly<Record<Health, Tone>> = {
  ok: "good",
  warning: "warning",
  critical: "critical",
  unknown: "unknown",
};
const SEVERITY_TONES: Readonly<Record<Severity, Tone>> = { critical: "critical", warning: "warning", info: "dim" };

/** All clusters, one after the other, ended by a newline. */
export function formatStatus(clusters: readonly ClusterSnapshot[], now: EpochMs, paint: Paint): string {
  return clusters.map((cluster) => `${formatCluster(cluster, now, paint).join("\n")}\n`).join("\n");
}

function formatCluster(cluster: ClusterSnapshot, now: EpochMs, paint: Paint): string[] {
  return [
    ...formatHeading(cluster, now, paint),
    ...formatAlerts(cluster, paint),
    ...formatHaproxies(cluster, now, paint),
    ...formatNodes(cluster, now, paint),
    ...formatRoute(cluster, now),
    ...formatFloatingIp(cluster, now, paint),
    ...formatLooseServers(cluster, paint),
  ];
}

function formatHeading({ name, health, alerts }: ClusterSnapshot, now: EpochMs, paint: Paint): string[] {
  const counts = (["critical", "warning", "info"] as const).flatMap((severity) => {
    const count = alerts.filter((alert) => alert.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}`];
  });
  const word = health === "unknown" ? "CANNOT TELL" : health.toUpperCase();
  const time = new Date(now).toISOString().replace(/\.\d+Z$/, "Z");
  return [
    `${paint(printable(name), "strong")}  ${[paint(word, HEALTH_TONES[health]), ...counts].join("  ")}  ${paint(time, "dim")}`,
  ];
}

function formatAlerts({ alerts }: ClusterSnapshot, paint: Paint): string[] {
  return alerts.flatMap(({ severity, code, subject, message, advice }) => [
    `  ${paint(severity.toUpperCase().padEnd(8), SEVERITY_TONES[severity])}  ${paint(code, "strong")}  ${printable(subject)}`,
    `            ${printable(message)}`,
    ...(advice === "" ? [] : [`            ${paint(`To do: ${printable(advice)}`, "dim")}`]),
  ]);
}

function formatHaproxies({ haproxies, alerts }: ClusterSnapshot, now: EpochMs, paint: Paint): string[] {
  if (haproxies.length === 0) return [];
  const rows = haproxies.map((haproxy) => haproxyRow(haproxy, now));
  const notes = haproxies.flatMap(({ name, reading }) => {
    if (reading.state !== "failed" || alerts.some(({ message }) => message.includes(reading.failure.message)))
      return [];
    return [formatFailure(name, reading.failure)];
  });
  return ["", ...formatTable(["HAPROXY", "VERSION", "LEVEL", "PID", "UPTIME", "AGE", "URL"], rows, paint), ...notes];
}

function haproxyRow({ name, url, reading }: HaproxySnapshot, now: EpochMs): Cell[] {
  const report = freshValue(reading);
  const { version = null, pid = null, uptimeSeconds = null } = report?.process ?? {};
  const known = (text: string | null) => (text === null ? cell(UNKNOWN, "unknown") : cell(printable(text)));
  return [
    cell(printable(name), "strong"),
    known(version),
    known(report?.level ?? null),
    known(pid === null ? null : String(pid)),
    known(uptimeSeconds === null ? null : uptimeSeconds === 0 ? "0s" : formatSpan(uptimeSeconds * 1000)),
    ageCell(reading.state, ageMs(reading, now)),
    cell(printable(url), "dim"),
  ];
}

function describeWriters(expected: readonly string[] | null): string {
  if (expected === null) return "where new writes go is not known";
  return `new writes go to ${expected.length === 0 ? "nobody, as far as HAProxy tells" : expected.join(", ")}`;
}

function formatRoute(cluster: ClusterSnapshot, now: EpochMs): string[] {
  const { writer, readerBackends, readerRoutes = [] } = cluster;
  if (writer === null && readerBackends.length === 0) return [];
  const parts: string[] = [];
  if (writer !== null) {
    parts.push(`W = ${writer.backend}, ${describeWriters(selectExpected(writer, cluster))}`);
    if (writer.probed !== null) parts.push(`probe answered by ${writer.probed}`);
    else if (writer.probe?.failure != null) parts.push(describeFailedProbe(writer.probe, now));
  }
  if (readerBackends.length > 0) parts.push(`R = ${readerBackends.join(", ")}`);
  for (const { backend, probed, probe } of readerRoutes) {
    if (probed !== null) parts.push(`probe of ${backend} answered by ${probed}`);
    else if (probe.failure !== null) parts.push(`${backend}: ${describeFailedProbe(probe, now)}`);
  }
  return ["", `  ${printable(parts.join("; "))}`];
}

function describeFailedProbe({ failure, last }: RouteProbeView, now: EpochMs): string {
  const past = last === null ? "" : `, last answered by ${last.name} ${formatSpan(Math.max(0, now - last.at))} ago`;
  return `probe failed: ${failure?.message ?? UNKNOWN}${past}`;
}

const FLOATING_WORDS = { none: "held by nobody", unknown: "holder not known" } as const;

/** One line for the address, one per host: who holds it, how that is known, and how old it is. */
function formatFloatingIp({ floatingIp }: ClusterSnapshot, now: EpochMs, paint: Paint): string[] {
  if (floatingIp == null) return [];
  const { address, state, holders, hosts } = floatingIp;
  const who = state === "none" || state === "unknown" ? FLOATING_WORDS[state] : `held by ${holders.join(" and ")}`;
  const tone: Tone = state === "held" ? "good" : state === "unknown" ? "unknown" : "critical";
  const lines = hosts.map(({ name, members, way, held, tools, at, failure }) => {
    const found = held === null ? UNKNOWN : held.length === 0 ? "not here" : `on ${formatHeld(held)}`;
    const age = at === null ? null : `asked ${formatSpan(Math.max(0, now - at))} ago`;
    const why =
      way.kind === "none" ? "it cannot be asked: there is no way to it through SSH" : (failure?.message ?? null);
    const moved = tools === null ? [] : listTools(tools);
    const notes = [members.join(", "), age, why, moved.length === 0 ? null : moved.join(", ")];
    return `    ${printable(`${name}: ${found} (${notes.filter((note) => note !== null).join("; ")})`)}`;
  });
  return ["", `  Floating IP ${printable(address)}: ${paint(printable(who), tone)}`, ...lines];
}

/** Servers that belong to no node we know: they are part of the truth, too. */
function formatLooseServers({ haproxies, nodes }: ClusterSnapshot, paint: Paint): string[] {
  const linked = new Set(
    nodes.flatMap(({ servers }) =>
      servers.map(({ haproxy, server }) => `${haproxy} ${server.backend}/${server.server}`),
    ),
  );
  const loose = haproxies.flatMap(({ name, reading }) =>
    (freshValue(reading)?.servers ?? [])
      .map((server) => ({ place: `${name} ${server.backend}/${server.server}`, status: server.status ?? server.state }))
      .filter(({ place }) => !linked.has(place)),
  );
  if (loose.length === 0) return [];
  const lines = loose.map(({ place, status }) => `  ${printable(place)}  ${printable(status)}`);
  return ["", `  ${paint("HAPROXY SERVERS WITHOUT A KNOWN NODE", "dim")}`, ...lines];
}
