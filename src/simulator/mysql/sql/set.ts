/** SET: session and global system variables, user variables, names and transaction access. */
import type { ProductName } from "../../world/state.ts";
import { SqlError, sqlErrors } from "../errors.ts";
import type { VariableDefinition } from "../variables/definition.ts";
import { findVariable } from "../variables.ts";
import { type Cell, done, type StatementResult } from "../wire/answer.ts";
import type { Cursor } from "./cursor.ts";
import { evaluate } from "./evaluate.ts";
import { parseExpression } from "./expression.ts";
import { waitForTables } from "./locking.ts";
import { hasPrivilege, type SqlSession } from "./session.ts";

function toText(definition: VariableDefinition, name: string, value: Cell): string {
  const text = String(value);
  if (definition.type === "bool") {
    if (["1", "on", "true"].includes(text.toLowerCase())) return "ON";
    if (["0", "off", "false"].includes(text.toLowerCase())) return "OFF";
    throw sqlErrors.wrongValue(name, text);
  }
  if (definition.type === "int" && typeof value === "string") throw sqlErrors.wrongType(name);
  return text;
}

type Scope = "global" | "persist" | "session" | null;

/** Whether a server can keep a setting itself. */
const keepsSettings: Readonly<Record<ProductName, boolean>> = { mariadb: false, mysql: true };

/** They wait until nobody holds table locks. */
const stopsWrites = new Set(["read_only", "super_read_only"]);

function setGlobal(session: SqlSession, name: string, definition: VariableDefinition, text: string): void {
  if (!hasPrivilege(session.account, ...definition.privileges))
    throw sqlErrors.missingPrivilege(definition.privileges.join(", "));
  if (name === "server_id") throw new SqlError(1235, "42000", "The simulator cannot change 'server_id' while it runs");
  if (stopsWrites.has(name) && text === "ON" && definition.read(session.node) !== "ON") waitForTables(session);
  if (definition.write === null) session.node.variables.set(name, text);
  else definition.write(session.node, text);
}

function assign(session: SqlSession, scope: Scope, name: string, value: Cell | "DEFAULT"): void {
  const definition = findVariable(session.node, name);
  if (!definition.writable) throw sqlErrors.wrongScope(name, "read only");
  if (scope === "global" || scope === "persist") {
    const text = toText(definition, name, value);
    setGlobal(session, name, definition, text);
    if (scope === "persist") session.node.persisted.set(name, text);
  } else if (definition.scope === "global") throw sqlErrors.globalOnly(name);
  else if (value === "DEFAULT") session.variables.delete(name);
  else session.variables.set(name, toText(definition, name, value));
}

/** A value may be a bare word such as ON or utf8mb4. */
function parseValue(session: SqlSession, cursor: Cursor): Cell {
  const token = cursor.peek();
  const after = cursor.peek(1);
  const bare =
    token.kind === "word" &&
    !["(", "."].includes(after.text) &&
    !["NULL", "TRUE", "FALSE"].includes(token.text.toUpperCase());
  if (bare) return cursor.next().text;
  return evaluate(parseExpression(cursor), { session, row: () => undefined, place: "SET" });
}

function parseScope({ node }: SqlSession, cursor: Cursor): Scope {
  if (cursor.accept("GLOBAL")) return "global";
  if (keepsSettings[node.product] && cursor.accept("PERSIST")) return "persist";
  return cursor.accept("SESSION") || cursor.accept("LOCAL") ? "session" : null;
}

function expectAssignment(cursor: Cursor): void {
  if (!cursor.accept(":=")) cursor.expect("=");
}

/** SET [scope] TRANSACTION …: accepted, nothing here depends on it. */
function setTransaction(cursor: Cursor): void {
  do {
    if (cursor.accept("READ", "ONLY") || cursor.accept("READ", "WRITE")) continue;
    cursor.expect("ISOLATION", "LEVEL");
    if (cursor.accept("SERIALIZABLE") || cursor.accept("REPEATABLE", "READ")) continue;
    cursor.expect("READ");
    if (!cursor.accept("COMMITTED")) cursor.expect("UNCOMMITTED");
  } while (cursor.accept(","));
}

function setOne(session: SqlSession, cursor: Cursor): void {
  if (cursor.accept("NAMES")) {
    cursor.next();
    if (cursor.accept("COLLATE")) cursor.next();
    return;
  }
  if (cursor.accept("@@")) {
    const first = cursor.name().toLowerCase();
    const scoped = ["global", "session", "local"].includes(first) && cursor.accept(".");
    const name = scoped ? cursor.name().toLowerCase() : first;
    expectAssignment(cursor);
    assign(session, scoped ? (first === "global" ? "global" : "session") : null, name, parseValue(session, cursor));
    return;
  }
  if (cursor.accept("@")) {
    const name = cursor.name().toLowerCase();
    expectAssignment(cursor);
    const value = parseValue(session, cursor);
    session.userVariables.set(name, typeof value === "bigint" ? Number(value) : value);
    return;
  }
  const scope = parseScope(session, cursor);
  if (cursor.accept("TRANSACTION")) {
    setTransaction(cursor);
    return;
  }
  const name = cursor.name().toLowerCase();
  expectAssignment(cursor);
  assign(session, scope, name, parseValue(session, cursor));
}

/** Runs a SET whose first word was taken. @throws SqlError */
export function runSet(session: SqlSession, cursor: Cursor): StatementResult {
  do setOne(session, cursor);
  while (cursor.accept(","));
  cursor.finish();
  return done;
}
