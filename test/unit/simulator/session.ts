/** A logged-in client of a simulated node, without a socket. */
import { SqlError } from "../../../src/simulator/mysql/errors.ts";
import { type SqlSession, StatementWaits } from "../../../src/simulator/mysql/sql/session.ts";
import { runStatement } from "../../../src/simulator/mysql/sql/statement.ts";
import type { World } from "../../../src/simulator/world/state.ts";
import { nodeNamed } from "./fixture.ts";

let nextId = 900;

export function openSession(world: World, nodeName: string, user = "ops"): SqlSession {
  const account = world.accounts.find((candidate) => candidate.user === user);
  if (account === undefined) throw new Error(`no account ${user}`);
  const node = nodeNamed(world, nodeName);
  const id = nextId++;
  const connection = {
    id,
    user,
    host: "127.0.0.1:50000",
    database: "shop",
    command: "Query" as const,
    query: null,
    sinceMs: world.nowMs,
    close: () => undefined,
    wait: null,
    transaction: null,
  };
  node.connections.set(id, connection);
  return { world, node, account, connection, variables: new Map(), userVariables: new Map(), warnings: [] };
}

/** First cell of the answer, `ok`, `waits`, or the number of the error. */
export function ask(session: SqlSession, sql: string): unknown {
  try {
    const result = runStatement(session, sql);
    return result.kind === "ok" ? "ok" : (result.rows[0]?.[0] ?? "nothing");
  } catch (error) {
    if (error instanceof SqlError) return error.code;
    if (error instanceof StatementWaits) return "waits";
    throw error;
  }
}
