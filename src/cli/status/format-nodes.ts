/** The nodes of one cluster as a table: HAProxy's view and replication's view of each in one row, further channels below. */
import { printable } from "../../model/printable.ts";
import { ageMs, type EpochMs, type Failure, freshValue } from "../../model/reading.ts";
import type {
  ChannelSnapshot,
  ClusterSnapshot,
  HaproxySnapshot,
  NodeSnapshot,
  ServerLink,
} from "../../model/snapshot.ts";
import { ageCell } from "./age-cell.ts";
import { formatCount, formatPosition, formatSeconds, NONE, UNKNOWN } from "./figures.ts";
import { type Cell, cell, formatTable, type Paint, type Tone } from "./table.ts";

const UNKNOWN_CELL = cell(UNKNOWN, "unknown");
const NONE_CELL = cell(NONE, "dim");

const STATE_TONES: Readonly<Record<string, Tone>> = {
  up: "good",
  down: "critical",
  maint: "warning",
  drain: "warning",
  unknown: "unknown",
};

export function formatNodes(cluster: ClusterSnapshot, now: EpochMs, paint: Paint): string[] {
  if (cluster.nodes.length === 0) return ["", "  no nodes are known"];
  const proxies = cluster.haproxies;
  const header = [
    "NODE",
    "ROLE",
    "RO",
    ...proxies.map(({ name }) => printable(name)),
    "IO",
    "SQL",
    "LAG",
    "BEHIND",
    "POSITION",
    "AGE",
  ];
  const rows = cluster.nodes.flatMap((node) => nodeRows(node, cluster, proxies, now));
  return ["", ...formatTable(header, rows, paint), ...cluster.nodes.flatMap((node) => describeGaps(node, cluster))];
}

function nodeRows(
  node: NodeSnapshot,
  cluster: ClusterSnapshot,
  proxies: readonly HaproxySnapshot[],
  now: EpochMs,
): Cell[][] {
  const channels = knownChannels(node);
  const first: Cell[] = [
    cell(printable(node.name), "strong"),
    node.role === "unknown" ? UNKNOWN_CELL : cell(node.role),
    readOnlyCell(node),
    ...proxies.map((proxy) => proxyCell(node, proxy, cluster)),
    ...channelCells(node, channels?.[0] ?? null),
    ageCell(node.reading.state, ageMs(node.reading, now)),
  ];
  const further = (channels ?? [])
    .slice(1)
    .map((channel) => [
      cell(`  channel ${printable(channel.name)}`, "dim"),
      cell(""),
      cell(""),
      ...proxies.map(() => cell("")),
      ...channelCells(node, channel),
    ]);
  return [first, ...further];
}

/** Null when it is not known whether the node follows anybody. */
function knownChannels(node: NodeSnapshot): readonly ChannelSnapshot[] | null {
  const report = freshValue(node.reading);
  return report === null || report.channels === null ? null : node.channels;
}

function readOnlyCell({ reading }: NodeSnapshot): Cell {
  const readOnly = freshValue(reading)?.readOnly ?? null;
  if (readOnly === null) return UNKNOWN_CELL;
  return cell(readOnly ? "ro" : "rw");
}

/** States of the node's servers in one HAProxy: `W:up R:drain`, `bk` marks a backup. */
function proxyCell({ servers }: NodeSnapshot, proxy: HaproxySnapshot, cluster: ClusterSnapshot): Cell {
  const links = servers.filter(({ haproxy }) => haproxy === proxy.name);
  // A HAProxy that has not answered may or may not have the node.
  if (links.length === 0) return proxy.reading.state === "fresh" ? NONE_CELL : UNKNOWN_CELL;
  const states = links.map(({ server, freshness }) => (freshness === "fresh" ? server.state : "unknown"));
  const text = links.map(
    (link, index) =>
      `${labelOf(link, cluster)}:${states[index] === "unknown" ? UNKNOWN : states[index]}${link.server.backup ? "(bk)" : ""}`,
  );
  const worst = ["down", "unknown", "drain", "maint"].find((state) => states.some((each) => each === state));
  return cell(text.join(" "), STATE_TONES[worst ?? "up"] ?? "plain");
}

/** `W` and `R` for the writer's and a single reader backend, else the name itself. */
function labelOf({ server: { backend } }: ServerLink, { writer, readerBackends }: ClusterSnapshot): string {
  if (backend === writer?.backend) return "W";
  if (readerBackends.length === 1 && readerBackends[0] === backend) return "R";
  return printable(backend);
}

function channelCells(node: NodeSnapshot, channel: ChannelSnapshot | null): Cell[] {
  const report = freshValue(node.reading);
  if (report === null) return [UNKNOWN_CELL, UNKNOWN_CELL, UNKNOWN_CELL, UNKNOWN_CELL, UNKNOWN_CELL];
  if (channel === null) {
    const own = cell(printable(formatPosition(report.position?.file ?? null, report.position?.pos ?? null)));
    const filler = report.channels === null ? UNKNOWN_CELL : NONE_CELL;
    return [filler, filler, filler, filler, own];
  }
  const { io, sql, lagSeconds, behind } = channel;
  return [
    cell(io, io === "yes" ? "good" : "critical"),
    cell(sql, sql === "yes" ? "good" : "critical"),
    lagSeconds === null ? UNKNOWN_CELL : cell(formatSeconds(lagSeconds)),
    behind === null ? UNKNOWN_CELL : cell(formatCount(behind)),
    cell(printable(formatPosition(channel.executedFile, channel.executedPos))),
  ];
}

/** Why a "?" of this node is one, where no alert has said so. */
function describeGaps({ name, reading }: NodeSnapshot, { alerts }: ClusterSnapshot): string[] {
  const told = (failure: Failure) => alerts.some(({ message }) => message.includes(failure.message));
  if (reading.state === "failed") return told(reading.failure) ? [] : [formatFailure(name, reading.failure)];
  const problems = freshValue(reading)?.problems ?? [];
  return problems
    .filter(({ failure }) => !told(failure))
    .map(({ part, failure }) => formatFailure(`${name}: ${part} unknown`, failure));
}

/** One line: who, why, and what to do. The message of a failure may begin with the endpoint's own name. */
export function formatFailure(what: string, { message, advice }: Failure): string {
  const reason = message.startsWith(`${what} `) ? message : `${what}: ${message}`;
  return `  ${printable(advice === null ? reason : `${reason} - ${advice}`)}`;
}
