/** The configuration file that fits a running simulator. */

export interface ConfigParts {
  readonly cluster: string;
  readonly haproxies: readonly { readonly name: string; readonly socket: string }[];
  readonly nodes: readonly {
    readonly name: string;
    readonly host: string;
    readonly port: number;
    /** `user@host`; null: reached directly. */
    readonly ssh: string | null;
  }[];
  readonly user: string;
  readonly password: string;
  readonly writer: {
    readonly backend: string;
    /** Where clients connect for writes, `host:port`. */
    readonly address: string;
    readonly multiWriter: boolean;
  };
  readonly readers: readonly string[];
  /** The address that moves between hosts; null: there is none. */
  readonly floatingIp: string | null;
  /** Null where nothing goes through SSH. */
  readonly ssh: { readonly configFile: string; readonly knownHostsFile: string } | null;
  readonly replication: { readonly user: string; readonly password: string };
}

/** Every text is written as a JSON string, which YAML reads the same. */
export function buildConfigText(parts: ConfigParts): string {
  const { cluster, haproxies, nodes, user, password, writer, readers, replication, floatingIp, ssh } = parts;
  const quote = (text: string): string => JSON.stringify(text);
  return [
    "# Simulated cluster: nothing outside this machine is touched.",
    "interval: 1s",
    "mysql:",
    `  user: ${quote(user)}`,
    `  password: ${quote(password)}`,
    '  tls: "off"',
    "clusters:",
    `  - name: ${quote(cluster)}`,
    "    haproxy:",
    ...haproxies.flatMap(({ name, socket }) => [`      - name: ${quote(name)}`, `        socket: ${quote(socket)}`]),
    "    nodes:",
    ...nodes.flatMap(({ name, host, port, ssh: through }) => [
      `      - name: ${quote(name)}`,
      `        address: ${quote(`${host}:${port}`)}`,
      ...(through === null ? [] : [`        ssh: ${quote(through)}`]),
    ]),
    "    writer:",
    `      backend: ${quote(writer.backend)}`,
    `      address: ${quote(writer.address)}`,
    ...(writer.multiWriter ? ["      multi_writer: true"] : []),
    ...(readers.length === 0 ? [] : [`    readers: [${readers.map(quote).join(", ")}]`]),
    ...(floatingIp === null ? [] : [`    floating_ip: {address: ${quote(floatingIp)}}`]),
    "    replication:",
    `      user: ${quote(replication.user)}`,
    `      password: ${quote(replication.password)}`,
    ...(ssh === null
      ? []
      : ["ssh:", `  config: ${quote(ssh.configFile)}`, `  known_hosts: ${quote(ssh.knownHostsFile)}`]),
    "",
  ].join("\n");
}
