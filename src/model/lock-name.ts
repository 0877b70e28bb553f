/** Name of the advisory lock that keeps two operators from changing one cluster at once: every console must come to the same one. */
import { createHash } from "node:crypto";

/** MySQL 5.7+ refuses a longer name (3057). */
const MAX_LENGTH = 64;
const PREFIX = "signalbox:";
const HASH_LENGTH = 16;

/** Lock of a cluster, `signalbox:<cluster>`; the same name always gives the same lock, also when it is too long or has odd characters. */
export function buildLockName(cluster: string): string {
  const plain = `${PREFIX}${cluster}`;
  if (isLockName(plain)) return plain;
  const hash = createHash("sha256").update(cluster).digest("hex").slice(0, HASH_LENGTH);
  const room = MAX_LENGTH - PREFIX.length - HASH_LENGTH - 1;
  return `${PREFIX}${cluster.replaceAll(/[^A-Za-z0-9_.:-]/g, "_").slice(0, room)}-${hash}`;
}

/** True for a name that needs no escape and is short enough for every server. */
export function isLockName(name: string): boolean {
  return /^[A-Za-z0-9_.:-]+$/.test(name) && name.length <= MAX_LENGTH;
}
