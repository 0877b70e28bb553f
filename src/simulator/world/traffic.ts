/** Statements of the clients: transactions on the writer's node, reads everywhere else. */
import { commitTransaction } from "./binlog.ts";
import type { Backend, ClientSession, World } from "./state.ts";

const readsPerTransaction = 4;

function transfer(session: ClientSession, nowMs: number, inBytes: number, outBytes: number): void {
  session.lastStatementAtMs = nowMs;
  session.server.bytesIn += inBytes;
  session.server.bytesOut += outBytes;
  session.server.backend.bytesIn += inBytes;
  session.server.backend.bytesOut += outBytes;
}

function write(world: World, session: ClientSession): void {
  const { node } = session;
  if (node === null || node.process !== "running") return;
  node.statements += 3;
  if (node.readOnly) {
    node.refusedWrites += 1;
    transfer(session, world.nowMs, 320, 120);
    return;
  }
  commitTransaction(node, world.random.integer(280, 900), world.nowMs);
  transfer(session, world.nowMs, 420, 180);
}

function read(world: World, session: ClientSession): void {
  if (session.node !== null && session.node.process !== "running") return;
  if (session.node !== null) session.node.statements += 1;
  transfer(session, world.nowMs, 90, world.random.integer(200, 4_000));
}

function liveSessions(backend: Backend): ClientSession[] {
  return backend.servers.flatMap((server) => [...server.sessions]);
}

/** The work all clients do in `elapsedMs`. */
export function stepTraffic(world: World, elapsedMs: number): void {
  const transactions = world.random.count((world.transactionsPerSecond * elapsedMs) / 1000);
  for (const haproxy of world.haproxies) {
    for (const backend of haproxy.backends) {
      if (backend.role === "other") continue;
      const sessions = liveSessions(backend);
      if (sessions.length === 0) continue;
      const count = backend.role === "write" ? transactions : transactions * readsPerTransaction;
      for (let done = 0; done < count; done += 1) {
        const session = world.random.pick(sessions);
        if (backend.role === "write") write(world, session);
        else read(world, session);
      }
    }
  }
}
