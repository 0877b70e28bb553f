/** One SQL statement to its result. What is not known is refused as a server refuses it; nothing is quietly accepted. */
import { closeSession } from "../../world/sessions.ts";
import { sqlErrors } from "../errors.ts";
import { databases } from "../tables/information-schema.ts";
import { columnsOf } from "../tables/table.ts";
import { done, type StatementResult } from "../wire/answer.ts";
import { changeSource, resetReplica } from "./change-source.ts";
import { type Cursor, createCursor } from "./cursor.ts";
import { evaluate } from "./evaluate.ts";
import { parseExpression } from "./expression.ts";
import { runFlush, runUnlock } from "./locking.ts";
import { controlReplica } from "./replication.ts";
import { runSelect } from "./select.ts";
import { requirePrivilege, type SqlSession } from "./session.ts";
import { runSet } from "./set.ts";
import { runShow } from "./show.ts";
import { readTokens } from "./tokens.ts";
import { alterEvent, runInsert } from "./writes.ts";

type Run = (session: SqlSession, cursor: Cursor) => StatementResult;

/** @throws SqlError 1049 */
export function selectDatabase(session: SqlSession, name: string): StatementResult {
  if (!databases.includes(name)) throw sqlErrors.unknownDatabase(name);
  session.connection.database = name;
  return done;
}

function startTransaction(cursor: Cursor): StatementResult {
  cursor.expect("TRANSACTION");
  if (!cursor.accept("READ", "ONLY") && !cursor.accept("READ", "WRITE"))
    cursor.accept("WITH", "CONSISTENT", "SNAPSHOT");
  cursor.finish();
  return done;
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

function nothing(_session: SqlSession, cursor: Cursor): StatementResult {
  cursor.accept("WORK");
  cursor.finish();
  return done;
}

const xaColumns = columnsOf("formatID:int gtrid_length:int bqual_length:int data");

const statements: Readonly<Record<string, Run>> = {
  SELECT: runSelect,
  SHOW: runShow,
  SET: runSet,
  STOP: (session, cursor) => controlReplica(session, cursor, "stop"),
  START: (session, cursor) =>
    cursor.peek().text.toUpperCase() === "TRANSACTION"
      ? startTransaction(cursor)
      : controlReplica(session, cursor, "start"),
  CHANGE: changeSource,
  RESET: resetReplica,
  FLUSH: runFlush,
  UNLOCK: runUnlock,
  INSERT: runInsert,
  ALTER: alterEvent,
  XA: (_session, cursor) => {
    cursor.expect("RECOVER");
    cursor.finish();
    return { kind: "rows", columns: xaColumns, rows: [] };
  },
  BEGIN: nothing,
  COMMIT: nothing,
  ROLLBACK: nothing,
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
  const run = Object.hasOwn(statements, verb) ? statements[verb] : undefined;
  if (run === undefined) throw cursor.fail();
  cursor.next();
  if (verb !== "SHOW") session.warnings = [];
  const result = run(session, cursor);
  if (changing.has(verb) || /^SET\s+GLOBAL\b/i.test(sql)) session.world.ledger.commands += 1;
  return result;
}
