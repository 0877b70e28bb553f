import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { type LabAccount, labAccounts } from "./accounts.ts";
import type { LabHaproxy } from "./haproxy.ts";
import type { LabNode } from "./node.ts";
import type { TopologyShape } from "./topology.ts";

function writeSecret(dir: string, account: LabAccount): string {
  const file = join(dir, `${account.user}.password`);
  writeFileSync(file, `${account.password}\n`, { mode: 0o600 });
  return file;
}

/** Writes `signalbox.yaml` and its password files into `dir`; returns the path. */
export function writeConfigFile(
  dir: string,
  shape: TopologyShape,
  nodes: readonly LabNode[],
  haproxies: readonly LabHaproxy[],
): string {
  const writer = shape.listens.find((listen) => listen.role === "write");
  const readers = shape.listens.filter((listen) => listen.role === "read").map((listen) => listen.name);
  const config = {
    interval: "1s",
    mysql: { user: labAccounts.ops.user, password_file: writeSecret(dir, labAccounts.ops), tls: "preferred" },
    clusters: [
      {
        name: "lab",
        haproxy: haproxies.map(({ name, socketPath }) => ({ name, socket: `unix://${socketPath}` })),
        nodes: nodes.map(({ name, host, port }) => ({ name, address: `${host}:${port}` })),
        ...(writer
          ? {
              writer: {
                backend: writer.name,
                address: `127.0.0.1:${haproxies[0]?.port("write")}`,
                ...(shape.multiWriter ? { multi_writer: true } : {}),
              },
            }
          : {}),
        ...(readers.length > 0 ? { readers } : {}),
        replication: { user: labAccounts.repl.user, password_file: writeSecret(dir, labAccounts.repl) },
      },
    ],
  };
  const file = join(dir, "signalbox.yaml");
  writeFileSync(file, stringify(config), { mode: 0o600 });
  return file;
}
