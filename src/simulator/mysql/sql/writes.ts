/** What changes data: rows of the one table there is, and events of the event scheduler. */
import { commitTransaction } from "../../world/binlog.ts";
import { acknowledgeWrite } from "../../world/ledger.ts";
import type { ProductName } from "../../world/state.ts";
import { sqlErrors } from "../errors.ts";
import { readVariable } from "../variables.ts";
import { done, type StatementResult } from "../wire/answer.ts";
import type { Cursor } from "./cursor.ts";
import { waitToWrite } from "./locking.ts";
import { hasPrivilege, requirePrivilege, type SqlSession } from "./session.ts";

const rowBytes = 420;

/** Lets an account write to a server that is read-only; none of them where super_read_only is on. */
const passesReadOnly: Readonly<Record<ProductName, readonly string[]>> = {
  mariadb: ["READ_ONLY ADMIN"],
  mysql: ["CONNECTION_ADMIN", "SUPER"],
};

/** @throws SqlError 1290 for whom read_only stops */
export function assertWritable(session: SqlSession): void {
  const { node, account, world } = session;
  if (!node.readOnly || (!node.superReadOnly && hasPrivilege(account, ...passesReadOnly[node.product]))) return;
  node.refusedWrites += 1;
  world.ledger.refused += 1;
  throw sqlErrors.readOnly(node.superReadOnly ? "--super-read-only" : "--read-only");
}

/** `shop.orders`, or `orders` with the schema selected. @throws SqlError 1046, 1146, 1142 */
export function parseTarget(session: SqlSession, cursor: Cursor, verb: string): void {
  const first = cursor.name();
  const [schema, table] = cursor.accept(".") ? [first, cursor.name()] : [session.connection.database, first];
  if (schema === null) throw sqlErrors.noDatabase();
  if (schema !== "shop" || table !== "orders") throw sqlErrors.noSuchTable(`${schema}.${table}`);
  if (!hasPrivilege(session.account, verb)) throw sqlErrors.denied(verb, session.account.user, "`shop`.`orders`");
}

/** Whatever the row says: the simulation keeps which rows there are, not what is in them. */
function insertRow(session: SqlSession): StatementResult {
  assertWritable(session);
  waitToWrite(session);
  const { transaction } = session.connection;
  if (transaction === null) commitRows(session, 1);
  else transaction.rows += 1;
  return { kind: "ok", affectedRows: 1, warnings: 0 };
}

/** Each row is a transaction of its own in the binary log. */
function commitRows({ world, node }: SqlSession, rows: number): void {
  for (let row = 0; row < rows; row += 1)
    commitTransaction(node, rowBytes, world.nowMs, { write: acknowledgeWrite(world, world.nowMs) });
}

/** Ends the session's transaction, when it has one; one that cannot be committed stays. @throws SqlError 1290, 1205 */
export function commitOpen(session: SqlSession): void {
  const rows = session.connection.transaction?.rows ?? 0;
  if (rows > 0) {
    assertWritable(session);
    waitToWrite(session);
    commitRows(session, rows);
  }
  session.connection.transaction = null;
}

/** INSERT INTO shop.orders …; the word INSERT was taken. */
export function runInsert(session: SqlSession, cursor: Cursor): StatementResult {
  cursor.expect("INTO");
  parseTarget(session, cursor, "INSERT");
  if (cursor.peek().kind === "end") throw cursor.fail();
  return insertRow(session);
}

function parseDefiner(cursor: Cursor): void {
  if (!cursor.accept("DEFINER")) return;
  cursor.expect("=");
  cursor.name();
  cursor.expect("@");
  cursor.name();
}

/** ALTER [DEFINER=…] EVENT schema.name ENABLE | DISABLE [ON SLAVE]; the word ALTER was taken. */
export function alterEvent(session: SqlSession, cursor: Cursor): StatementResult {
  parseDefiner(cursor);
  cursor.expect("EVENT");
  const schema = cursor.name();
  cursor.expect(".");
  const name = cursor.name();
  const enable = cursor.accept("ENABLE");
  if (!enable) cursor.expect("DISABLE");
  const onReplica = !enable && cursor.accept("ON", "SLAVE");
  cursor.finish();
  requirePrivilege(session, "EVENT");
  assertWritable(session);
  commitOpen(session);
  const { node, world } = session;
  const event = node.events.find((candidate) => candidate.schema === schema && candidate.name === name);
  if (event === undefined) throw sqlErrors.noEvent(name);
  event.status = enable ? "ENABLED" : onReplica ? "SLAVESIDE_DISABLED" : "DISABLED";
  const logged = readVariable(session, "sql_log_bin", null).value === 1;
  if (logged) commitTransaction(node, rowBytes, world.nowMs, enable ? { enables: `${schema}.${name}` } : null);
  return done;
}
