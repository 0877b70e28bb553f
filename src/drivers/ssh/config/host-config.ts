/** What the SSH configuration says of one host, whoever has read it. */

export interface HostConfig {
  /** Where to connect; the alias itself where nothing else is said. */
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
  /** Absolute paths, in the order they are tried; they need not be there. */
  readonly identityFiles: readonly string[];
  readonly identitiesOnly: boolean;
  /** Socket of the agent; null: none. */
  readonly agent: string | null;
  /** `[user@]host[:port]` of each host to jump over, first to last. */
  readonly proxyJump: readonly string[];
  /** True where a ProxyCommand is set: only OpenSSH itself can run it. */
  readonly hasProxyCommand: boolean;
  /** Beside the file of our own configuration. */
  readonly knownHostsFiles: readonly string[];
  readonly hostKeyAlias: string | null;
}

/** Values by lower-case keyword, each as written, in their order. */
export type ConfigValues = ReadonlyMap<string, readonly string[]>;

export interface ConfigAround {
  readonly homeDir: string;
  /** Login name here. */
  readonly userName: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const DEFAULT_IDENTITIES = ["id_rsa", "id_ecdsa", "id_ed25519"];
/** What `ssh -G` says where nobody has said anything: these are in the hands of our own `known_hosts` setting. */
const DEFAULT_KNOWN_HOSTS = /\/\.ssh\/known_hosts2?$/;

/** @param alias name asked for */
export function buildHostConfig(values: ConfigValues, alias: string, around: ConfigAround): HostConfig {
  const one = (keyword: string): string | null => values.get(keyword)?.[0] ?? null;
  const hostName = (one("hostname") ?? alias).replace(/%[hn%]/g, (token) => (token === "%%" ? "%" : alias));
  const port = Number(one("port") ?? 22);
  const user = one("user") ?? around.userName;
  const expand = (path: string): string => expandPath(path, { alias, hostName, port, user }, around);
  const identities = values.get("identityfile") ?? DEFAULT_IDENTITIES.map((name) => `~/.ssh/${name}`);
  const files = ["userknownhostsfile", "globalknownhostsfile"].flatMap((keyword) => splitWords(one(keyword) ?? ""));
  const jump = one("proxyjump") ?? "none";
  const command = one("proxycommand") ?? "none";
  return {
    hostName,
    port,
    user,
    identityFiles: [...new Set(identities.filter((file) => file.toLowerCase() !== "none").map(expand))],
    identitiesOnly: one("identitiesonly") === "yes",
    agent: selectAgent(one("identityagent"), expand, around),
    proxyJump: jump.toLowerCase() === "none" ? [] : jump.split(",").map((host) => host.trim()),
    hasProxyCommand: command.toLowerCase() !== "none",
    knownHostsFiles: files.filter((file) => file !== "none" && !DEFAULT_KNOWN_HOSTS.test(file)).map(expand),
    hostKeyAlias: one("hostkeyalias"),
  };
}

function selectAgent(written: string | null, expand: (path: string) => string, { env }: ConfigAround): string | null {
  const ambient = env.SSH_AUTH_SOCK || null;
  if (written === null || written === "SSH_AUTH_SOCK") return ambient;
  if (written.toLowerCase() === "none") return null;
  const variable = /^\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?$/.exec(written)?.[1];
  return variable === undefined ? expand(unquote(written)) : env[variable] || null;
}

interface Tokens {
  readonly alias: string;
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
}

function expandPath(written: string, tokens: Tokens, { homeDir, userName }: ConfigAround): string {
  const values: Readonly<Record<string, string>> = {
    "%": "%",
    d: homeDir,
    h: tokens.hostName,
    n: tokens.alias,
    p: String(tokens.port),
    r: tokens.user,
    u: userName,
  };
  const path = unquote(written).replace(/%(.)/g, (token, letter: string) => values[letter] ?? token);
  return path.startsWith("~/") ? `${homeDir}${path.slice(1)}` : path;
}

function unquote(text: string): string {
  return /^".*"$/s.test(text) ? text.slice(1, -1) : text;
}

/** Words of a line, where double quotes hold blanks together. */
export function splitWords(text: string): readonly string[] {
  return [...text.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
}
