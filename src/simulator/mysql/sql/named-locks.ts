/** GET_LOCK and its kin. A lock is its connection's: it is free again when the connection is gone. */
import type { Cell } from "../wire/answer.ts";
import { toNumber } from "./cells.ts";
import { type SqlSession, waitUntil } from "./session.ts";

function holderOf({ node }: SqlSession, name: string): number | null {
  const holder = node.namedLocks.get(name);
  return holder !== undefined && node.connections.has(holder) ? holder : null;
}

/** Lock names are not told apart by case, as on the real server. */
function lockName(args: readonly Cell[]): string {
  return String(args[0] ?? "").toLowerCase();
}

export function getLock(session: SqlSession, args: readonly Cell[]): Cell {
  const name = lockName(args);
  const isFree = (): boolean => {
    const holder = holderOf(session, name);
    return holder === null || holder === session.connection.id;
  };
  if (!waitUntil(session, Math.max(0, toNumber(args[1] ?? 0)), isFree)) return 0;
  session.node.namedLocks.set(name, session.connection.id);
  return 1;
}

export function releaseLock(session: SqlSession, args: readonly Cell[]): Cell {
  const name = lockName(args);
  const holder = holderOf(session, name);
  if (holder === null) return null;
  if (holder !== session.connection.id) return 0;
  session.node.namedLocks.delete(name);
  return 1;
}

export function isUsedLock(session: SqlSession, args: readonly Cell[]): Cell {
  return holderOf(session, lockName(args));
}
