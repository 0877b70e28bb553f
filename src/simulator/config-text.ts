/** The configuration file that fits a running simulator. */

export interface ConfigParts {
  readonly cluster: string;
  readonly haproxies: readonly { readonly name: string; readonly socketPath: string }[];
  readonly nodes: readonly { readonly name: string; readonly host: string; readonly port: number }[];
  readonly user: string;
  readonly password: string;
}

/** Every text is written as a JSON string, which YAML reads the same. */
export function buildConfigText({ cluster, haproxies, nodes, user, password }: ConfigParts): string {
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
    '    writer: {backend: "write_nodes"}',
    '    readers: ["read_nodes"]',
    "",
  ].join("\n");
}
