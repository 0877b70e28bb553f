/** Two real sshd, one behind the other, and everything a client of theirs needs in one folder. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DriverError } from "../../../src/drivers/errors.ts";
import { createBuiltinTransport } from "../../../src/drivers/ssh/builtin-transport.ts";
import type { SshDestination, SshEndpoint } from "../../../src/drivers/ssh/endpoint.ts";
import type { SshTransport } from "../../../src/drivers/ssh/ssh-transport.ts";
import { createSshTransport } from "../../../src/drivers/ssh/transport.ts";
import type { KeyPassphrase, SshSettings } from "../../../src/model/settings.ts";
import { createKey, type LabKey } from "../../lab/ssh-keys.ts";
import { type LabSshd, startSshd } from "../../lab/sshd.ts";

export interface SshPlace {
  readonly dir: string;
  readonly jump: LabSshd;
  /** Named `far` in the configuration, with a ProxyJump over the other. */
  readonly far: LabSshd;
  readonly key: LabKey;
  readonly lockedKey: LabKey;
  readonly direct: SshEndpoint;
  readonly settings: SshSettings;
  /** Writes another known_hosts; default: both hosts. */
  writeKnownHosts(text?: string): void;
  /** Writes another configuration for both hosts. */
  writeConfig(lines: readonly string[]): void;
  open(passphrases?: readonly KeyPassphrase[]): SshTransport;
  /** The system's ssh instead of our own sessions. */
  openSystem(): SshTransport;
  stop(): Promise<void>;
}

export const FAR: SshEndpoint = { user: null, host: "far", port: null };

export async function startSshPlace(): Promise<SshPlace> {
  const dir = mkdtempSync(join(tmpdir(), "sbx-ssh-"));
  const key = createKey(join(dir, "id_plain"));
  const lockedKey = createKey(join(dir, "id_locked"), "ed25519", "correct horse");
  const authorized = [key, lockedKey];
  const jump = await startSshd({ dir: join(dir, "jump"), authorized });
  const far = await startSshd({ dir: join(dir, "far"), authorized, hostKeys: ["rsa", "ed25519"] });
  const settings = { configFile: join(dir, "config"), knownHostsFile: join(dir, "known_hosts") };
  const opened: SshTransport[] = [];
  const place: SshPlace = {
    dir,
    jump,
    far,
    key,
    lockedKey,
    direct: { user: null, host: "127.0.0.1", port: jump.port },
    settings,
    writeKnownHosts: (text = jump.knownHostsLines + far.knownHostsLines) =>
      writeFileSync(settings.knownHostsFile, text),
    writeConfig: (lines) =>
      writeFileSync(
        settings.configFile,
        `Host far\n HostName 127.0.0.1\n Port ${far.port}\n ProxyJump ${jump.target}\nHost *\n IdentitiesOnly yes\n${lines.join("\n")}\n`,
      ),
    open(passphrases = []) {
      const transport = createBuiltinTransport({ ...settings, passphrases });
      opened.push(transport);
      return transport;
    },
    openSystem() {
      const transport = createSshTransport({ ...settings, transport: "openssh" });
      opened.push(transport);
      return transport;
    },
    async stop() {
      for (const transport of opened) await transport.close();
      await Promise.all([jump.stop(), far.stop()]);
      rmSync(dir, { recursive: true, force: true });
    },
  };
  place.writeKnownHosts();
  place.writeConfig([` IdentityFile ${key.file}`, " IdentityAgent none"]);
  return place;
}

/** Opened, or the error. */
export async function tryOpen(
  transport: SshTransport,
  endpoint: SshEndpoint,
  destination: SshDestination,
  timeoutMs = 20_000,
): Promise<{
  readonly kind: string;
  readonly code: unknown;
  readonly message: string;
  readonly advice: string | null;
}> {
  try {
    const stream = await transport.open(endpoint, destination, "it", AbortSignal.timeout(timeoutMs));
    stream.on("error", () => undefined);
    stream.destroy();
    return { kind: "open", code: null, message: "", advice: null };
  } catch (error) {
    if (!(error instanceof DriverError)) throw error;
    return { kind: error.kind, code: error.serverCode, message: error.message, advice: error.advice };
  }
}
