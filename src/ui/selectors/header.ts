/** The two lines at the top: what cluster, how it is, how well we see it, and how old that is. The clock lives here and nowhere else. */

import type { Health } from "../../model/alert.ts";
import { ageMs, type EpochMs } from "../../model/reading.ts";
import type { ClusterSnapshot, HaproxySnapshot, Snapshot } from "../../model/snapshot.ts";
import { formatAge, formatClock, formatClockMs, formatCoarse } from "../format/duration.ts";
import { safeText, truncateMiddle, truncateText } from "../format/text.ts";
import type { Glyphs } from "../glyphs.ts";
import { paneTitle } from "../keymap.ts";
import { fitLine, type Line, lineWidth, type Segment, segment } from "../paint.ts";
import { formatDay } from "../replay/bar.ts";
import { type ConsoleState, isRunning, PANES, type PaneId, selectCluster, selectFeed } from "../state/state.ts";
import type { Token } from "../theme.ts";
import { selectRouteSegments } from "./route-line.ts";
import { selectGlyphs, selectSessionsNode, selectTable } from "./tables.ts";

export const HEALTH_TOKENS: Readonly<Record<Health, Token>> = {
  ok: "ok",
  warning: "warning",
  critical: "critical",
  unknown: "unknown",
};

/** Data older than this many intervals is called out. */
const LATE_INTERVALS = 3;

export function selectHeader(state: ConsoleState, width: number): [Line, Line] {
  return [statusLine(state, width), tabLine(state, width)];
}

/** The longest form that fits; where none does, the end of the shortest is cut, with where writes go before it. */
function statusLine(state: ConsoleState, width: number): Line {
  const { ellipsis } = selectGlyphs(state);
  const long = Math.max(MIN_TITLE, Math.floor(width / 4));
  const forms = selectForms(state, long);
  for (let titleCells = long; titleCells >= MIN_TITLE; titleCells--) {
    const right = [segment("  "), ...modeSegments(state, titleCells), segment(` ${selectClock(state)}`)];
    const room = width - lineWidth(right);
    const left = forms.find((form) => lineWidth(form) <= room) ?? (titleCells === MIN_TITLE ? forms.at(-1) : null);
    if (left != null)
      return fitLine([...fitLine(left, Math.max(0, room), "left", ellipsis), ...right], width, "left", ellipsis);
  }
  return [];
}

/** Fewer cells of a name tell nothing. */
const MIN_TITLE = 8;

function selectForms(state: ConsoleState, nameCells: number): readonly Segment[][] {
  const brand = [segment("signalbox", "title"), segment("  ")];
  const cluster = selectCluster(state);
  if (cluster !== null) return clusterForms(state, cluster, brand, nameCells);
  return [[...brand, segment(state.engineStopped ? "engine stopped" : "connecting...", "unknown")]];
}

/** In a replay that stands still steps of one second are told apart. */
function selectClock({ now, replay }: ConsoleState): string {
  return replay === null || replay.isPlaying ? formatClock(now) : formatClockMs(now);
}

/** HAProxies that are as they should be say less where the line is short; what is wrong with one, and where writes go, is never cut for them. */
function clusterForms(
  state: ConsoleState,
  cluster: ClusterSnapshot,
  brand: readonly Segment[],
  nameCells: number,
): readonly Segment[][] {
  const glyphs = selectGlyphs(state);
  const now = state.frozen?.at ?? state.now;
  const short = Math.max(12, Math.floor(nameCells / 2));
  const head = (cells: number): readonly Segment[] => [
    segment(truncateMiddle(safeText(cluster.name), cells, glyphs.ellipsis), "accent"),
    segment(" "),
    segment(`${glyphs.health[cluster.health]} ${cluster.health.toUpperCase()}`, HEALTH_TOKENS[cluster.health]),
    segment("  "),
    ...dataAge(state, selectFeed(state).snapshot),
  ];
  const route = (cells?: number) => selectRouteSegments(cluster, now, glyphs, cells);
  const haproxies = (detail: HaproxyDetail) => haproxySegments(cluster.haproxies, now, glyphs, detail);
  const branded = (["level", "name", "number"] as const).map((detail) => [
    ...brand,
    ...head(nameCells),
    ...haproxies(detail),
    ...route(),
  ]);
  return [
    ...branded,
    [...head(nameCells), ...haproxies("number"), ...route()],
    [...head(nameCells), ...haproxies("sign"), ...route()],
    [...head(nameCells), ...haproxies("sign"), ...route(nameCells)],
    [...head(short), ...haproxies("sign"), ...route(short)],
    [...head(short), ...route(short), ...haproxies("sign")],
  ];
}

/** How much is said of HAProxies that answer and take commands: name and level, the name, their number in words, their number. */
type HaproxyDetail = "level" | "name" | "number" | "sign";

function haproxySegments(
  haproxies: readonly HaproxySnapshot[],
  now: EpochMs,
  glyphs: Glyphs,
  detail: HaproxyDetail,
): Segment[] {
  const isPlain = ({ reading }: HaproxySnapshot) => reading.state === "fresh" && reading.value.level === "admin";
  const plain = haproxies.filter(isPlain);
  const isCounted = detail === "number" ? plain.length > 1 : detail === "sign" && plain.length > 0;
  const words = detail === "number" ? " HAProxies" : "";
  const count = isCounted ? [segment("  "), segment(`${glyphs.health.ok}${plain.length}${words}`, "ok")] : [];
  const told = isCounted ? haproxies.filter((each) => !isPlain(each)) : haproxies;
  return [...count, ...told.flatMap((each) => oneHaproxy(each, now, glyphs, detail === "level" || !isPlain(each)))];
}

function oneHaproxy({ name, reading }: HaproxySnapshot, now: EpochMs, glyphs: Glyphs, withLevel: boolean): Segment[] {
  const age = ageMs(reading, now);
  const past = age === null ? "" : ` ${formatAge(age)}`;
  const say = (text: string, token: Token) => [
    segment("  "),
    segment(safeText(name), "text"),
    segment(" "),
    segment(text, token),
  ];
  if (reading.state === "fresh")
    return say(`${glyphs.health.ok}${withLevel ? (reading.value.level ?? "linked") : ""}`, "ok");
  if (reading.state === "stale") return say(`${glyphs.health.warning}stale${past}`, "warning");
  if (reading.state === "failed") return say(`${glyphs.health.critical}${reading.failure.kind}${past}`, "critical");
  return say(`${glyphs.health.unknown}`, "unknown");
}

/** Age of the picture itself: it grows when the engine stops publishing. */
function dataAge(state: ConsoleState, snapshot: Snapshot | null): Segment[] {
  if (snapshot === null) return [];
  if (state.frozen !== null) return [segment(`FROZEN ${formatAge(state.now - snapshot.at)}`, "badge")];
  const age = Math.max(0, state.now - snapshot.at);
  if (state.engineStopped) return [segment(`data ${formatCoarse(age / 1_000)} old: engine stopped`, "critical")];
  const late = age > Math.max(LATE_INTERVALS * snapshot.intervalMs, 3_000);
  // Below one interval the figure says nothing new and would change all the time.
  const text = age < snapshot.intervalMs + 500 ? formatInterval(snapshot.intervalMs) : formatAge(age);
  return [segment(`data ${text}`, late ? "critical" : "dim")];
}

function formatInterval(intervalMs: EpochMs): string {
  return intervalMs <= 1_000 ? "<1s" : `<${formatCoarse(intervalMs / 1_000)}`;
}

function modeSegments(state: ConsoleState, titleCells: number): Segment[] {
  const line: Segment[] = [...runningSegments(state, titleCells)];
  if (state.replay !== null) line.push(segment(`REPLAY ${formatDay(state.replay.at)}`, "badge"));
  else if (state.readOnly) line.push(segment("READ-ONLY", "badge"), segment(" "));
  if (state.recording.path !== null) line.push(segment("REC", "badge"), segment(" "));
  const { filter } = state.panes[state.pane];
  if (filter !== "") {
    const table = selectTable(state);
    line.push(
      segment(`/${truncateText(safeText(filter), titleCells)}`, "match"),
      segment(` ${table.keys.length}/${table.total} `, "dim"),
    );
  }
  return line;
}

/** What runs, wherever one looks; the title goes before the clock does. */
function runningSegments(state: ConsoleState, titleCells: number): Segment[] {
  const [first, second] = state.live.filter(isRunning);
  if (first === undefined) return [];
  const { plan, question } = first.progress;
  const title = truncateText(safeText(plan.title), titleCells);
  const more = second === undefined ? "" : " and more";
  return [segment(`${question === null ? "RUNS" : "ASKS"} ${title}${more}`, "badge"), segment(" ")];
}

/** A tab, with the blanks after it. */
interface Tab {
  readonly pane: PaneId;
  readonly line: Line;
}

/** How much room the tabs take: titles two blanks apart, titles one blank apart, no titles but that of the pane on screen. */
const TAB_FORMS = [
  { gap: "  ", hasTitles: true },
  { gap: " ", hasTitles: true },
  { gap: "  ", hasTitles: false },
] as const;

/** The tabs from left to right. What stands behind them, such as whose sessions these are, is never cut for them. */
export function selectTabs(state: ConsoleState): readonly Tab[] {
  const note = lineWidth(paneNote(state));
  const forms = (note === 0 ? TAB_FORMS.slice(0, 1) : TAB_FORMS).map((form) => tabsIn(state, form));
  const room = state.size.columns - note;
  return forms.find((tabs) => lineWidth(tabs.flatMap(({ line }) => line)) <= room) ?? forms.at(-1) ?? [];
}

function tabsIn(state: ConsoleState, { gap, hasTitles }: (typeof TAB_FORMS)[number]): Tab[] {
  return PANES.map((pane, index) => {
    const active = pane === state.pane;
    const number = segment(`${index + 1}`, active ? "key" : "dim");
    const title = active ? segment(`[${paneTitle(pane)}]`, "title") : segment(paneTitle(pane), "dim");
    const end = segment(index < PANES.length - 1 ? gap : "");
    return { pane, line: [number, ...(active || hasTitles ? [segment(" "), title] : []), end] };
  });
}

function tabLine(state: ConsoleState, width: number): Line {
  const glyphs = selectGlyphs(state);
  const line = [...selectTabs(state).flatMap((tab) => tab.line), ...paneNote(state)];
  return fitLine(line, width, "left", glyphs.ellipsis);
}

/** Whose sessions these are, and how old the list is. */
function paneNote(state: ConsoleState): Segment[] {
  if (state.pane !== "sessions") return [];
  const node = selectSessionsNode(state);
  const report = selectFeed(state).sessions;
  if (node === null) return [];
  const age = report?.node === node ? ageMs(report.reading, state.frozen?.at ?? state.now) : null;
  const isFresh = report?.node === node && report.reading.state === "fresh";
  return [
    segment(`  of ${safeText(node)}`, "accent"),
    segment(isFresh ? "" : ` ${age === null ? "?" : formatAge(age)}`, "warning"),
  ];
}
