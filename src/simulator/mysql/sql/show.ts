/** SHOW statements. */

import { isTableLocked } from "../../world/locks.ts";
import { binlogFileName, type ProductName } from "../../world/state.ts";
import { sqlErrors } from "../errors.ts";
import { listGrants } from "../tables/accounts.ts";
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
import { showReplicaStatus } from "./replica-words.ts";
import { showAllReplicas, showReplica } from "./replication.ts";
import { selectWhere } from "./select.ts";
import { requirePrivilege, type SqlSession } from "./session.ts";

type Show = (session: SqlSession, cursor: Cursor) => StatementResult;

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

const showSource: Show = (session, cursor) => {
  cursor.finish();
  requirePrivilege(session, "SUPER", "BINLOG MONITOR");
  return { kind: "rows", ...buildSourceStatus(session) };
};

const showReplicas: Show = (session, cursor) => {
  cursor.finish();
  requirePrivilege(session, "REPLICATION MASTER ADMIN");
  return { kind: "rows", ...buildReplicaHosts(session) };
};

const showReplicaOrHosts: Show = (session, cursor) =>
  cursor.accept("HOSTS") ? showReplicas(session, cursor) : showReplica(session, cursor);

function showGrants(session: SqlSession, cursor: Cursor): StatementResult {
  if (cursor.accept("FOR")) {
    cursor.expect("CURRENT_USER");
    if (cursor.accept("(")) cursor.expect(")");
  }
  const { user } = session.account;
  const rows = listGrants(session).map((list) => [`GRANT ${list} ON *.* TO \`${user}\`@\`%\``]);
  return plain(cursor, () => ({ columns: [{ name: `Grants for ${user}@%`, type: "text" }], rows }));
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

const showBinaryLogs: Show = (session, cursor) => {
  cursor.expect("LOGS");
  requirePrivilege(session, "SUPER", "BINLOG MONITOR");
  return plain(cursor, () => buildBinaryLogs(session));
};

const showWarnings: Show = (session, cursor) => {
  const rows = session.warnings.map(({ level, code, message }) => [level, code, message]);
  return plain(cursor, () => ({ columns: columnsOf("Level Code:int Message"), rows }));
};

const showOpenTables: Show = (session, cursor) => {
  const table = { columns: openTableColumns, rows: [["shop", "orders", isTableLocked(session.node) ? 1 : 0, 0]] };
  return { kind: "rows", ...applyFilter(session, cursor, table) };
};

const showDatabases: Show = (session, cursor) => {
  const table = { columns: columnsOf("Database"), rows: databases.map((name) => [name]) };
  return { kind: "rows", ...applyFilter(session, cursor, table) };
};

const showTables: Show = (session, cursor) => {
  const { database } = session.connection;
  if (database === null) throw sqlErrors.noDatabase();
  return plain(cursor, () => ({
    columns: columnsOf(`Tables_in_${database}`),
    rows: database === "shop" ? [["orders"]] : [],
  }));
};

/** By the words after SHOW; the first that fit count. */
type Forms = readonly (readonly [words: readonly string[], run: Show])[];

const common: Forms = [
  [["BINARY"], showBinaryLogs],
  [["FULL", "PROCESSLIST"], (session, cursor) => showProcesslist(session, cursor, true)],
  [["PROCESSLIST"], (session, cursor) => showProcesslist(session, cursor, false)],
  [["GRANTS"], showGrants],
  [["WARNINGS"], showWarnings],
  [["BINLOG", "EVENTS"], showBinlogEvents],
  [["OPEN", "TABLES"], showOpenTables],
  [["DATABASES"], showDatabases],
  [["SCHEMAS"], showDatabases],
  [["TABLES"], showTables],
];

const forms: Readonly<Record<ProductName, Forms>> = {
  mariadb: [
    [["ALL"], showAllReplicas],
    [["SLAVE"], showReplicaOrHosts],
    [["REPLICA"], showReplicaOrHosts],
    [["MASTER", "STATUS"], showSource],
    [["BINLOG", "STATUS"], showSource],
    ...common,
  ],
  mysql: [
    [["REPLICA"], showReplicaStatus],
    [["REPLICAS"], showReplicas],
    [["BINARY", "LOG", "STATUS"], showSource],
    ...common,
  ],
};

/** Runs a SHOW whose first word was taken. @throws SqlError */
export function runShow(session: SqlSession, cursor: Cursor): StatementResult {
  const form = forms[session.node.product].find(([words]) => cursor.accept(...words));
  const result = form === undefined ? showScoped(session, cursor) : form[1](session, cursor);
  if (result === null) throw cursor.fail();
  return result;
}
