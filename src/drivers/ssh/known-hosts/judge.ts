/** Is this the host it should be? Only a line that has this very key for this very name says yes. */
import { createHash } from "node:crypto";
import { matchesHost } from "./match.ts";
import { type KnownHostsLine, readKeyType } from "./parse.ts";

export type HostKeyVerdict =
  | { readonly verdict: "known" }
  | { readonly verdict: "revoked"; readonly line: KnownHostsLine }
  /** Other keys of this type are there for this host. */
  | { readonly verdict: "changed"; readonly lines: readonly KnownHostsLine[] }
  /** Nothing of this type is there for this host. */
  | {
      readonly verdict: "unknown";
      readonly otherTypes: readonly KnownHostsLine[];
      readonly authorities: readonly KnownHostsLine[];
    };

/** @param name as in `formatKnownHostName`, or a HostKeyAlias */
export function judgeHostKey(lines: readonly KnownHostsLine[], name: string, key: Buffer): HostKeyVerdict {
  const ours = lines.filter(({ hosts }) => matchesHost(hosts, name));
  const revoked = ours.find((line) => line.marker === "revoked" && line.key.equals(key));
  if (revoked !== undefined) return { verdict: "revoked", line: revoked };
  const plain = ours.filter(({ marker }) => marker === null);
  if (plain.some((line) => line.key.equals(key))) return { verdict: "known" };
  const keyType = readKeyType(key);
  const sameType = plain.filter((line) => line.keyType === keyType);
  if (sameType.length > 0) return { verdict: "changed", lines: sameType };
  return {
    verdict: "unknown",
    otherTypes: plain,
    authorities: ours.filter(({ marker }) => marker === "cert-authority"),
  };
}

/** Signature algorithms by what they prove: a key of this type. */
const ALGORITHMS: readonly (readonly [keyType: string, algorithms: readonly string[]])[] = [
  ["ssh-ed25519", ["ssh-ed25519"]],
  ["ecdsa-sha2-nistp256", ["ecdsa-sha2-nistp256"]],
  ["ecdsa-sha2-nistp384", ["ecdsa-sha2-nistp384"]],
  ["ecdsa-sha2-nistp521", ["ecdsa-sha2-nistp521"]],
  ["ssh-rsa", ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"]],
];

/**
 * Algorithms to ask for, those first whose key is known for the host: a server shows one key only, and one of another type would look
 * unknown although it is the right host.
 */
export function orderHostKeyAlgorithms(lines: readonly KnownHostsLine[], name: string): readonly string[] {
  const known = new Set(
    lines.filter(({ marker, hosts }) => marker === null && matchesHost(hosts, name)).map(({ keyType }) => keyType),
  );
  const pick = (wanted: boolean) => ALGORITHMS.filter(([keyType]) => known.has(keyType) === wanted);
  return [...pick(true), ...pick(false)].flatMap(([, algorithms]) => algorithms);
}

/** As `ssh-keygen -l` shows it. */
export function formatFingerprint(key: Buffer): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}
