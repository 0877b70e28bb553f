/** Passphrases of SSH keys, asked for before the screen opens: later there is no terminal to ask on. */
import type { LoadedSettings } from "../config/load-settings.ts";
import type { SshEndpoint } from "../drivers/ssh/endpoint.ts";
import { printable } from "../model/printable.ts";
import type { KeyPassphrase, Settings } from "../model/settings.ts";
import { createSecretAsker } from "./ask-secret.ts";
import type { CliIo } from "./io.ts";

const MOST_TRIES = 3;

/** The same settings with the passphrases that were typed. Without a terminal nothing is asked: the login then says which key is locked. */
export async function unlockKeys(io: CliIo, loaded: LoadedSettings): Promise<LoadedSettings> {
  const { settings } = loaded;
  const ask = createSecretAsker(io);
  if (ask === null || settings.ssh.transport === "openssh" || !usesSsh(settings)) return loaded;
  const { findLockedKeys, opensKey } = await import("../drivers/ssh/locked-keys.ts");
  const passphrases: KeyPassphrase[] = [];
  const asked = new Set<string>();
  for (const endpoint of await listEndpoints(settings)) {
    for (const file of await findLockedKeys(endpoint, { ...settings.ssh, passphrases })) {
      if (asked.has(file)) continue;
      asked.add(file);
      // Said with the next question, from which on nothing is echoed: whoever reads it begins to type.
      let told = "";
      for (let tries = 1; tries <= MOST_TRIES; tries += 1) {
        const secret = await ask(`${told}Passphrase of ${printable(file)} (Enter: go on without it): `);
        told = "";
        if (secret === null || secret === "") break;
        if (await opensKey(file, secret)) {
          passphrases.push({ keyFile: file, passphrase: { secret } });
          break;
        }
        told = "That is not its passphrase.\n";
      }
      io.stderr.write(told);
    }
  }
  if (passphrases.length === 0) return loaded;
  return { ...loaded, settings: { ...settings, ssh: { ...settings.ssh, passphrases } } };
}

function usesSsh({ clusters }: Settings): boolean {
  return clusters.some(
    ({ haproxies, nodes }) =>
      haproxies.some(({ location }) => location.kind === "ssh") || nodes.some(({ ssh }) => ssh !== null),
  );
}

async function listEndpoints({ clusters }: Settings): Promise<readonly SshEndpoint[]> {
  const { formatSshEndpoint, parseSshEndpoint } = await import("../drivers/ssh/endpoint.ts");
  const found = clusters.flatMap(({ haproxies, nodes }) => [
    ...haproxies.flatMap(({ location }) => (location.kind === "ssh" ? [location] : [])),
    ...nodes.flatMap(({ ssh }) => (ssh === null ? [] : (parseSshEndpoint(ssh) ?? []))),
  ]);
  return [...new Map(found.map((endpoint) => [formatSshEndpoint(endpoint), endpoint])).values()];
}
