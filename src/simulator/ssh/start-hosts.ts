/** sshd of every simulated host, with keys that live as long as the simulator, and the files a client of theirs needs. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { World } from "../world/state.ts";
import { createKey } from "./create-key.ts";
import { type HostServer, startHostServer } from "./host-server.ts";
import { sshUser } from "./place.ts";

export interface SimulatedHosts {
  readonly configFile: string;
  readonly knownHostsFile: string;
  close(): Promise<void>;
}

interface HostsOptions {
  readonly world: World;
  /** Gets the key of the client, its configuration and the keys of the hosts. */
  readonly folder: string;
  readonly socketPathOf: (haproxy: string) => string | undefined;
  readonly refresh: () => void;
}

type SshLibrary = typeof import("ssh2");

/** A CommonJS module: a bundle of esbuild gives `default` only. */
async function loadLibrary(): Promise<SshLibrary> {
  const loaded: SshLibrary & { readonly default?: SshLibrary } = await import("ssh2");
  return loaded.default ?? loaded;
}

interface Started {
  readonly name: string;
  readonly server: HostServer;
  readonly publicKey: string;
}

/** Names and ports; nothing of the user's own configuration or agent takes part. */
function buildClientConfig(hosts: readonly Started[], keyFile: string): string {
  const one = ({ name, server }: Started): string =>
    `Host ${name}\n  HostName 127.0.0.1\n  Port ${server.port}\n  User ${sshUser}\n`;
  return `${hosts.map(one).join("")}Host *\n  IdentityFile "${keyFile}"\n  IdentitiesOnly yes\n  IdentityAgent none\n`;
}

/** @throws system errors when no port can be had or a file cannot be written */
export async function startHosts({ world, folder, socketPathOf, refresh }: HostsOptions): Promise<SimulatedHosts> {
  const library = await loadLibrary();
  const { utils } = library;
  const key = createKey(utils);
  const clientKey = key.parsed;
  const started = await Promise.all(
    world.hosts.map(async (host): Promise<Started> => {
      const hostKey = createKey(utils);
      const place = { world, host, hostKey: hostKey.private, clientKey, socketPathOf, refresh };
      return { name: host.name, server: await startHostServer(library, place), publicKey: hostKey.public };
    }),
  );
  await mkdir(folder, { mode: 0o700 });
  const [keyFile, configFile, knownHostsFile] = ["id_ed25519", "config", "known_hosts"].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  const knownHosts = started.map(({ server, publicKey }) => `[127.0.0.1]:${server.port} ${publicKey.trim()}\n`);
  await Promise.all([
    writeFile(keyFile, key.private, { mode: 0o600 }),
    writeFile(configFile, buildClientConfig(started, keyFile), { mode: 0o600 }),
    writeFile(knownHostsFile, knownHosts.join(""), { mode: 0o600 }),
  ]);
  return {
    configFile,
    knownHostsFile,
    close: async () => {
      await Promise.all(started.map(({ server }) => server.close()));
    },
  };
}
