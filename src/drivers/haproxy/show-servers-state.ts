/** Parser for `show servers state` (1.6+): 17 fields, 19 in 1.8, 20 in 2.0, 25 from 2.4; read by the header's names. */
import { parseCount } from "./number.ts";

export interface ServerStateRow {
  readonly backend: string;
  readonly server: string;
  readonly backendId: number | null;
  readonly serverId: number | null;
  /** Null for `-` (not resolved yet, or not told). */
  readonly host: string | null;
  /** Null before 1.8. */
  readonly port: number | null;
  readonly adminState: number | null;
  readonly weight: number | null;
  readonly initialWeight: number | null;
  readonly lastChangeSeconds: number | null;
  readonly agentEnabled: boolean | null;
}

/** Bit of srv_agent_state: the agent check runs (2 is: configured). */
const AGENT_ENABLED = 4;

/** The rows, or null when the text is no such table: 1.4 and 1.5 answer with their help text. Rows without both names are passed over. */
export function parseServersState(text: string): readonly ServerStateRow[] | null {
  const lines = text.split("\n");
  const headerIndex = lines.findIndex((line) => line.startsWith("# be_id "));
  if (headerIndex < 0) return null;
  const header = (lines[headerIndex] ?? "").slice(2).split(" ");
  const rows: ServerStateRow[] = [];
  for (const line of lines.slice(headerIndex + 1)) {
    const row = buildRow(header, line.split(" "));
    if (row !== null) rows.push(row);
  }
  return rows;
}

function buildRow(header: readonly string[], fields: readonly string[]): ServerStateRow | null {
  const text = (name: string): string => fields[header.indexOf(name)] ?? "";
  const count = (name: string): number | null => parseCount(text(name));
  const backend = text("be_name");
  const server = text("srv_name");
  if (backend === "" || server === "") return null;
  const host = text("srv_addr");
  const agentState = count("srv_agent_state");
  return {
    backend,
    server,
    backendId: count("be_id"),
    serverId: count("srv_id"),
    host: host === "" || host === "-" ? null : host,
    // 0 stands for "as the client asked for" or a Unix socket.
    port: count("srv_port") || null,
    adminState: count("srv_admin_state"),
    weight: count("srv_uweight"),
    initialWeight: count("srv_iweight"),
    lastChangeSeconds: count("srv_time_since_last_change"),
    agentEnabled: agentState === null ? null : (agentState & AGENT_ENABLED) !== 0,
  };
}
