/** SHOW statements. */

import { binlogFileName } from "../../world/state.ts";
import { sqlErrors } from "../errors.ts";
import { buildBinlogEvents } from "../tables/binlog-events.ts";
import { databases, listVariables } from "../tables/information-schema.ts";
import { buildShowProcesslist } from "../tables/sessions.ts";
import { buildBinaryLogs, buildReplicaHosts, buildSourceStatus } from "../tables/source-status.ts";
import { listStatus } from "../tables/status-values.ts";
import { columnsOf, type Table } from "../tables/table.ts";
import type { StatementResult } from "../wire/answer.ts";
import { matchesPattern } from "./cells.ts";
import type { Cursor } from "./cursor.ts";
import { parseExpression } from "./expression.ts";
import { showAllReplicas, showReplica } from "./replication.ts";
import { selectWhere } from "./select.ts";
import { requirePrivilege, type SqlSession } from "./session.ts";

/** LIKE 'pattern' on the first column, or WHERE, at the end of a SHOW. */
function applyFilter(session: SqlSession, cursor: Cursor, table: Table): Table {
  if (cursor.accept("LIKE")) {
    const pattern = cursor.next();
    if (pattern.kind !== "string") throw cursor.fail();
    cursor.finish();
    return { columns: table.columns, rows: table.rows.filter(([name]) => matchesPattern(String(name), pattern.text)) };
  }
  const where = cursor.accept("WHERE") ? parseExpression(cursor) : null;
  cursor.finish();
  return where === null ? table : selectWhere(session, table, where);
}

function showPairs(session: SqlSession, cursor: Cursor, rows: [string, string][]): StatementResult {
  return { kind: "rows", ...applyFilter(session, cursor, { columns: columnsOf("Variable_name Value"), rows }) };
}

function showScoped(session: SqlSession, cursor: Cursor): StatementResult | null {
  const global = cursor.accept("GLOBAL");
  if (!global && !cursor.accept("SESSION")) cursor.accept("LOCAL");
  if (cursor.accept("VARIABLES"))
    return showPairs(session, cursor, listVariables(session, global ? "global" : "session"));
  if (cursor.accept("STATUS")) return showPairs(session, cursor, listStatus(session));
  if (global) throw cursor.fail();
  return null;
}

function plain(cursor: Cursor, build: () => Table): StatementResult {
  cursor.finish();
  return { kind: "rows", ...build() };
}

function showSource(session: SqlSession, cursor: Cursor): StatementResult {
  cursor.expect("STATUS");
  cursor.finish();
  requirePrivilege(session, "SUPER", "BINLOG MONITOR");
  return { kind: "rows", ...buildSourceStatus(session) };
}

function showReplicaOrHosts(session: SqlSession, cursor: Cursor): StatementResult {
  if (!cursor.accept("HOSTS")) return showReplica(session, cursor);
  cursor.finish();
  requirePrivilege(session, "REPLICATION MASTER ADMIN");
  return { kind: "rows", ...buildReplicaHosts(session) };
}

function showGrants(session: SqlSession, cursor: Cursor): StatementResult {
  if (cursor.accept("FOR")) {
    cursor.expect("CURRENT_USER");
    if (cursor.accept("(")) cursor.expect(")");
  }
  const { user, privileges } = session.account;
  const list = privileges === "ALL" ? "ALL PRIVILEGES" : privileges.length === 0 ? "USAGE" : privileges.join(", ");
  return plain(cursor, () => ({
    columns: [{ name: `Grants for ${user}@%`, type: "text" }],
    rows: [[`GRANT ${list} ON *.* TO \`${user}\`@\`%\``]],
  }));
}

function showProcesslist(session: SqlSession, cursor: Cursor, full: boolean): StatementResult {
  return plain(cursor, () => buildShowProcesslist(session, full));
}

const openTableColumns = columnsOf("Database Table In_use:int Name_locked:int");

function parseCount(cursor: Cursor): number {
  if (cursor.peek().kind !== "number") throw cursor.fail();
  return Number(cursor.next().text);
}

/** SHOW BINLOG EVENTS [IN 'file'] [FROM position] [LIMIT count]. */
function showBinlogEvents(session: SqlSession, cursor: Cursor): StatementResult {
  const named = cursor.accept("IN");
  if (named && cursor.peek().kind !== "string") throw cursor.fail();
  const file = named ? cursor.next().text : binlogFileName(1);
  const from = cursor.accept("FROM") ? parseCount(cursor) : 4;
  const limit = cursor.accept("LIMIT") ? parseCount(cursor) : Number.POSITIVE_INFINITY;
  cursor.finish();
  requirePrivilege(session, "SUPER", "BINLOG MONITOR");
  return { kind: "rows", ...buildBinlogEvents(session.node, file, from, limit) };
}

/** Runs a SHOW whose first word was taken. @throws SqlError */
export function runShow(session: SqlSession, cursor: Cursor): StatementResult {
  if (cursor.accept("ALL")) return showAllReplicas(session, cursor);
  if (cursor.accept("SLAVE") || cursor.accept("REPLICA")) return showReplicaOrHosts(session, cursor);
  if (cursor.accept("MASTER") && cursor.peek().text.toUpperCase() === "STATUS") return showSource(session, cursor);
  if (cursor.accept("BINLOG", "STATUS")) {
    cursor.finish();
    requirePrivilege(session, "SUPER", "BINLOG MONITOR");
    return { kind: "rows", ...buildSourceStatus(session) };
  }
  if (cursor.accept("BINARY")) {
    cursor.expect("LOGS");
    requirePrivilege(session, "SUPER", "BINLOG MONITOR");
    return plain(cursor, () => buildBinaryLogs(session));
  }
  if (cursor.accept("FULL", "PROCESSLIST")) return showProcesslist(session, cursor, true);
  if (cursor.accept("PROCESSLIST")) return showProcesslist(session, cursor, false);
  if (cursor.accept("GRANTS")) return showGrants(session, cursor);
  if (cursor.accept("WARNINGS")) {
    const rows = session.warnings.map(({ level, code, message }) => [level, code, message]);
    return plain(cursor, () => ({ columns: columnsOf("Level Code:int Message"), rows }));
  }
  if (cursor.accept("BINLOG", "EVENTS")) return showBinlogEvents(session, cursor);
  if (cursor.accept("OPEN", "TABLES")) {
    const table = { columns: openTableColumns, rows: [["shop", "orders", 0, 0]] };
    return { kind: "rows", ...applyFilter(session, cursor, table) };
  }
  if (cursor.accept("DATABASES") || cursor.accept("SCHEMAS")) {
    const table = { columns: columnsOf("Database"), rows: databases.map((name) => [name]) };
    return { kind: "rows", ...applyFilter(session, cursor, table) };
  }
  if (cursor.accept("TABLES")) {
    if (session.connection.database === null) throw sqlErrors.noDatabase();
    return plain(cursor, () => ({
      columns: columnsOf(`Tables_in_${session.connection.database}`),
      rows: session.connection.database === "shop" ? [["orders"]] : [],
    }));
  }
  const scoped = showScoped(session, cursor);
  if (scoped === null) throw cursor.fail();
  return scoped;
}
