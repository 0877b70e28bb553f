/** Statements of the clients: transactions where HAProxy gave them their connections, reads everywhere else. */
import { commitTransaction } from "./binlog.ts";
import { acknowledgeWrite } from "./ledger.ts";
import { areWritesHeld } from "./locks.ts";
import { haproxiesOfClients } from "./proxy-state.ts";
import { simulatedSessions } from "./sessions.ts";
import type { Backend, ClientSession, World } from "./state.ts";

const readsPerTransaction = 4;

function transfer(session: ClientSession, nowMs: number, inBytes: number, outBytes: number): void {
  session.lastStatementAtMs = nowMs;
  session.server.bytesIn += inBytes;
  session.server.bytesOut += outBytes;
  session.server.backend.bytesIn += inBytes;
  session.server.backend.bytesOut += outBytes;
}

/** A client whose server hangs, or holds its commit up, waits: its write is neither done nor refused. */
function write(world: World, session: ClientSession, atMs: number): void {
  const { node } = session;
  if (node === null || node.process !== "running" || areWritesHeld(node)) return;
  node.statements += 3;
  if (node.readOnly) {
    node.refusedWrites += 1;
    world.ledger.refused += 1;
    transfer(session, world.nowMs, 320, 120);
    return;
  }
  commitTransaction(node, world.random.integer(280, 900), atMs, { write: acknowledgeWrite(world, atMs) });
  transfer(session, world.nowMs, 420, 180);
}

function read(world: World, session: ClientSession): void {
  if (session.node !== null && session.node.process !== "running") return;
  if (session.node !== null) session.node.statements += 1;
  transfer(session, world.nowMs, 90, world.random.integer(200, 4_000));
}

function runClients(world: World, backend: Backend, transactions: number, elapsedMs: number): void {
  const sessions = simulatedSessions(backend);
  const writes = backend.role === "write";
  if (sessions.length === 0) {
    if (writes) world.ledger.refused += transactions;
    return;
  }
  const count = writes ? transactions : transactions * readsPerTransaction;
  for (let done = 0; done < count; done += 1) {
    const session = world.random.pick(sessions);
    // One after the other, none at this very moment: replicas are not to lack a step when their source dies, nor always the last one.
    if (writes) write(world, session, world.nowMs - Math.floor((elapsedMs * (count - done)) / count));
    else read(world, session);
  }
}

/** The work all clients do in `elapsedMs`; those that write are spread over the HAProxies that are there. */
export function stepTraffic(world: World, elapsedMs: number): void {
  const total = world.random.count((world.transactionsPerSecond * elapsedMs) / 1000);
  const running = haproxiesOfClients(world);
  for (const [index, haproxy] of running.entries()) {
    const share = Math.floor((total + index) / running.length);
    for (const backend of haproxy.backends) if (backend.role !== "other") runClients(world, backend, share, elapsedMs);
  }
  if (running.length === 0) world.ledger.refused += total;
}
