/** Who may write to a server that is read-only (MariaDB, MySQL before super_read_only). */
import { isStatementError } from "../failure.ts";
import type { Login } from "../login.ts";
import { textOf } from "../rows.ts";
import { type OtherSession, stripPort } from "./other-sessions.ts";

export interface Account {
  readonly user: string;
  /** Pattern as in the account: `%`, `10.0.%`, `10.0.0.0/255.255.0.0`. */
  readonly host: string;
}

/** Null when our account may not read the grants of others: nobody is known to be privileged then, and nobody known not to be. */
export async function readPrivilegedAccounts({ connection, dialect }: Login): Promise<readonly Account[] | null> {
  const privileges = dialect.writing.writesThrough.map((privilege) => `'${privilege}'`).join(", ");
  if (privileges === "") return [];
  try {
    // Without the right to read it the list below is not refused: it only holds ourselves.
    await connection.query("SELECT 1 FROM mysql.user LIMIT 1");
    const rows = await connection.query(
      `SELECT DISTINCT GRANTEE AS grantee FROM information_schema.USER_PRIVILEGES WHERE PRIVILEGE_TYPE IN (${privileges})`,
    );
    return rows.flatMap((row) => parseGrantee(textOf(row, "grantee") ?? "") ?? []);
  } catch (error) {
    if (isStatementError(error)) return null;
    throw error;
  }
}

/** `'user'@'host'`, as the server writes it: quotes inside are not doubled. */
export function parseGrantee(grantee: string): Account | null {
  const at = grantee.lastIndexOf("'@'");
  return at < 1 ? null : { user: grantee.slice(1, at), host: grantee.slice(at + 3, -1) };
}

/**
 * Could the session be of that account? The process list does not say which entry a session was matched to, so every entry that fits counts.
 * A pattern with a name fits every address: names are not looked up.
 */
export function couldBe({ user, host }: Account, session: Pick<OtherSession, "user" | "host">): boolean {
  if (user !== session.user) return false;
  const client = stripPort(session.host).toLowerCase();
  const pattern = host.toLowerCase();
  if (pattern.includes("/")) return fitsNetwork(pattern, client);
  if (!/^[0-9.%_:a-f]*$/.test(pattern)) return pattern === client || /^[0-9.]+$|:/.test(client);
  const expression = pattern
    .replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
    .replaceAll("%", ".*")
    .replaceAll("_", ".");
  return new RegExp(`^${expression}$`).test(client);
}

/** `10.0.0.0/255.255.0.0` or `10.0.0.0/16`; what cannot be read fits. */
function fitsNetwork(pattern: string, client: string): boolean {
  const [network = "", mask = ""] = pattern.split("/");
  const address = parseAddress(client);
  const base = parseAddress(network);
  const bits = /^\d{1,2}$/.test(mask) ? Number(mask) : null;
  const wide = bits === null ? parseAddress(mask) : bits === 0 ? 0 : (0xffffffff << (32 - bits)) >>> 0;
  if (address === null || base === null || wide === null) return true;
  return (address & wide) >>> 0 === (base & wide) >>> 0;
}

function parseAddress(text: string): number | null {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  return parts === null ? null : parts.slice(1).reduce((sum, part) => ((sum << 8) | Number(part)) >>> 0, 0);
}
