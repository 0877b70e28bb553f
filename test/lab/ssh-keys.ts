/** Throw-away keys for the lab's sshd and those who log in to it. */
import { writeFileSync } from "node:fs";
import ssh2 from "ssh2";

export interface LabKey {
  /** Private half, mode 600; the public one is beside it as `.pub`. */
  readonly file: string;
  /** `ssh-ed25519 AAAA…` */
  readonly publicLine: string;
  readonly passphrase: string | null;
}

type KeyKind = "ed25519" | "ecdsa" | "rsa";

const BITS = { ecdsa: { bits: 256 }, rsa: { bits: 2048 }, ed25519: {} } as const;

export function createKey(file: string, kind: KeyKind = "ed25519", passphrase: string | null = null): LabKey {
  const lock = passphrase === null ? {} : { passphrase, cipher: "aes256-ctr", rounds: 4 };
  const pair = ssh2.utils.generateKeyPairSync(kind as never, { ...BITS[kind], ...lock, comment: "lab" } as never);
  writeFileSync(file, pair.private, { mode: 0o600 });
  writeFileSync(`${file}.pub`, `${pair.public}\n`);
  return { file, publicLine: pair.public.split(" ").slice(0, 2).join(" "), passphrase };
}
