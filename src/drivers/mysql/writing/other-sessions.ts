/** Sessions of others, and who of them is never touched. */
import type { Login } from "../login.ts";
import { numberOf, type Row, textOf } from "../rows.ts";

export interface OtherSession {
  readonly id: number;
  readonly user: string;
  readonly host: string;
  readonly command: string;
  readonly seconds: number | null;
  readonly query: string | null;
  /** Rows changed and not committed; null: it has no transaction that says so. */
  readonly rowsModified: number | null;
}

/** The one table that is complete everywhere: that of performance_schema is empty where it is switched off. */
export function selectProcessList(login: Login): string {
  return login.dialect.processListTables.at(-1) ?? "information_schema.processlist";
}

/** Every session that could be a client's: replication, dump threads, the event scheduler, half-open logins and all of ours are left out. */
export async function readOtherSessions(login: Login, ownIds: readonly number[]): Promise<readonly OtherSession[]> {
  const rows = await login.connection.query(
    "SELECT p.ID AS id, p.USER AS user, p.HOST AS host, p.COMMAND AS command, p.TIME AS seconds, p.INFO AS query," +
      ` t.trx_rows_modified AS rows_modified, CURRENT_USER() AS own FROM ${selectProcessList(login)} p` +
      " LEFT JOIN information_schema.innodb_trx t ON t.trx_mysql_thread_id = p.ID",
  );
  return rows.flatMap((row) => {
    const session = parseSession(row);
    return session === null || isProtected(session, ownIds, ownUser(row)) ? [] : [session];
  });
}

export function parseSession(row: Row): OtherSession | null {
  const id = numberOf(row, "id");
  if (id === null) return null;
  return {
    id,
    user: textOf(row, "user") ?? "",
    host: textOf(row, "host") ?? "",
    command: textOf(row, "command") ?? "",
    seconds: numberOf(row, "seconds"),
    query: textOf(row, "query"),
    rowsModified: numberOf(row, "rows_modified"),
  };
}

const SERVERS_OWN = new Set(["system user", "event_scheduler", "unauthenticated user", ""]);

/** Never looked upon as a client: ending one of these would break replication, the server, or us. */
export function isProtected(
  { id, user, command }: Pick<OtherSession, "id" | "user" | "command">,
  ownIds: readonly number[],
  own: string | null,
): boolean {
  return (
    SERVERS_OWN.has(user.toLowerCase()) ||
    /^(Binlog Dump|Slave_|Daemon|Register )/i.test(command) ||
    ownIds.includes(id) ||
    user === own
  );
}

/** The user of our own account: whoever else is logged in with it is us, too. */
export function ownUser(row: Row): string | null {
  const account = textOf(row, "own");
  if (account === null) return null;
  const at = account.lastIndexOf("@");
  return at < 0 ? account : account.slice(0, at);
}

/** `app@10.0.0.7`, without the port of the client. */
export function describeAccount({ user, host }: Pick<OtherSession, "user" | "host">): string {
  return `${user}@${stripPort(host)}`;
}

export function stripPort(host: string): string {
  return host.replace(/:\d+$/, "");
}
