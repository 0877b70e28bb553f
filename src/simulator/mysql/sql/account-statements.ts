/** CREATE USER, GRANT and DROP USER: accounts from any host, privileges on everything. */
import { commitTransaction } from "../../world/binlog.ts";
import { SqlError } from "../errors.ts";
import { isPrivilegeName } from "../tables/accounts.ts";
import { readVariable } from "../variables.ts";
import { done, type StatementResult } from "../wire/answer.ts";
import { parseText } from "./change-source.ts";
import type { Cursor } from "./cursor.ts";
import { requirePrivilege, type SqlSession } from "./session.ts";
import { assertWritable, commitOpen } from "./writes.ts";

const statementBytes = 200;

/** `'user'@'%'`: other hosts are not known. */
function parseUser(cursor: Cursor): string {
  const user = parseText(cursor);
  cursor.expect("@");
  if (cursor.peek().text !== "%") throw cursor.fail();
  parseText(cursor);
  return user;
}

function failed(verb: string, user: string): SqlError {
  return new SqlError(1396, "HY000", `Operation ${verb} failed for '${user}'@'%'`);
}

function findPlace({ world }: SqlSession, user: string): number {
  return world.accounts.findIndex((account) => account.user === user);
}

function change(session: SqlSession, apply: () => void): StatementResult {
  requirePrivilege(session, "CREATE USER");
  assertWritable(session);
  commitOpen(session);
  apply();
  const { node, world } = session;
  if (readVariable(session, "sql_log_bin", null).value === 1) commitTransaction(node, statementBytes, world.nowMs);
  return done;
}

/** CREATE USER 'user'@'%' IDENTIFIED BY 'password'; the word CREATE was taken. @throws SqlError 1396 */
export function createUser(session: SqlSession, cursor: Cursor): StatementResult {
  cursor.expect("USER");
  const user = parseUser(cursor);
  cursor.expect("IDENTIFIED", "BY");
  const password = parseText(cursor);
  cursor.finish();
  return change(session, () => {
    if (findPlace(session, user) !== -1) throw failed("CREATE USER", user);
    session.world.accounts.push({ user, password, privileges: [] });
  });
}

/** DROP USER 'user'@'%'; the word DROP was taken. Its sessions stay. @throws SqlError 1396 */
export function dropUser(session: SqlSession, cursor: Cursor): StatementResult {
  cursor.expect("USER");
  const user = parseUser(cursor);
  cursor.finish();
  return change(session, () => {
    const place = findPlace(session, user);
    if (place === -1) throw failed("DROP USER", user);
    session.world.accounts.splice(place, 1);
  });
}

function parsePrivilege(session: SqlSession, cursor: Cursor): string {
  const failure = cursor.fail();
  const words: string[] = [];
  while (cursor.peek().kind === "word" && cursor.peek().text.toUpperCase() !== "ON")
    words.push(cursor.next().text.toUpperCase());
  const name = words.join(" ");
  if (!isPrivilegeName(session.node.product, name)) throw failure;
  return name;
}

/** GRANT … ON *.* TO 'user'@'%'; the word GRANT was taken. Sessions keep the privileges of their login. @throws SqlError 1396 */
export function grantPrivileges(session: SqlSession, cursor: Cursor): StatementResult {
  const names: string[] = [];
  do names.push(parsePrivilege(session, cursor));
  while (cursor.accept(","));
  cursor.expect("ON", "*", ".", "*", "TO");
  const user = parseUser(cursor);
  cursor.finish();
  return change(session, () => {
    const place = findPlace(session, user);
    const account = session.world.accounts[place];
    if (account === undefined) throw failed("GRANT", user);
    if (account.privileges === "ALL") return;
    const privileges = [...new Set([...account.privileges, ...names])];
    session.world.accounts[place] = { ...account, privileges };
  });
}
