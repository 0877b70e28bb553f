/** Who holds up a statement that waits. Told as well as the server tells it; it never fails a change. */
import type { Blocker } from "../../../model/operation.ts";
import type { MysqlChange } from "../../contract.ts";
import { isStatementError } from "../failure.ts";
import type { Login } from "../login.ts";
import { type RowMap, textOf } from "../rows.ts";
import { isOnlyReading } from "./kinds.ts";
import {
  describeAccount,
  type OtherSession,
  readOtherSessions,
  selectClients,
  selectProcessList,
} from "./other-sessions.ts";
import type { Work } from "./work.ts";

const FIRST_MS = 300;
const EVERY_MS = 500;
const LOOK_LIMIT_MS = 1_500;
/** Idle sessions of which one must be the holder: more than these tell nobody anything. */
const MAX_SUSPECTS = 5;

/**
 * Looks from another connection, about twice a second, until the function it returns is called. Waiting for positions has no blockers: it is
 * the applier that works. Where nobody asked, only what a refusal has to name is looked for.
 */
export function watchBlockers(
  work: Work,
  change: MysqlChange,
  onFound: (blockers: readonly Blocker[]) => void,
): () => void {
  const wanted = work.options.onBlockers !== undefined || waitsForGlobalLock(change);
  if (isOnlyReading(change) || !wanted) return () => undefined;
  let stopped = false;
  let timer: NodeJS.Timeout | null = null;
  const look = async () => {
    try {
      const bounds = { signal: work.options.signal, timeoutMs: LOOK_LIMIT_MS };
      const found = await work.killer.run(bounds, (login) => readBlockers(login, change, work));
      if (!stopped) onFound(found);
    } catch {
      // It is only told to people: the statement itself says how it ended.
    }
    if (!stopped) timer = setTimeout(look, EVERY_MS);
  };
  timer = setTimeout(look, FIRST_MS);
  return () => {
    stopped = true;
    if (timer !== null) clearTimeout(timer);
  };
}

async function readBlockers(login: Login, change: MysqlChange, work: Work): Promise<readonly Blocker[]> {
  const holders = waitsForGlobalLock(change) ? await readLockHolders(login, work) : [];
  const sessions = holders.length > 0 ? holders : await findWorking(login, change, work);
  return sessions.map((session) => ({
    node: change.node,
    sessionId: session.id,
    account: describeAccount(session),
    seconds: session.seconds,
    query: session.query,
  }));
}

/** Others wait for the applier, which waits for whoever holds rows or tables. */
const waitsForGlobalLock = ({ kind }: MysqlChange): boolean => kind === "read-only" || kind === "clear-sessions";

const holdersInPerformanceSchema =
  "SELECT DISTINCT t.PROCESSLIST_ID AS id, t.PROCESSLIST_USER AS user, t.PROCESSLIST_HOST AS host, t.PROCESSLIST_COMMAND AS command," +
  " t.PROCESSLIST_TIME AS seconds, t.PROCESSLIST_INFO AS query, SUBSTRING_INDEX(USER(), '@', 1) AS own FROM performance_schema.metadata_locks m" +
  " JOIN performance_schema.threads t ON t.THREAD_ID = m.OWNER_THREAD_ID" +
  " WHERE m.OBJECT_TYPE IN ('GLOBAL', 'COMMIT', 'BACKUP LOCK') AND m.LOCK_STATUS = 'GRANTED' AND t.PROCESSLIST_ID IS NOT NULL";

function buildHoldersByPlugin(table: string): string {
  return (
    "SELECT DISTINCT p.ID AS id, p.USER AS user, p.HOST AS host, p.COMMAND AS command, p.TIME AS seconds, p.INFO AS query," +
    ` SUBSTRING_INDEX(USER(), '@', 1) AS own FROM information_schema.metadata_lock_info m JOIN ${table} p ON p.ID = m.THREAD_ID` +
    " WHERE m.LOCK_TYPE IN ('Global read lock', 'Commit lock', 'Backup lock')"
  );
}

/** Whoever holds what a global read lock waits for, where the server keeps account of it. */
async function readLockHolders(login: Login, { ownIds }: Work): Promise<readonly OtherSession[]> {
  const mysql = login.dialect.writing.gtid?.kind !== "mariadb";
  const statement = mysql ? holdersInPerformanceSchema : buildHoldersByPlugin(selectProcessList(login));
  return selectClients(await tryQuery(login, statement), ownIds());
}

/** Else: who is writing, or holds rows; and when nobody is seen to, those who are idle in a schema of which a table is locked. */
async function findWorking(login: Login, change: MysqlChange, work: Work): Promise<readonly OtherSession[]> {
  const sessions = await readOtherSessions(login, work);
  const working = sessions.filter(
    ({ command, query, rowsModified }) => (rowsModified ?? 0) > 0 || (command !== "Sleep" && isWriting(query)),
  );
  return working.length > 0 || !waitsForGlobalLock(change) ? working : findSuspects(login, sessions);
}

function isWriting(query: string | null): boolean {
  return query !== null && !/^\s*(SELECT|SHOW|SET|USE|EXPLAIN|DESC|COMMIT)\b/i.test(query);
}

async function findSuspects(login: Login, sessions: readonly OtherSession[]): Promise<readonly OtherSession[]> {
  const tables = await tryQuery(login, "SHOW OPEN TABLES WHERE In_use > 0");
  const locked = tables.map((row) => `${textOf(row, "Database") ?? ""}.${textOf(row, "Table") ?? ""}`);
  if (locked.length === 0) return [];
  const schemas = new Set(tables.map((row) => textOf(row, "Database")));
  const rows = await tryQuery(login, `SELECT ID AS id, DB AS db FROM ${selectProcessList(login)}`);
  const schemaOf = new Map(rows.map((row) => [textOf(row, "id"), textOf(row, "db")]));
  const idle = sessions.filter(
    ({ id, command }) => command === "Sleep" && schemas.has(schemaOf.get(String(id)) ?? null),
  );
  const note = `idle; perhaps it holds LOCK TABLES (in use: ${locked.slice(0, MAX_SUSPECTS).join(", ")})`;
  return idle.length > MAX_SUSPECTS ? [] : idle.map((session) => ({ ...session, query: session.query ?? note }));
}

async function tryQuery({ connection }: Login, sql: string): Promise<readonly RowMap[]> {
  try {
    return await connection.query(sql);
  } catch (error) {
    if (isStatementError(error)) return [];
    throw error;
  }
}
