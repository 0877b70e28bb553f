/** The process list of a node, as the Sessions pane shows it. */
import type { ClientSession } from "../../../model/mysql.ts";
import { DriverError } from "../../errors.ts";
import { type Asking, missingPrivilege } from "../asking.ts";
import { numberOf, type Row, textOf } from "../rows.ts";
import { describeProcessList, readProcessList } from "./process-list.ts";

/** Characters of a statement that are fetched; the server cuts, so that no 50 MB INSERT travels. */
export const maxQueryLength = 1000;
/** More sessions than anybody reads; the oldest statements come first. */
const maxSessions = 10_000;

const systemUsers = /^(system user|event_scheduler|unauthenticated user)$/;
const systemCommands = /^(Binlog Dump|Daemon$|Slave_|Register Slave$|Register Replica$|Group Replication|Clone$)/;

export function buildSessionStatement(table: string): string {
  return (
    `SELECT id, user, host, db, command, time, state, LEFT(info, ${maxQueryLength}) AS info,` +
    ` user = SUBSTRING_INDEX(USER(), '@', 1) AS own FROM ${table} ORDER BY time DESC LIMIT ${maxSessions}`
  );
}

export function parseSession(row: Row): ClientSession {
  const user = textOf(row, "user") ?? "";
  const command = textOf(row, "command") ?? "";
  return {
    id: numberOf(row, "id") ?? 0,
    user,
    host: textOf(row, "host"),
    database: textOf(row, "db"),
    command,
    seconds: numberOf(row, "time"),
    state: textOf(row, "state"),
    query: textOf(row, "info"),
    system: systemUsers.test(user) || systemCommands.test(command),
  };
}

const threadCount = "SHOW GLOBAL STATUS WHERE Variable_name IN ('Threads_connected')";

/**
 * @throws DriverError kind `auth` when the account is shown only its own sessions although there are others
 */
export async function readSessions(asking: Asking): Promise<readonly ClientSession[]> {
  const part = describeProcessList(asking.login.dialect);
  const rows = await readProcessList(asking, buildSessionStatement);
  if (rows === null) throw refuse(asking);
  if (rows.every((row) => numberOf(row, "own") === 1)) {
    const [count] = await asking.login.connection.query(threadCount);
    const connected = count === undefined ? null : numberOf(count, "Value");
    if (connected === null || connected > rows.length) {
      const reason = missingPrivilege(asking.login, asking.target, part, "it is shown its own sessions only");
      throw new DriverError({ target: asking.target, operation: part.name, ...reason });
    }
  }
  return rows.map(parseSession);
}

function refuse({ problems, target }: Asking): DriverError {
  const failure = problems.at(-1)?.failure;
  return new DriverError(
    failure ?? { kind: "protocol", target, operation: "process list", message: `${target}: process list: no answer` },
  );
}

/** Every statement this part may send. */
export function listSessionStatements(tables: readonly string[]): readonly string[] {
  return [...tables.map(buildSessionStatement), threadCount];
}
