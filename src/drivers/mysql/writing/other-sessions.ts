/** Sessions of others, and who of them is never touched. */
import { DriverError } from "../../errors.ts";
import type { Login } from "../login.ts";
import { maxQueryLength } from "../parts/sessions.ts";
import { numberOf, type Row, textOf } from "../rows.ts";
import type { Work } from "./work.ts";

export interface OtherSession {
  readonly id: number;
  readonly user: string;
  /** With the port of the client where it came over the network. */
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

const threadCount = "SHOW GLOBAL STATUS WHERE Variable_name IN ('Threads_connected')";

/**
 * Every session that could be a client's: replication, dump threads, the event scheduler, half-open logins and all of ours are left out.
 * @throws DriverError kind `auth` when the account is shown only its own sessions although there are others; raw error of the server
 */
export async function readOtherSessions(
  login: Login,
  { target, ownIds }: Pick<Work, "target" | "ownIds">,
): Promise<readonly OtherSession[]> {
  const rows = await login.connection.query(
    "SELECT p.ID AS id, p.USER AS user, p.HOST AS host, p.COMMAND AS command, p.TIME AS seconds," +
      ` LEFT(p.INFO, ${maxQueryLength}) AS query, t.trx_rows_modified AS rows_modified,` +
      ` SUBSTRING_INDEX(USER(), '@', 1) AS own FROM ${selectProcessList(login)} p` +
      " LEFT JOIN information_schema.innodb_trx t ON t.trx_mysql_thread_id = p.ID",
  );
  if (rows.every((row) => row.get("user") === row.get("own"))) await assertSeesAll(login, target, rows.length);
  return selectClients(rows, ownIds());
}

/** Servers do not refuse the list without PROCESS: they shorten it. */
async function assertSeesAll({ connection, dialect, identity }: Login, target: string, seen: number): Promise<void> {
  const [count] = await connection.query(threadCount);
  const connected = count === undefined ? null : numberOf(count, "Value");
  if (connected !== null && connected <= seen) return;
  const operation = "process list";
  throw new DriverError({
    kind: "auth",
    target,
    operation,
    message: `${target}: ${operation}: the account is shown its own sessions only`,
    advice: `GRANT ${dialect.grants.processList} ON *.* TO ${identity.account};`,
  });
}

/** @param rows with a column `own`: the user of our account, who is never looked upon as another */
export function selectClients(rows: readonly Row[], ownIds: readonly number[]): readonly OtherSession[] {
  return rows.flatMap((row) => {
    const session = parseSession(row);
    return session === null || isProtected(session, ownIds, textOf(row, "own")) ? [] : [session];
  });
}

function parseSession(row: Row): OtherSession | null {
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

/** Ending one of these would break replication, the server, or us. */
function isProtected({ id, user, command }: OtherSession, ownIds: readonly number[], own: string | null): boolean {
  return (
    SERVERS_OWN.has(user.toLowerCase()) ||
    /^(Binlog Dump|Slave_|Daemon|Register |Group Replication|Clone)/i.test(command) ||
    ownIds.includes(id) ||
    user === own
  );
}

/** `app@10.0.0.7`, without the port of the client. */
export function describeAccount({ user, host }: Pick<OtherSession, "user" | "host">): string {
  return `${user}@${host.replace(/:\d+$/, "")}`;
}
