/**
 * Stand-ins for the admin plugins of MySQL Proxy and of Atlas: no packages of them exist. They answer what their Lua scripts answer: the whole
 * statement is matched by pattern (so a closing `;` is an error), and nothing but text queries is taken.
 */
import { type AdminServer, SqlError, type StatementResult, startAdminServer } from "./admin-server.ts";

export interface StandInBackend {
  address: string;
  state: "unknown" | "up" | "down" | "offline";
  type: "rw" | "ro" | "unknown";
  /** MySQL Proxy only. */
  clients?: number;
}

export interface AgentStandIn extends AdminServer {
  readonly backends: StandInBackend[];
}

const ONLY_TEXT = () => new SqlError(1105, "07000", "[admin] we only handle text-based queries (COM_QUERY)");
const NOT_KNOWN = () => new SqlError(1105, "07000", "use 'SELECT * FROM help' to see the supported commands");

type Column = "int" | "text";
const column = (name: string, type: Column = "text") => ({ name, type });

function buildRows(rows: readonly (readonly (string | number)[])[], extra: readonly string[]): StatementResult {
  const names = [column("backend_ndx", "int"), column("address"), column("state"), column("type")];
  return { kind: "rows", columns: [...names, ...extra.map((name) => column(name))], rows };
}

export async function startMysqlProxyStandIn(backends: StandInBackend[]): Promise<AgentStandIn> {
  const admin = await startAdminServer({
    greeting: "agent",
    account: { user: "root", password: "proxy-secret" },
    refuseCommand: ONLY_TEXT,
    answer(sql) {
      if (!/^select\s+\*\s+from\s+backends$/.test(sql.toLowerCase())) throw NOT_KNOWN();
      const rows = backends.map(({ address, state, type, clients }, index) => [
        index + 1,
        address,
        state,
        type,
        "",
        clients ?? 0,
      ]);
      return buildRows(rows, ["uuid", "connected_clients"]);
    },
  });
  return Object.assign(admin, { backends });
}

/** `SELECT * FROM pwds` would show credentials: whoever asks is answered, and it stands in `statements`. */
export async function startAtlasStandIn(backends: StandInBackend[]): Promise<AgentStandIn> {
  const rowOf = ({ address, state, type }: StandInBackend, index: number) => [index + 1, address, state, type];
  const at = (digits: string | undefined): [StandInBackend, number] => {
    const index = Number(digits) - 1;
    const found = backends[index];
    if (found === undefined) throw new SqlError(1105, "07000", "backend id is not exsit");
    return [found, index];
  };
  const admin = await startAdminServer({
    greeting: "agent",
    account: { user: "user", password: "atlas-secret" },
    refuseCommand: ONLY_TEXT,
    answer(sql) {
      const text = sql.toLowerCase();
      if (/^select\s+\*\s+from\s+backends$/.test(text)) return buildRows(backends.map(rowOf), []);
      if (/^select\s+\*\s+from\s+pwds$/.test(text)) {
        return { kind: "rows", columns: [column("username"), column("password")], rows: [["app", "canary"]] };
      }
      const [, word, digits] = /^set\s+([a-z]+)\s+(\d+)$/.exec(text) ?? [];
      if (word !== undefined) {
        const [backend, index] = at(digits);
        if (word === "offline") backend.state = "offline";
        else if (word === "online") backend.state = "unknown";
        else throw new SqlError(1105, "07000", "invalid operation");
        return buildRows([rowOf(backend, index)], []);
      }
      const removed = /^remove\s+backend\s+(\d+)$/.exec(text)?.[1];
      if (removed !== undefined) {
        backends.splice(at(removed)[1], 1);
        return { kind: "rows", columns: [column("status")], rows: [] };
      }
      throw NOT_KNOWN();
    },
  });
  return Object.assign(admin, { backends });
}
