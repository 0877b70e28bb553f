/** Throw-away ed25519 keys. */
import type { ParsedKey, utils } from "ssh2";

export interface ThrowAwayKey {
  readonly private: string;
  readonly public: string;
  /** The public half, parsed. */
  readonly parsed: ParsedKey;
}

/** More than enough: one in 128 fails. */
const TRIES = 20;

/**
 * ssh2's generator (1.17) drops a leading zero byte, which makes one half of one pair in 128 unreadable: only a pair that signs and verifies is given.
 * @throws Error when none of many does
 */
export function createKey({ generateKeyPairSync, parseKey }: typeof utils): ThrowAwayKey {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const pair = generateKeyPairSync("ed25519");
    const [secret, parsed] = [parseKey(pair.private), parseKey(pair.public)];
    if (secret instanceof Error || parsed instanceof Error) continue;
    const proof = Buffer.from("signalbox");
    const signature = secret.sign(proof);
    if (signature instanceof Error || parsed.verify(proof, signature) !== true) continue;
    return { private: pair.private, public: pair.public, parsed };
  }
  throw new Error("ssh2 made no usable ed25519 key");
}
