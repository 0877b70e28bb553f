/** Parser for `show stat`, of the socket and of the stats page: rows of proxies and servers, columns by name, all versions from 1.4. */
import type { HaproxyProxy, HaproxyServer } from "../../model/haproxy.ts";
import { parseCsv } from "./csv.ts";
import { parseCount } from "./number.ts";
import { parseServerAddress } from "./server-address.ts";
import { isInTransition } from "./server-status.ts";

// biome-ignore format: one line per kind of column reads better than forty lines
const COLUMNS = [
  "pxname", "svname", "type", "iid", "sid", "status", "mode", "algo", "addr", "tracked",
  "scur", "smax", "slim", "stot", "qcur", "rate", "bin", "bout", "econ", "lastsess",
  "weight", "act", "bck", "chkfail", "chkdown", "lastchg", "downtime", "agent_status",
  "check_status", "check_code", "check_duration", "last_chk", "check_desc", "check_rise", "check_fall",
] as const;

type Column = (typeof COLUMNS)[number];
type Field = (column: Column) => string;

const SLOTS: ReadonlyMap<Column, number> = new Map(COLUMNS.map((name, slot) => [name, slot]));

/** What `show stat` alone tells of a server; the rest comes from `show servers state`. */
export type StatServer = Omit<HaproxyServer, "state" | "adminReasons" | "initialWeight">;

export interface ShowStat {
  readonly proxies: readonly HaproxyProxy[];
  readonly servers: readonly StatServer[];
  /** False when the answer ends inside a row. */
  readonly complete: boolean;
}

/** First bytes of the header line on every version. */
export const STAT_HEADER_START = "# pxname,";

/** Null when the text is no such table. Rows without names (2.3.0–2.3.2 sent some) are passed over. */
export function parseShowStat(text: string): ShowStat | null {
  if (!text.startsWith(STAT_HEADER_START)) return null;
  const { header, rows, complete } = parseCsv(text, COLUMNS);
  const quotedTwice = !header.includes("agent_status");
  const proxies: HaproxyProxy[] = [];
  const servers: StatServer[] = [];
  for (const row of rows) {
    const field: Field = (column) => row[SLOTS.get(column) ?? -1] ?? "";
    if (field("pxname") === "" || field("svname") === "") continue;
    const kind = selectRowKind(field);
    if (kind === "server") servers.push(buildStatServer(field, quotedTwice));
    else if (kind !== null) proxies.push(buildProxy(field, kind));
  }
  return { proxies, servers, complete };
}

function selectRowKind(field: Field): HaproxyProxy["kind"] | "server" | null {
  switch (field("type")) {
    case "0":
      return "frontend";
    case "1":
      return "backend";
    case "2":
      return "server";
    case "3":
      return "listener";
    default:
      return null;
  }
}

function buildProxy(field: Field, kind: HaproxyProxy["kind"]): HaproxyProxy {
  const count = (column: Column): number | null => parseCount(field(column));
  return {
    name: kind === "listener" ? `${field("pxname")}/${field("svname")}` : field("pxname"),
    kind,
    id: count("iid"),
    status: field("status") || null,
    mode: field("mode") || null,
    algorithm: field("algo") || null,
    sessions: count("scur"),
    sessionsMax: count("smax"),
    sessionLimit: count("slim"),
    sessionsTotal: count("stot"),
    queued: count("qcur"),
    sessionRate: count("rate"),
    bytesIn: count("bin"),
    bytesOut: count("bout"),
    activeServers: kind === "backend" ? count("act") : null,
    backupServers: kind === "backend" ? count("bck") : null,
    connectionErrors: count("econ"),
    lastChangeSeconds: count("lastchg"),
  };
}

function buildStatServer(field: Field, quotedTwice: boolean): StatServer {
  const count = (column: Column): number | null => parseCount(field(column));
  const status = field("status") || null;
  const address = parseServerAddress(field("addr"));
  const lastSession = count("lastsess");
  return {
    backend: field("pxname"),
    server: field("svname"),
    backendId: count("iid"),
    serverId: count("sid"),
    host: address?.host ?? null,
    port: address?.port ?? null,
    status,
    active: field("act") === "1",
    backup: field("bck") === "1",
    weight: count("weight"),
    sessions: count("scur"),
    queued: count("qcur"),
    sessionsTotal: count("stot"),
    bytesIn: count("bin"),
    bytesOut: count("bout"),
    sessionRate: count("rate"),
    // `* ` marks a check that runs right now; the rest is still the last result.
    check: field("check_status").replace(/^\* /, "") || null,
    checkCode: count("check_code"),
    checkInfo: selectCheckInfo(field, quotedTwice),
    checkDurationMs: count("check_duration"),
    inTransition: isInTransition(status),
    checkFailures: count("chkfail"),
    downTransitions: count("chkdown"),
    lastChangeSeconds: count("lastchg"),
    downtimeSeconds: count("downtime"),
    // -1: no session yet.
    lastSessionSeconds: lastSession === null || lastSession < 0 ? null : lastSession,
    tracks: field("tracked") || null,
    agentEnabled: field("agent_status") === "" ? null : true,
    rise: count("check_rise"),
    fall: count("check_fall"),
  };
}

/** The text the check got, else HAProxy's own words for the result (1.7+). */
function selectCheckInfo(field: Field, quotedTwice: boolean): string {
  const text = field("last_chk");
  if (text === "") return field("check_desc");
  // 1.6.0 quotes its text once more than CSV needs; the header tells 1.5 and 1.6 from later versions.
  const layered = quotedTwice && /^"(?:[^"]|"")*"$/.test(text);
  return layered ? text.slice(1, -1).replaceAll('""', '"') : text;
}
