/** One SQL statement to its result. What is not known is refused as a server refuses it; nothing is quietly accepted. */
import { closeSession } from "../../world/sessions.ts";
import type { ProductName } from "../../world/state.ts";
import { sqlErrors } from "../errors.ts";
import { databases } from "../tables/information-schema.ts";
import { columnsOf } from "../tables/table.ts";
import { done, type StatementResult } from "../wire/answer.ts";
import { createUser, dropUser, grantPrivileges } from "./account-statements.ts";
import { changeReplicationSource, resetReplica } from "./change-replication.ts";
import { changeMaster, resetSlave } from "./change-source.ts";
import { type Cursor, createCursor } from "./cursor.ts";
import { evaluate } from "./evaluate.ts";
import { parseExpression } from "./expression.ts";
import { runFlush, runUnlock } from "./locking.ts";
import { startOrStop } from "./replica-words.ts";
import { controlReplica } from "./replication.ts";
import { runSelect } from "./select.ts";
import { hasPrivilege, requirePrivilege, type SqlSession } from "./session.ts";
import { runSet } from "./set.ts";
import { runShow } from "./show.ts";
import { readTokens } from "./tokens.ts";
import { beginTransaction, lockTables, runBegin, runCommit, runRollback } from "./transactions.ts";
import { alterEvent, runInsert } from "./writes.ts";

type Run = (session: SqlSession, cursor: Cursor) => StatementResult;

/** @throws SqlError 1049 */
export function selectDatabase(session: SqlSession, name: string): StatementResult {
  if (!databases.includes(name)) throw sqlErrors.unknownDatabase(name);
  session.connection.database = name;
  return done;
}

function startTransaction(session: SqlSession, cursor: Cursor): StatementResult {
  cursor.expect("TRANSACTION");
  if (!cursor.accept("READ", "ONLY") && !cursor.accept("READ", "WRITE"))
    cursor.accept("WITH", "CONSISTENT", "SNAPSHOT");
  cursor.finish();
  return beginTransaction(session);
}

function kill(session: SqlSession, cursor: Cursor): StatementResult {
  const queryOnly = cursor.accept("QUERY");
  if (!queryOnly) cursor.accept("CONNECTION");
  const id = Number(evaluate(parseExpression(cursor), { session, row: () => undefined, place: "KILL" }));
  cursor.finish();
  const client = [...session.node.sessions].find((candidate) => candidate.connectionId === id);
  const connection = session.node.connections.get(id);
  if (client === undefined && connection === undefined) throw sqlErrors.unknownThread(id);
  if (connection?.user !== session.account.user) requirePrivilege(session, "SUPER", "CONNECTION ADMIN");
  if (queryOnly) {
    if (connection?.wait != null) connection.wait.interrupted = true;
    return done;
  }
  if (client !== undefined) closeSession(client);
  if (connection === session.connection) throw sqlErrors.killed();
  connection?.close();
  return done;
}

const xaColumns = columnsOf("formatID:int gtrid_length:int bqual_length:int data");

const start =
  (startThreads: Run): Run =>
  (session, cursor) =>
    cursor.peek().text.toUpperCase() === "TRANSACTION"
      ? startTransaction(session, cursor)
      : startThreads(session, cursor);

/** What an account needs to be told of prepared transactions; null: any may ask. */
const recoverPrivilege: Readonly<Record<ProductName, string | null>> = { mariadb: null, mysql: "XA_RECOVER_ADMIN" };

function recover(session: SqlSession, cursor: Cursor): StatementResult {
  cursor.expect("RECOVER");
  cursor.finish();
  const privilege = recoverPrivilege[session.node.product];
  if (privilege !== null && !hasPrivilege(session.account, privilege)) throw sqlErrors.resourceManager();
  return { kind: "rows", columns: xaColumns, rows: [] };
}

const common: Readonly<Record<string, Run>> = {
  SELECT: runSelect,
  SHOW: runShow,
  SET: runSet,
  FLUSH: runFlush,
  UNLOCK: runUnlock,
  INSERT: runInsert,
  ALTER: alterEvent,
  XA: recover,
  LOCK: lockTables,
  BEGIN: runBegin,
  COMMIT: runCommit,
  ROLLBACK: runRollback,
  CREATE: createUser,
  DROP: dropUser,
  GRANT: grantPrivileges,
  USE: (session, cursor) => {
    const name = cursor.name();
    cursor.finish();
    return selectDatabase(session, name);
  },
  KILL: kill,
  DO: (session, cursor) => {
    evaluate(parseExpression(cursor), { session, row: () => undefined, place: "DO" });
    cursor.finish();
    return done;
  },
};

const statements: Readonly<Record<ProductName, Readonly<Record<string, Run>>>> = {
  mariadb: {
    ...common,
    STOP: (session, cursor) => controlReplica(session, cursor, "stop"),
    START: start((session, cursor) => controlReplica(session, cursor, "start")),
    CHANGE: changeMaster,
    RESET: resetSlave,
  },
  mysql: {
    ...common,
    STOP: (session, cursor) => startOrStop(session, cursor, "stop"),
    START: start((session, cursor) => startOrStop(session, cursor, "start")),
    CHANGE: changeReplicationSource,
    RESET: resetReplica,
  },
};

/** Cuts a query at its `;`; text that cannot be read stays whole and fails when it is run. */
export function splitStatements(sql: string): string[] {
  try {
    const parts: string[] = [];
    let from = 0;
    for (const token of readTokens(sql)) {
      if (token.kind !== "end" && token.text !== ";") continue;
      if (token.kind === "string" || token.kind === "quoted-name") continue;
      parts.push(sql.slice(from, token.at));
      from = token.end;
    }
    const filled = parts.filter((part) => part.trim() !== "");
    return filled.length === 0 ? [sql] : filled;
  } catch {
    return [sql];
  }
}

const changing = new Set(["CHANGE", "RESET", "START", "STOP", "ALTER", "KILL"]);

/** @throws SqlError */
export function runStatement(session: SqlSession, sql: string): StatementResult {
  const cursor = createCursor(sql);
  const first = cursor.peek();
  if (first.kind === "end") throw sqlErrors.emptyQuery();
  const verb = first.kind === "word" ? first.text.toUpperCase() : "";
  const known = statements[session.node.product];
  const run = Object.hasOwn(known, verb) ? known[verb] : undefined;
  if (run === undefined) throw cursor.fail();
  cursor.next();
  if (verb !== "SHOW") session.warnings = [];
  const result = run(session, cursor);
  if (changing.has(verb) || /^SET\s+(GLOBAL|PERSIST)\b/i.test(sql)) session.world.ledger.commands += 1;
  return result;
}
