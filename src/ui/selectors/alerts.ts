/** Alerts: the strip that is always there, and the full list with advice. */
import type { Alert } from "../../model/alert.ts";
import type { ClusterSnapshot } from "../../model/snapshot.ts";
import { SEVERITY_TOKENS } from "../columns/timeline.ts";
import { safeText, wrapText } from "../format/text.ts";
import type { Glyphs } from "../glyphs.ts";
import { fitLine, type Line, type Segment, segment } from "../paint.ts";
import { type ConsoleState, selectCluster, selectFeed } from "../state/state.ts";
import { HEALTH_TOKENS } from "./header.ts";
import { selectGlyphs } from "./tables.ts";

/** Exactly `rows` lines: a rule with the count, then the worst alerts with their advice as far as there is room. */
export function selectAlertStrip(state: ConsoleState, width: number, rows: number): Line[] {
  const glyphs = selectGlyphs(state);
  const cluster = selectCluster(state);
  const alerts = cluster?.alerts ?? [];
  const rule = [
    ...ruleLine(alerts, cluster !== null, glyphs),
    ...clusterSegments(selectFeed(state).snapshot?.clusters ?? [], cluster, glyphs),
  ];
  const lines: Line[] = [fitLine(rule, width, "left", glyphs.ellipsis)];
  const room = rows - 1;
  const withAdvice = room >= alerts.length * 2 ? alerts.length : Math.max(1, room - alerts.length);
  for (const [index, alert] of alerts.entries()) {
    if (lines.length >= rows) break;
    lines.push(fitLine(alertLine(alert, glyphs), width, "left", glyphs.ellipsis));
    if (index < withAdvice && lines.length < rows)
      lines.push(fitLine(adviceLine(alert, glyphs), width, "left", glyphs.ellipsis));
  }
  while (lines.length < rows) lines.push([]);
  return lines;
}

function ruleLine(alerts: readonly Alert[], known: boolean, glyphs: Glyphs): Line {
  const count = (severity: Alert["severity"]) => alerts.filter((alert) => alert.severity === severity).length;
  const line: Segment[] = [segment(glyphs.rule.repeat(2), "dim")];
  if (!known) line.push(segment(" no data yet ", "dim"));
  else if (alerts.length === 0) line.push(segment(" no alerts ", "ok"));
  else {
    line.push(segment(" alerts ", "dim"));
    for (const severity of ["critical", "warning", "info"] as const) {
      const number = count(severity);
      if (number > 0)
        line.push(segment(`${glyphs.severity[severity]}${number} ${severity} `, SEVERITY_TOKENS[severity]));
    }
    line.push(segment("a", "key"), segment(" all with advice ", "dim"));
  }
  return [...line, segment(glyphs.rule.repeat(2), "dim")];
}

/** Health of every cluster, so that a fire next door is seen from here. */
function clusterSegments(
  clusters: readonly ClusterSnapshot[],
  shown: ClusterSnapshot | null,
  glyphs: Glyphs,
): Segment[] {
  if (clusters.length < 2) return [];
  const line: Segment[] = [segment("  "), segment("[ ]", "key"), segment(" clusters", "dim")];
  for (const cluster of clusters) {
    const text = `${glyphs.health[cluster.health]}${safeText(cluster.name)}`;
    line.push(segment("  "), segment(text, cluster === shown ? "title" : HEALTH_TOKENS[cluster.health]));
  }
  return line;
}

const SHORT = { critical: "CRIT", warning: "WARN", info: "INFO" } as const;

function alertLine(alert: Alert, glyphs: Glyphs): Line {
  const token = SEVERITY_TOKENS[alert.severity];
  return [
    segment(`${glyphs.severity[alert.severity]} ${SHORT[alert.severity]} `, token),
    segment(alert.code, "strong"),
    segment(` ${safeText(alert.message)}`),
  ];
}

function adviceLine(alert: Alert, glyphs: Glyphs): Line {
  return [segment(`  ${glyphs.arrow} ${safeText(alert.advice)}`, "dim")];
}

/** Every alert (of one node, where given), wrapped, with its advice. */
export function selectAlertLines(alerts: readonly Alert[], width: number, glyphs: Glyphs): Line[] {
  const lines: Line[] = [];
  for (const alert of alerts) {
    const token = SEVERITY_TOKENS[alert.severity];
    lines.push([
      segment(`${glyphs.severity[alert.severity]} ${alert.severity.toUpperCase()} `, token),
      segment(alert.code, "strong"),
      segment(`  ${safeText(alert.subject)}`, "accent"),
    ]);
    for (const text of wrapText(safeText(alert.message), width - 4)) lines.push([segment(`    ${text}`)]);
    wrapText(safeText(alert.advice), width - 7).forEach((text, index) => {
      lines.push([segment(index === 0 ? `    ${glyphs.arrow} ` : "      ", "dim"), segment(text, "info")]);
    });
    lines.push([]);
  }
  return lines;
}
