/** Advisory locks: their statements and who holds one. */
import type { LockHolder } from "../contract.ts";
import { numberOf, type Row, textOf } from "./rows.ts";

/** Column `granted`: 1, 0 (another session has it), NULL (error). */
export function buildGetLock(name: string, waitSeconds: number): string {
  return `SELECT GET_LOCK('${name}', ${Math.max(0, Math.ceil(waitSeconds))}) AS granted`;
}

/** Column `released`: 1, 0 (another session has it), NULL (nobody has it). */
export function buildReleaseLock(name: string): string {
  return `SELECT RELEASE_LOCK('${name}') AS released`;
}

export function buildLockHolder(name: string): string {
  return `SELECT IS_USED_LOCK('${name}') AS id, CONNECTION_ID() AS own`;
}

/** Who a connection is; no row when it has gone or may not be seen. */
export function buildSessionOwner(table: string, id: number): string {
  return `SELECT user, host, time AS held FROM ${table} WHERE id = ${id}`;
}

/** Null when nobody holds it. @param owner row of `buildSessionOwner`, or null */
export function parseLockHolder(row: Row | undefined, owner: Row | null): LockHolder | null {
  const connectionId = row === undefined ? null : numberOf(row, "id");
  if (row === undefined || connectionId === null) return null;
  return {
    connectionId,
    user: owner === null ? null : textOf(owner, "user"),
    host: owner === null ? null : textOf(owner, "host"),
    heldSeconds: owner === null ? null : numberOf(owner, "held"),
    own: numberOf(row, "own") === connectionId,
  };
}
