/** Lines of known_hosts files (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). */

export interface KnownHostsLine {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly marker: "revoked" | "cert-authority" | null;
  /** Comma-separated patterns, or one hashed name. */
  readonly hosts: string;
  readonly keyType: string;
  /** The key as the server sends it. */
  readonly key: Buffer;
}

const MARKERS: Readonly<Record<string, KnownHostsLine["marker"]>> = {
  "@revoked": "revoked",
  "@cert-authority": "cert-authority",
};

/** Lines that are none (comments, the format of SSH 1, unknown markers, broken keys) are left out: they make nothing known. */
export function parseKnownHosts(file: string, text: string): readonly KnownHostsLine[] {
  return text.split(/\r?\n/).flatMap((written, index) => {
    const words = written.trim().split(/\s+/);
    const first = words[0] ?? "";
    if (first === "" || first.startsWith("#")) return [];
    let marker: KnownHostsLine["marker"] = null;
    if (first.startsWith("@")) {
      marker = MARKERS[first] ?? null;
      if (marker === null) return [];
      words.shift();
    }
    const [hosts = "", keyType = "", encoded = ""] = words;
    const key = Buffer.from(encoded, "base64");
    return readKeyType(key) === keyType && keyType !== ""
      ? [{ file, line: index + 1, marker, hosts, keyType, key }]
      : [];
  });
}

/** Type in the first string of a key blob; null when it is no key blob. */
export function readKeyType(key: Buffer): string | null {
  if (key.length < 8) return null;
  const length = key.readUInt32BE(0);
  return length > 0 && length <= key.length - 4 ? key.toString("latin1", 4, 4 + length) : null;
}
