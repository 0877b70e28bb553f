/** A logged-in client of a simulated node, without a socket. */
import type { SqlSession } from "../../../src/simulator/mysql/sql/session.ts";
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
