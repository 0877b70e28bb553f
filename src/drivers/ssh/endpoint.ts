/** Who is logged in where, and what is reached from there. */

/** A host as configured: what is null is left to the SSH configuration. */
export interface SshEndpoint {
  readonly user: string | null;
  /** Name or alias, without brackets. */
  readonly host: string;
  readonly port: number | null;
}

/** What the far host connects to for us. */
export type SshDestination =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number };

/** Null when it is not `[user@]host[:port]`, with or without `ssh://` before it; an IPv6 address needs brackets when a port follows. */
export function parseSshEndpoint(text: string): SshEndpoint | null {
  const bare = text.replace(/^ssh:\/\//, "").replace(/\/$/, "");
  const match = /^(?:(.*)@)?(\[[^\]]+\]|[^@\s[\]]+?)(?::(\d{1,5}))?$/.exec(bare);
  if (match === null) return null;
  const [, user = null, written = "", port] = match;
  const host = written.replace(/^\[(.*)\]$/, "$1");
  // An address without brackets: what looks like its port is its last group.
  if (host.includes(":") && !written.startsWith("["))
    return { user, host: port === undefined ? host : `${host}:${port}`, port: null };
  if (host === "" || host.startsWith("-") || user === "" || user?.startsWith("-")) return null;
  return { user, host, port: port === undefined ? null : Number(port) };
}

/** `user@host:port` as far as it is known; for messages and as a key. */
export function formatSshEndpoint({ user, host, port }: SshEndpoint): string {
  const name = host.includes(":") ? `[${host}]` : host;
  return `${user === null ? "" : `${user}@`}${name}${port === null ? "" : `:${port}`}`;
}

export function formatDestination(destination: SshDestination): string {
  if (destination.kind === "unix") return destination.path;
  const { host, port } = destination;
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
