/** Parser for `show servers state` (1.6+): 17 fields, 19 in 1.8, 20 in 2.0, 25 from 2.4; read by the header's names. */
import { buildFieldPlan, cutFields } from "./cut-fields.ts";
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

const SPACE = 32;

// biome-ignore format: read by name like the columns of show stat
const COLUMNS = [
  "be_name", "srv_name", "be_id", "srv_id", "srv_addr", "srv_port", "srv_admin_state", "srv_uweight", "srv_iweight",
  "srv_time_since_last_change", "srv_agent_state",
];

/** The rows, or null when the text is no such table: 1.4 and 1.5 answer with their help text. Rows without both names are passed over. */
export function parseServersState(text: string): readonly ServerStateRow[] | null {
  const start = text.search(/^# be_id /m);
  if (start < 0) return null;
  const headerEnd = endOfLine(text, start);
  const plan = buildFieldPlan(text.slice(start + 2, headerEnd).split(" "), COLUMNS);
  const rows: ServerStateRow[] = [];
  for (let position = headerEnd + 1; position < text.length; ) {
    const end = endOfLine(text, position);
    const row = buildRow(cutFields(text, position, end, SPACE, plan));
    if (row !== null) rows.push(row);
    position = end + 1;
  }
  return rows;
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
}

function buildRow(fields: readonly string[]): ServerStateRow | null {
  const [
    backend = "",
    server = "",
    backendId,
    serverId,
    host,
    port,
    adminState,
    weight,
    initialWeight,
    changed,
    agent,
  ] = fields;
  if (backend === "" || server === "") return null;
  const agentState = parseCount(agent);
  return {
    backend,
    server,
    backendId: parseCount(backendId),
    serverId: parseCount(serverId),
    host: host === "" || host === "-" ? null : (host ?? null),
    // 0 stands for "as the client asked for" or a Unix socket.
    port: parseCount(port) || null,
    adminState: parseCount(adminState),
    weight: parseCount(weight),
    initialWeight: parseCount(initialWeight),
    lastChangeSeconds: parseCount(changed),
    agentEnabled: agentState === null ? null : (agentState & AGENT_ENABLED) !== 0,
  };
}
