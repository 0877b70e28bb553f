/** What is said of a host key that is not accepted: the fingerprint, the line to compare it with, and the line that would make it known. */
import { formatFingerprint, type HostKeyVerdict } from "./judge.ts";
import { type KnownHostsLine, readKeyType } from "./parse.ts";

export interface HostKeyRefusal {
  readonly code: "HOST_KEY_UNKNOWN" | "HOST_KEY_CHANGED" | "HOST_KEY_REVOKED";
  readonly message: string;
  readonly advice: string;
}

interface Shown {
  /** Name under which the host would be known. */
  readonly name: string;
  readonly key: Buffer;
  /** File to which a line would be added. */
  readonly file: string;
}

/** Null for a known key. */
export function describeHostKey(verdict: HostKeyVerdict, { name, key, file }: Shown): HostKeyRefusal | null {
  const keyType = readKeyType(key) ?? "unknown type";
  const shown = `${keyType} ${formatFingerprint(key)}`;
  const line = `${name} ${keyType} ${key.toString("base64")}`;
  const compare = `Compare the fingerprint on the host itself (ssh-keygen -lf /etc/ssh/${hostKeyFile(keyType)})`;
  switch (verdict.verdict) {
    case "known":
      return null;
    case "revoked":
      return {
        code: "HOST_KEY_REVOKED",
        message: `The host key of ${name} is revoked (${place(verdict.line)}): it shows ${shown}.`,
        advice: "Somebody may have stolen this key. Do not connect before the host has a new one.",
      };
    case "changed":
      return {
        code: "HOST_KEY_CHANGED",
        message: `The host key of ${name} has changed: it shows ${shown}, and known is ${verdict.lines.map(formatKnown).join(", ")}.`,
        advice: `Somebody may be listening in between. ${compare}; only if the host has really got a new key, put this line in place of ${verdict.lines.map(place).join(", ")}: ${line}`,
      };
    case "unknown":
      return {
        code: "HOST_KEY_UNKNOWN",
        message: `The host key of ${name} is not known: it shows ${shown}.${describeOthers(verdict.otherTypes, verdict.authorities)}`,
        advice: `${compare}; if it is the same, add this line to ${file}: ${line}`,
      };
  }
}

function describeOthers(otherTypes: readonly KnownHostsLine[], authorities: readonly KnownHostsLine[]): string {
  if (otherTypes.length > 0) return ` Known are keys of other types: ${otherTypes.map(formatKnown).join(", ")}.`;
  if (authorities.length === 0) return "";
  return ` Only a certificate authority is listed (${authorities.map(place).join(", ")}), and certificates are not read here: set \`ssh: {transport: openssh}\`.`;
}

function formatKnown(line: KnownHostsLine): string {
  return `${line.keyType} ${formatFingerprint(line.key)} (${place(line)})`;
}

function place({ file, line }: KnownHostsLine): string {
  return `${file}:${line}`;
}

function hostKeyFile(keyType: string): string {
  const kind = keyType.startsWith("ecdsa") ? "ecdsa" : keyType.replace(/^ssh-/, "");
  return `ssh_host_${/^[a-z0-9]+$/.test(kind) ? kind : "*"}_key.pub`;
}
