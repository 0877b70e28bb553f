/** Throw-away keys for the lab's sshd and those who log in to it. */
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";

export interface LabKey {
  /** Private half, mode 600; the public one is beside it as `.pub`. */
  readonly file: string;
  /** `ssh-ed25519 AAAA…` */
  readonly publicLine: string;
  readonly passphrase: string | null;
}

type KeyKind = "ed25519" | "ecdsa" | "rsa";

const BITS: Readonly<Record<KeyKind, readonly string[]>> = { ed25519: [], ecdsa: ["-b", "256"], rsa: ["-b", "2048"] };

/** By OpenSSH itself: ssh2's generator drops a leading zero byte, so one of its ed25519 keys in 256 cannot be read by sshd. */
export function createKey(file: string, kind: KeyKind = "ed25519", passphrase: string | null = null): LabKey {
  // ssh-keygen asks before it writes over a key that is there.
  for (const old of [file, `${file}.pub`]) rmSync(old, { force: true });
  execFileSync("ssh-keygen", ["-q", "-t", kind, ...BITS[kind], "-N", passphrase ?? "", "-C", "lab", "-f", file]);
  const publicLine = readFileSync(`${file}.pub`, "utf8").split(" ").slice(0, 2).join(" ");
  return { file, publicLine, passphrase };
}
