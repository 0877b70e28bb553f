/** From a configured endpoint to the hosts that are connected to, one after the other. */
import { existsSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { join } from "node:path";
import { formatSshEndpoint, parseSshEndpoint, type SshEndpoint } from "../endpoint.ts";
import { askSsh } from "./ask-ssh.ts";
import { buildHostConfig, type ConfigAround, type ConfigValues, type HostConfig } from "./host-config.ts";
import { readConfigFile } from "./parse-config.ts";

/** One host on the way; the last is the endpoint itself. */
export interface Hop extends HostConfig {
  /** As it was named: in our configuration, or in a ProxyJump. */
  readonly alias: string;
}

const MOST_HOPS = 8;

/**
 * @param configFile of our configuration; may be missing
 * @throws Error when the configuration cannot be read or makes no sense
 */
export async function resolveHops(endpoint: SshEndpoint, configFile: string): Promise<readonly Hop[]> {
  const around = readAround();
  const last = await resolveHost(endpoint, configFile, around);
  return resolveBefore(last, configFile, around, 1);
}

/** ssh jumps to the first host of a ProxyJump as that host's own configuration says, and to each of the others from the one before. */
async function resolveBefore(
  last: Hop,
  configFile: string,
  around: ConfigAround,
  depth: number,
): Promise<readonly Hop[]> {
  if (last.proxyJump.length === 0) return [last];
  if (depth + last.proxyJump.length > MOST_HOPS)
    throw new Error(`the way to ${last.alias} has more than ${MOST_HOPS} hosts; is there a circle in ProxyJump?`);
  const endpoints = last.proxyJump.map((written) => {
    const endpoint = parseSshEndpoint(written);
    if (endpoint === null) throw new Error(`ProxyJump of ${last.alias} is not understood: ${written}`);
    return endpoint;
  });
  const [first, ...others] = await Promise.all(endpoints.map((each) => resolveHost(each, configFile, around)));
  if (first === undefined) return [last];
  const before = await resolveBefore(first, configFile, around, depth + endpoints.length);
  return [...before, ...others, last];
}

async function resolveHost(endpoint: SshEndpoint, configFile: string, around: ConfigAround): Promise<Hop> {
  const values = await readValues(endpoint, configFile, around);
  return { ...buildHostConfig(values, endpoint.host, around), alias: formatSshEndpoint(endpoint) };
}

async function readValues(endpoint: SshEndpoint, configFile: string, around: ConfigAround): Promise<ConfigValues> {
  const told = await askSsh(endpoint, selectFileArgument(configFile));
  if (told !== null) return told;
  const { user, host, port } = endpoint;
  const values = new Map(readConfigFile(configFile, host, around.homeDir));
  if (user !== null) values.set("user", [user]);
  if (port !== null) values.set("port", [String(port)]);
  return values;
}

/** Null where ssh would read this file anyway: named, it would keep ssh from the system's own file. `none` where there is no file. */
export function selectFileArgument(configFile: string): string | null {
  if (configFile === join(readHome(), ".ssh/config")) return null;
  return existsSync(configFile) ? configFile : "none";
}

/** ssh goes by the account, not by $HOME. */
function readHome(): string {
  try {
    return userInfo().homedir;
  } catch {
    return process.env.HOME ?? "/";
  }
}

function readAround(): ConfigAround {
  const { env } = process;
  try {
    return { homeDir: homedir(), userName: userInfo().username, env };
  } catch {
    return { homeDir: env.HOME ?? "/", userName: env.USER ?? "root", env };
  }
}
