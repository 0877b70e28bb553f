import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadSettings, readSurroundings } from "../../../src/config/load-settings.ts";
import { buildConfigText } from "../../../src/simulator/config-text.ts";

test("gives a configuration that signalbox accepts without a warning", async () => {
  const folder = await mkdtemp(join(tmpdir(), "signalbox-simulator-"));
  try {
    const configFile = join(folder, "signalbox.yaml");
    const nodes = [{ name: "db1", host: "127.0.0.1", port: 3301, ssh: "ops@server1" }];
    const haproxies = [{ name: "lb1", socket: 'unix:///tmp/odd "name"/lb1.sock' }];
    const text = buildConfigText({
      cluster: "demo",
      haproxies,
      nodes,
      user: "ops",
      password: "a: 'b' #c",
      writer: { backend: "write_nodes", address: "127.0.0.1:3306", multiWriter: false },
      readers: ["read_nodes"],
      floatingIp: "10.10.10.1",
      ssh: { configFile: '/tmp/odd "name"/config', knownHostsFile: "/tmp/known hosts" },
      replication: { user: "repl", password: "s3: #x" },
    });
    await writeFile(configFile, text, { mode: 0o600 });
    const request = {
      configFile,
      cluster: null,
      haproxyUrls: [],
      mysqlUrls: [],
      readOnly: false,
      theme: null,
      interval: null,
    };
    const { settings } = await loadSettings(request, readSurroundings({}, folder));
    expect(settings.warnings).toEqual([]);
    expect(settings.clusters).toMatchObject([
      {
        name: "demo",
        haproxies: [{ name: "lb1", location: { kind: "unix", path: '/tmp/odd "name"/lb1.sock' } }],
        nodes: [
          { name: "db1", ssh: "ops@server1", port: 3301, access: { user: "ops", password: { secret: "a: 'b' #c" } } },
        ],
        writer: { backend: "write_nodes", address: { host: "127.0.0.1", port: 3306 } },
        readers: ["read_nodes"],
        floatingIp: "10.10.10.1",
      },
    ]);
    expect(settings.ssh).toMatchObject({ configFile: '/tmp/odd "name"/config', knownHostsFile: "/tmp/known hosts" });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
