/** The configuration file that fits a running simulator. */

export interface ConfigParts {
  readonly cluster: string;
  readonly haproxies: readonly { readonly name: string; readonly socketPath: string }[];
  readonly nodes: readonly { readonly name: string; readonly host: string; readonly port: number }[];
  readonly user: string;
  readonly password: string;
  readonly writer: {
    readonly backend: string;
    /** Where clients connect for writes, `host:port`. */
    readonly address: string;
    readonly multiWriter: boolean;
  };
  readonly readers: readonly string[];
  readonly replication: { readonly user: string; readonly password: string };
}

/** Every text is written as a JSON string, which YAML reads the same. */
export function buildConfigText(parts: ConfigParts): string {
  const { cluster, haproxies, nodes, user, password, writer, readers, replication } = parts;
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
    ...haproxies.flatMap(({ name, socketPath }) => [
      `      - name: ${quote(name)}`,
      `        socket: ${quote(`unix://${socketPath}`)}`,
    ]),
    "    nodes:",
    ...nodes.flatMap(({ name, host, port }) => [
      `      - name: ${quote(name)}`,
      `        address: ${quote(`${host}:${port}`)}`,
    ]),
    "    writer:",
    `      backend: ${quote(writer.backend)}`,
    `      address: ${quote(writer.address)}`,
    ...(writer.multiWriter ? ["      multi_writer: true"] : []),
    ...(readers.length === 0 ? [] : [`    readers: [${readers.map(quote).join(", ")}]`]),
    "    replication:",
    `      user: ${quote(replication.user)}`,
    `      password: ${quote(replication.password)}`,
    "",
  ].join("\n");
}
