/** Advisory locks: their names, their statements and who holds one. */
import { createHash } from "node:crypto";
import type { LockHolder } from "../contract.ts";
import { numberOf, type Row, textOf } from "./rows.ts";

/** MySQL 5.7+ refuses a longer name (3057). */
export const maxLockNameLength = 64;
const PREFIX = "signalbox:";
const HASH_LENGTH = 16;

/** Lock of a cluster, `signalbox:<cluster>`; the same name always gives the same lock, also when it is too long or has odd characters. */
export function buildLockName(cluster: string): string {
  const plain = `${PREFIX}${cluster}`;
  if (plain.length <= maxLockNameLength && isLockName(plain)) return plain;
  const hash = createHash("sha256").update(cluster).digest("hex").slice(0, HASH_LENGTH);
  const room = maxLockNameLength - PREFIX.length - HASH_LENGTH - 1;
  return `${PREFIX}${cluster.replaceAll(/[^A-Za-z0-9_.:-]/g, "_").slice(0, room)}-${hash}`;
}

/** True for a name that needs no escape and is short enough for every server. */
export function isLockName(name: string): boolean {
  return /^[A-Za-z0-9_.:-]+$/.test(name) && name.length <= maxLockNameLength;
}

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
  return `SELECT user, host FROM ${table} WHERE id = ${id}`;
}

/** Null when nobody holds it. @param owner row of `buildSessionOwner`, or null */
export function parseLockHolder(row: Row | undefined, owner: Row | null): LockHolder | null {
  const connectionId = row === undefined ? null : numberOf(row, "id");
  if (row === undefined || connectionId === null) return null;
  return {
    connectionId,
    user: owner === null ? null : textOf(owner, "user"),
    host: owner === null ? null : textOf(owner, "host"),
    own: numberOf(row, "own") === connectionId,
  };
}
