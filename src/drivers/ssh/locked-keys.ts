/** Which key files want a passphrase before they can be used: asked for while there still is a plain terminal. */
import type { SshSettings } from "../../model/settings.ts";
import { DriverError } from "../errors.ts";
import { readPlainFile } from "../read-plain-file.ts";
import { createBuiltinTransport } from "./builtin-transport.ts";
import { resolveHops } from "./config/resolve.ts";
import { loadCredentials } from "./credentials.ts";
import { formatSshEndpoint, type SshEndpoint } from "./endpoint.ts";
import { loadSshLibrary } from "./library.ts";

const LOGIN_TIMEOUT_MS = 4_000;

/**
 * Files without whose passphrase the endpoint cannot be logged in to, as far as it can be told: those of hosts for which there is no other key,
 * and, where there is, those of hosts that have just refused it. Never rejects: what else is wrong shows when a stream is opened.
 */
export async function findLockedKeys(endpoint: SshEndpoint, settings: SshSettings): Promise<readonly string[]> {
  const library = await loadSshLibrary();
  const needed: string[] = [];
  const perhaps: string[] = [];
  try {
    for (const hop of await resolveHops(endpoint, settings.configFile)) {
      const { locked, methods } = await loadCredentials(hop, settings.passphrases ?? [], library);
      (methods.length === 0 ? needed : perhaps).push(...locked);
    }
  } catch {
    return [];
  }
  if (needed.length > 0 || perhaps.length === 0) return [...new Set(needed)];
  return (await isRefused(endpoint, settings)) ? [...new Set(perhaps)] : [];
}

async function isRefused(endpoint: SshEndpoint, settings: SshSettings): Promise<boolean> {
  const transport = createBuiltinTransport(settings);
  try {
    await transport.login(endpoint, formatSshEndpoint(endpoint), AbortSignal.timeout(LOGIN_TIMEOUT_MS));
    return false;
  } catch (error) {
    return error instanceof DriverError && error.serverCode === "KEY_LOCKED";
  } finally {
    await transport.close();
  }
}

/** True when the passphrase opens the key. */
export async function opensKey(file: string, passphrase: string): Promise<boolean> {
  const library = await loadSshLibrary();
  const key = library.utils.parseKey(await readPlainFile(file), passphrase);
  return !(key instanceof Error);
}
