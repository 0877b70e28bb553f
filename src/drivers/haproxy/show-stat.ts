/** Parser for `show stat`, of the socket and of the stats page: rows of proxies and servers, columns by name, all versions from 1.4. */
import type { HaproxyProxy, HaproxyServer } from "../../model/haproxy.ts";
import { selectAdminReasons } from "./admin-state.ts";
import { parseCsv } from "./csv.ts";
import { parseCount } from "./number.ts";
import { parseServerAddress } from "./server-address.ts";
import type { ServerStates } from "./server-states.ts";
import { isInTransition, selectServerState } from "./server-status.ts";
import type { ServerStateRow } from "./show-servers-state.ts";

// biome-ignore format: one line per kind of column reads better than forty lines
const COLUMNS = [
  "pxname", "svname", "type", "iid", "sid", "status", "mode", "algo", "addr", "tracked",
  "scur", "smax", "slim", "stot", "qcur", "rate", "bin", "bout", "econ", "lastsess",
  "weight", "act", "bck", "chkfail", "chkdown", "lastchg", "downtime", "agent_status",
  "check_status", "check_code", "check_duration", "last_chk", "check_desc", "check_rise", "check_fall",
] as const;

type Column = (typeof COLUMNS)[number];
/** Fields of one row in the order of COLUMNS. */
type Row = readonly string[];

const SLOTS = Object.fromEntries(COLUMNS.map((name, slot) => [name, slot])) as Readonly<Record<Column, number>>;

export interface ShowStat {
  readonly proxies: readonly HaproxyProxy[];
  readonly servers: readonly HaproxyServer[];
  /** False when the answer ends inside a row. */
  readonly complete: boolean;
}

/** First bytes of the header line on every version. */
export const STAT_HEADER_START = "# pxname,";

/**
 * Null when the text is no such table. Rows without names (2.3.0–2.3.2 sent some) are passed over.
 * `states` are the rows of `show servers state`, empty where there are none (stats page, before 1.6); those of listed servers are taken.
 * The table begins at `start`: a cut-off copy of a long text is read a third slower.
 */
export function parseShowStat(text: string, states: ServerStates, start = 0): ShowStat | null {
  if (!text.startsWith(STAT_HEADER_START, start)) return null;
  const { header, rows, complete } = parseCsv(text, COLUMNS, start);
  const quotedTwice = !header.includes("agent_status");
  const proxies: HaproxyProxy[] = [];
  const servers: HaproxyServer[] = [];
  for (const row of rows) {
    const backend = textOf(row, "pxname");
    const server = textOf(row, "svname");
    if (backend === "" || server === "") continue;
    const kind = ROW_KINDS.get(textOf(row, "type"));
    if (kind === "server") servers.push(buildServer(row, states.take(backend, server), quotedTwice));
    else if (kind !== undefined) proxies.push(buildProxy(row, kind));
  }
  return { proxies, servers, complete };
}

const ROW_KINDS: ReadonlyMap<string, HaproxyProxy["kind"] | "server"> = new Map([
  ["0", "frontend"],
  ["1", "backend"],
  ["2", "server"],
  ["3", "listener"],
]);

function textOf(row: Row, column: Column): string {
  return row[SLOTS[column]] ?? "";
}

function countOf(row: Row, column: Column): number | null {
  return parseCount(row[SLOTS[column]]);
}

function buildProxy(row: Row, kind: HaproxyProxy["kind"]): HaproxyProxy {
  return {
    name: kind === "listener" ? `${textOf(row, "pxname")}/${textOf(row, "svname")}` : textOf(row, "pxname"),
    kind,
    id: countOf(row, "iid"),
    status: textOf(row, "status") || null,
    mode: textOf(row, "mode") || null,
    algorithm: textOf(row, "algo") || null,
    sessions: countOf(row, "scur"),
    sessionsMax: countOf(row, "smax"),
    sessionLimit: countOf(row, "slim"),
    sessionsTotal: countOf(row, "stot"),
    queued: countOf(row, "qcur"),
    sessionRate: countOf(row, "rate"),
    bytesIn: countOf(row, "bin"),
    bytesOut: countOf(row, "bout"),
    activeServers: kind === "backend" ? countOf(row, "act") : null,
    backupServers: kind === "backend" ? countOf(row, "bck") : null,
    connectionErrors: countOf(row, "econ"),
    lastChangeSeconds: countOf(row, "lastchg"),
  };
}

function buildServer(row: Row, state: ServerStateRow | undefined, quotedTwice: boolean): HaproxyServer {
  const status = textOf(row, "status") || null;
  const adminState = state?.adminState ?? null;
  const address = parseServerAddress(textOf(row, "addr")) ?? state;
  const lastSession = countOf(row, "lastsess");
  return {
    backend: textOf(row, "pxname"),
    server: textOf(row, "svname"),
    backendId: countOf(row, "iid"),
    serverId: countOf(row, "sid"),
    host: address?.host ?? null,
    port: address?.port ?? null,
    status,
    state: selectServerState(status, adminState),
    active: textOf(row, "act") === "1",
    backup: textOf(row, "bck") === "1",
    weight: countOf(row, "weight"),
    initialWeight: state?.initialWeight ?? null,
    assignedWeight: state?.weight ?? null,
    sessions: countOf(row, "scur"),
    queued: countOf(row, "qcur"),
    sessionsTotal: countOf(row, "stot"),
    bytesIn: countOf(row, "bin"),
    bytesOut: countOf(row, "bout"),
    sessionRate: countOf(row, "rate"),
    adminReasons: selectAdminReasons(adminState),
    check: selectCheck(textOf(row, "check_status")),
    checkCode: countOf(row, "check_code"),
    checkInfo: selectCheckInfo(row, quotedTwice),
    checkDurationMs: countOf(row, "check_duration"),
    inTransition: isInTransition(status),
    checkFailures: countOf(row, "chkfail"),
    downTransitions: countOf(row, "chkdown"),
    // Hidden by `show stat` for a server without check.
    lastChangeSeconds: countOf(row, "lastchg") ?? state?.lastChangeSeconds ?? null,
    downtimeSeconds: countOf(row, "downtime"),
    // -1: no session yet.
    lastSessionSeconds: lastSession === null || lastSession < 0 ? null : lastSession,
    tracks: textOf(row, "tracked") || null,
    agentEnabled: state?.agentEnabled ?? (textOf(row, "agent_status") === "" ? null : true),
    rise: countOf(row, "check_rise"),
    fall: countOf(row, "check_fall"),
  };
}

/** `* ` marks a check that runs right now; the rest is still the last result. */
function selectCheck(text: string): string | null {
  return (text.startsWith("* ") ? text.slice(2) : text) || null;
}

/** The text the check got, else HAProxy's own words for the result (1.7+). */
function selectCheckInfo(row: Row, quotedTwice: boolean): string {
  const text = textOf(row, "last_chk");
  if (text === "") return textOf(row, "check_desc");
  // 1.6.0 quotes its text once more than CSV needs; the header tells 1.5 and 1.6 from later versions.
  const layered = quotedTwice && /^"(?:[^"]|"")*"$/.test(text);
  return layered ? text.slice(1, -1).replaceAll('""', '"') : text;
}
