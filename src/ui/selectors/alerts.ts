/** Alerts: the strip that is always there, and the full list with advice. */
import type { Alert } from "../../model/alert.ts";
import type { ClusterSnapshot } from "../../model/snapshot.ts";
import { SEVERITY_TOKENS } from "../columns/timeline.ts";
import { safeText, textWidth, wrapText } from "../format/text.ts";
import type { Glyphs } from "../glyphs.ts";
import { fitLine, type Line, lineWidth, type Segment, segment } from "../paint.ts";
import { type ConsoleState, selectCluster, selectFeed } from "../state/state.ts";
import { HEALTH_TOKENS } from "./header.ts";
import { selectGlyphs } from "./tables.ts";
import { selectWarningCount } from "./warning-lines.ts";

/** How high the strip is: `rows` at least, and as many of the `spare` ones as it has use for. */
export interface StripRoom {
  readonly rows: number;
  readonly spare: number;
}

/** A rule with the count, then the worst alerts with their advice as far as there is room; wrapped where all of them fit whole. */
export function selectAlertStrip(state: ConsoleState, width: number, { rows, spare }: StripRoom): Line[] {
  const glyphs = selectGlyphs(state);
  const cluster = selectCluster(state);
  const alerts = cluster?.alerts ?? [];
  const clusters = selectFeed(state).snapshot?.clusters ?? [];
  const config = selectWarningCount(state.warnings, glyphs);
  const rules = RULE_FORMS.map(({ what, hasWords, others }) => [
    ...ruleLine(alerts, cluster !== null, { config, what, hasWords }, glyphs),
    ...clusterSegments(clusters, cluster, others, glyphs),
  ]);
  const rule = rules.find((line) => lineWidth(line) <= width) ?? rules.at(-1) ?? [];
  const room = rows + spare - 1;
  const lines = [rule, ...fillStrip(alerts, width, room, glyphs)].map((line) =>
    fitLine(line, width, "left", glyphs.ellipsis),
  );
  while (lines.length < rows) lines.push([]);
  return lines;
}

/** From the worst on, each alert in the longest form that leaves one line for every one after it: whole, with its advice cut, or without. */
function fillStrip(alerts: readonly Alert[], width: number, room: number, glyphs: Glyphs): Line[] {
  const lines: Line[] = [];
  for (const [index, alert] of alerts.slice(0, room).entries()) {
    const after = Math.min(alerts.length, room) - index - 1;
    const left = room - lines.length;
    const short = [alertLine(alert, glyphs), adviceLine(alert, glyphs)];
    const whole = wholeLines(alert, width, glyphs);
    // Advice for all goes before long texts for some; the worst is worth more than that.
    if (whole.length + after * (index === 0 ? 1 : 2) <= left) lines.push(...whole);
    else lines.push(...short.slice(0, left - after >= 2 ? 2 : 1));
  }
  return lines;
}

/** Message and advice wrapped under their first words. */
function wholeLines(alert: Alert, width: number, glyphs: Glyphs): Line[] {
  const [mark, code, message] = alertLine(alert, glyphs);
  const indent = 2;
  const used = textWidth(`${mark?.text ?? ""}${code?.text ?? ""} `);
  // The first line is shorter by what stands before the message.
  const [first = "", ...rest] = wrapText(`${"x".repeat(Math.max(1, used - 1))} ${message?.text.trim() ?? ""}`, width);
  const lines: Line[] = [];
  if (mark !== undefined && code !== undefined) lines.push([mark, code, segment(` ${first.slice(used)}`)]);
  for (const text of wrapText(rest.join(" "), width - indent)) {
    if (text !== "") lines.push([segment(`${" ".repeat(indent)}${text}`)]);
  }
  wrapText(safeText(alert.advice), width - indent - 2).forEach((text, index) => {
    lines.push([segment(`  ${index === 0 ? `${glyphs.arrow} ` : "  "}${text}`, "dim")]);
  });
  return lines;
}

/** How other clusters are told: by name with a word before them, by name, or how many are how. */
type OthersForm = "word" | "names" | "counts";

/** The health of the other clusters is worth more than words. */
const RULE_FORMS: readonly { what: string; hasWords: boolean; others: OthersForm }[] = [
  { what: " all with advice ", hasWords: true, others: "word" },
  { what: " all ", hasWords: true, others: "word" },
  { what: " all ", hasWords: true, others: "names" },
  { what: " all ", hasWords: false, others: "names" },
  { what: " all ", hasWords: true, others: "counts" },
  { what: " all ", hasWords: false, others: "counts" },
];

interface RuleParts {
  /** Count of warnings of the configuration. */
  readonly config: readonly Segment[];
  /** What the key shows. */
  readonly what: string;
  /** Whether severities are named beside their signs. */
  readonly hasWords: boolean;
}

function ruleLine(
  alerts: readonly Alert[],
  known: boolean,
  { config, what, hasWords }: RuleParts,
  glyphs: Glyphs,
): Line {
  const count = (severity: Alert["severity"]) => alerts.filter((alert) => alert.severity === severity).length;
  const line: Segment[] = [segment(glyphs.rule.repeat(2), "dim")];
  if (!known) line.push(segment(" no data yet ", "dim"));
  else if (alerts.length === 0) {
    line.push(segment(" no alerts ", "ok"));
    if (config.length > 0) line.push(...config, segment("a", "key"), segment(what, "dim"));
  } else {
    line.push(segment(" alerts ", "dim"));
    for (const severity of ["critical", "warning", "info"] as const) {
      const number = count(severity);
      if (number > 0)
        line.push(
          segment(`${glyphs.severity[severity]}${number} ${hasWords ? `${severity} ` : ""}`, SEVERITY_TOKENS[severity]),
        );
    }
    line.push(...config, segment("a", "key"), segment(what, "dim"));
  }
  return [...line, segment(glyphs.rule.repeat(2), "dim")];
}

/** Health of every cluster, so that a fire next door is seen from here. */
function clusterSegments(
  clusters: readonly ClusterSnapshot[],
  shown: ClusterSnapshot | null,
  form: OthersForm,
  glyphs: Glyphs,
): Segment[] {
  if (clusters.length < 2) return [];
  const line: Segment[] = [segment("  "), segment("[ ]", "key")];
  if (form === "counts") {
    const others = clusters.filter((cluster) => cluster !== shown);
    for (const health of ["critical", "unknown", "warning", "ok"] as const) {
      const count = others.filter((cluster) => cluster.health === health).length;
      if (count > 0) line.push(segment(` ${glyphs.health[health]}${count}`, HEALTH_TOKENS[health]));
    }
    return [...line, segment(` ${others.length === 1 ? "other" : "others"}`, "dim")];
  }
  if (form === "word") line.push(segment(" clusters", "dim"));
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
