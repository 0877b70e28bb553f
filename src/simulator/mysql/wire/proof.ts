/** How clients prove that they know a password, without sending it. */
import { createHash, timingSafeEqual } from "node:crypto";

export interface LoginPlugin {
  readonly name: string;
  /** What a client sends for this password; empty for an empty one. */
  readonly buildProof: (password: string, nonce: Buffer) => Buffer;
  /** Sent before the OK of a login with a password; null when nothing is. */
  readonly accepted: Buffer | null;
}

function digest(algorithm: "sha1" | "sha256", ...parts: Buffer[]): Buffer {
  const hash = createHash(algorithm);
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function xor(left: Buffer, right: Buffer): Buffer {
  return Buffer.from(left.map((byte, index) => byte ^ (right[index] ?? 0)));
}

/** SHA1(password) xor SHA1(nonce + SHA1(SHA1(password))). */
export const nativePassword: LoginPlugin = {
  name: "mysql_native_password",
  buildProof: (password, nonce) => {
    if (password === "") return Buffer.alloc(0);
    const once = digest("sha1", Buffer.from(password, "utf8"));
    return xor(once, digest("sha1", nonce, digest("sha1", once)));
  },
  accepted: null,
};

/**
 * SHA256(password) xor SHA256(SHA256(SHA256(password)) + nonce), and "fast authentication succeeded": a server that has seen the account
 * before has it in its cache, and asks neither for TLS nor for RSA.
 */
export const cachingSha2Password: LoginPlugin = {
  name: "caching_sha2_password",
  buildProof: (password, nonce) => {
    if (password === "") return Buffer.alloc(0);
    const once = digest("sha256", Buffer.from(password, "utf8"));
    return xor(once, digest("sha256", digest("sha256", once), nonce));
  },
  accepted: Buffer.from([0x01, 0x03]),
};

export function isProofOf({ buildProof }: LoginPlugin, password: string, nonce: Buffer, proof: Buffer): boolean {
  const expected = buildProof(password, nonce);
  return expected.length === proof.length && timingSafeEqual(expected, proof);
}
