import { afterEach, describe, expect, it } from "vitest";
import { ConfigError, UsageError } from "../../../src/config/config-error.ts";
import { type Bench, CLUSTER, createBench } from "./load.ts";

let bench: Bench = createBench();
afterEach(() => bench.remove());

const named = (name: string) => CLUSTER.replace("shop", name);

async function clusterNames(request: Parameters<Bench["load"]>[0] = {}): Promise<readonly string[]> {
  const { settings } = await bench.load(request);
  return settings.clusters.map(({ name }) => name);
}

describe("which file is read", () => {
  it("--config, then $SIGNALBOX_CONFIG, then the folder, then the user's configuration", async () => {
    bench = createBench({ SIGNALBOX_CONFIG: "../env.yaml" });
    const config = bench.write("option.yaml", named("option"));
    const fromEnv = bench.write("env.yaml", named("env"));
    const local = bench.write("cwd/signalbox.yaml", named("local"));
    const user = bench.write("home/.config/signalbox/config.yaml", named("user"));
    const { env, ...rest } = bench.around;
    const plain = { ...rest, env: { PATH: env.PATH } };
    expect(await clusterNames({ configFile: config })).toEqual(["option"]);
    expect((await bench.load()).configPath).toBe(fromEnv);
    Object.assign(bench.around, plain);
    expect((await bench.load()).configPath).toBe(local);
    bench.write("cwd/other/x", "");
    Object.assign(bench.around, { ...plain, cwd: `${bench.dir}/cwd/other` });
    expect((await bench.load()).configPath).toBe(user);
  });

  it("$XDG_CONFIG_HOME stands in for ~/.config when it is absolute", async () => {
    bench = createBench();
    const xdg = bench.write("xdg/signalbox/config.yaml", named("xdg"));
    Object.assign(bench.around, { env: { XDG_CONFIG_HOME: `${bench.dir}/xdg` } });
    expect((await bench.load()).configPath).toBe(xdg);
    Object.assign(bench.around, { env: { XDG_CONFIG_HOME: "xdg" } });
    const user = bench.write("home/.config/signalbox/config.yaml", named("user"));
    expect((await bench.load()).configPath).toBe(user);
  });

  it("a file that was named must be there", async () => {
    bench = createBench({ SIGNALBOX_CONFIG: "/nonexistent/a.yaml" });
    bench.write("cwd/signalbox.yaml", CLUSTER);
    await expect(bench.load()).rejects.toThrow("/nonexistent/a.yaml: no such file; $SIGNALBOX_CONFIG names it");
    await expect(bench.load({ configFile: "b.yaml" })).rejects.toThrow(
      `${bench.around.cwd}/b.yaml: no such file; --config names it`,
    );
    await expect(bench.load({ configFile: bench.dir })).rejects.toThrow("is a directory");
  });

  it("with no file and no endpoint the searched places are named", async () => {
    bench = createBench();
    const failure = await bench.load().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ConfigError);
    expect(String(failure)).toContain(
      `${bench.around.cwd}/signalbox.yaml, ${bench.around.homeDir}/.config/signalbox/config.yaml`,
    );
  });
});

describe("what the settings hold", () => {
  it("defaults for everything that is not written", async () => {
    bench = createBench();
    bench.write("cwd/signalbox.yaml", CLUSTER);
    const { settings } = await bench.load();
    expect(settings).toMatchObject({ intervalMs: 1000, theme: "dark", readOnly: false, warnings: [] });
    expect(settings.ssh).toEqual({
      configFile: `${bench.around.homeDir}/.ssh/config`,
      knownHostsFile: `${bench.around.homeDir}/.ssh/known_hosts`,
    });
    expect(settings.clusters[0]).toEqual({
      name: "shop",
      haproxies: [{ name: "lb1", location: { kind: "unix", path: "/run/haproxy.sock" } }],
      nodes: [],
      access: {
        user: "tester",
        password: null,
        tls: { mode: "preferred", caFile: null, certFile: null, keyFile: null, serverName: null },
        connectTimeoutMs: 3000,
      },
      writer: null,
      readers: null,
      replication: null,
      heartbeatTable: null,
      heartbeatClock: "local",
      floatingIp: null,
      lag: { warningSeconds: 5, criticalSeconds: 30 },
      promotion: { maxLagSeconds: 10, writeStopBudgetSeconds: 30, lockWaitSeconds: 5 },
      alertHook: null,
    });
  });

  it("every key of a cluster", async () => {
    bench = createBench();
    bench.write("cwd/ca.pem", "x");
    bench.write(
      "cwd/signalbox.yaml",
      `interval: 250ms
theme: colour-blind
read_only: true
mysql: {user: ops, password: one, tls: verify-ca, ca: ca.pem, connect_timeout: 500ms}
clusters:
  - name: shop
    haproxy:
      - {name: lb4, stats: "http://admin:pw@10.0.0.5:8080/stats;csv"}
      - {name: px1, sql_admin: "proxysql://ad%6din@127.0.0.1", ssh: ops@px1, password: four}
      - {name: px2, sql_admin: "proxysql://root@[::1]:6033"}
    mysql: {user: cluster-user}
    nodes:
      - {name: db1, address: "[::1]:3307", servers: [w/db1], ssh: ops@db1, priority: prefer}
      - {name: db2, address: db2, mysql: {password: two, tls: "off"}}
    writer: {backend: w, address: 10.10.10.1, multi_writer: true}
    readers: [r, {backend: s, address: "10.10.10.1:3307"}]
    replication: {user: repl, password: three}
    heartbeat: {table: percona.heartbeat, utc: true}
    floating_ip: {address: 10.10.10.1}
    lag: {warning: 500ms, critical: 2m}
    promotion: {max_lag: 0s, write_stop_budget: 1m, lock_wait: 500ms}
    hooks: {alert: ~/bin/page --loud}
ssh: {config: ssh/config, known_hosts: /etc/known}
`,
    );
    const { settings } = await bench.load();
    expect(settings).toMatchObject({ intervalMs: 250, theme: "colour-blind", readOnly: true });
    expect(settings.ssh).toEqual({ configFile: `${bench.around.cwd}/ssh/config`, knownHostsFile: "/etc/known" });
    const [cluster] = settings.clusters;
    expect(cluster?.nodes).toEqual([
      {
        name: "db1",
        host: "::1",
        port: 3307,
        servers: ["w/db1"],
        ssh: "ops@db1",
        priority: "prefer",
        access: {
          user: "cluster-user",
          password: { secret: "one" },
          tls: {
            mode: "verify-ca",
            caFile: `${bench.around.cwd}/ca.pem`,
            certFile: null,
            keyFile: null,
            serverName: null,
          },
          connectTimeoutMs: 500,
        },
      },
      expect.objectContaining({
        name: "db2",
        port: 3306,
        priority: "neutral",
        access: expect.objectContaining({
          user: "cluster-user",
          password: { secret: "two" },
          tls: expect.objectContaining({ mode: "off" }),
        }),
      }),
    ]);
    expect(cluster).toMatchObject({
      haproxies: [
        {
          name: "lb4",
          location: { kind: "stats", url: "http://10.0.0.5:8080/stats", user: "admin", password: { secret: "pw" } },
        },
        {
          name: "px1",
          location: {
            kind: "sql-admin",
            product: "proxysql",
            host: "127.0.0.1",
            port: 6032,
            user: "admin",
            password: { secret: "four" },
            ssh: "ops@px1",
          },
        },
        {
          name: "px2",
          location: {
            kind: "sql-admin",
            product: "proxysql",
            host: "::1",
            port: 6033,
            user: "root",
            password: null,
            ssh: null,
          },
        },
      ],
      writer: { backend: "w", address: { host: "10.10.10.1", port: 3306 }, multiWriter: true },
      readers: ["r", "s"],
      readerAddresses: [{ backend: "s", host: "10.10.10.1", port: 3307 }],
      replication: { user: "repl", password: { secret: "three" } },
      heartbeatTable: "percona.heartbeat",
      heartbeatClock: "utc",
      floatingIp: "10.10.10.1",
      lag: { warningSeconds: 0.5, criticalSeconds: 120 },
      promotion: { maxLagSeconds: 0, writeStopBudgetSeconds: 60, lockWaitSeconds: 0.5 },
      alertHook: `${bench.around.homeDir}/bin/page --loud`,
    });
  });

  it("writer as a plain name, multi_writer beside it", async () => {
    bench = createBench();
    bench.write("cwd/signalbox.yaml", `${CLUSTER}    writer: write_nodes\n    multi_writer: true\n`);
    const { settings } = await bench.load();
    expect(settings.clusters[0]?.writer).toEqual({ backend: "write_nodes", address: null, multiWriter: true });
  });

  it("names that look like figures stay names", async () => {
    bench = createBench();
    bench.write(
      "cwd/signalbox.yaml",
      "mysql: {user: 1e3, password: 0x10}\nclusters: [{name: 007, haproxy: [{name: true, socket: /a}]}]\n",
    );
    const { settings } = await bench.load();
    expect(settings.clusters[0]).toMatchObject({
      name: "007",
      haproxies: [{ name: "true" }],
      access: { user: "1e3", password: { secret: "0x10" } },
    });
  });
});

describe("the command line", () => {
  it("wins over the file", async () => {
    bench = createBench();
    bench.write("cwd/signalbox.yaml", `interval: 5s\ntheme: light\n${CLUSTER}`);
    const { settings } = await bench.load({ interval: "2s", theme: "mono", readOnly: true });
    expect(settings).toMatchObject({ intervalMs: 2000, theme: "mono", readOnly: true });
  });

  it("chooses one cluster, and the secrets of the others are not even fetched", async () => {
    bench = createBench();
    bench.write(
      "cwd/signalbox.yaml",
      `${CLUSTER}${named("broken").replace("clusters:\n", "")}    mysql: {password_command: exit 3}\n`,
    );
    expect(await clusterNames({ cluster: "shop" })).toEqual(["shop"]);
    await expect(bench.load()).rejects.toThrow("clusters[1].mysql.password_command failed with exit code 3");
  });

  it("names the known clusters when one is unknown", async () => {
    bench = createBench();
    bench.write("cwd/signalbox.yaml", CLUSTER);
    const failure = await bench.load({ cluster: "shpo" }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UsageError);
    expect(String(failure)).toContain('no cluster is called "shpo" (did you mean shop?)');
  });

  it("makes a cluster of --haproxy and --mysql without any file", async () => {
    bench = createBench({ SIGNALBOX_MYSQL_PASSWORD: "canary" });
    const { settings, configPath } = await bench.load({
      haproxyUrls: ["unix:///a.sock", "tcp://127.0.0.1:1"],
      mysqlUrls: ["mysql://ops@127.0.0.1:3307", "mysql://127.0.0.1:3308", "mysql://db3"],
    });
    expect(configPath).toBeNull();
    const [cluster] = settings.clusters;
    expect(settings.clusters).toHaveLength(1);
    expect(cluster?.name).toBe("cluster");
    expect(cluster?.haproxies.map(({ name }) => name)).toEqual(["lb1", "lb2"]);
    expect(cluster?.nodes.map(({ name, access }) => [name, access.user, access.password?.secret])).toEqual([
      ["127.0.0.1:3307", "ops", "canary"],
      ["127.0.0.1:3308", "ops", "canary"],
      ["db3", "ops", "canary"],
    ]);
    expect(cluster?.access).toMatchObject({ user: "ops", password: { secret: "canary" } });
  });

  it("endpoints replace the clusters of a file, its other settings stay", async () => {
    bench = createBench();
    bench.write("cwd/signalbox.yaml", `theme: light\nmysql: {user: filed, password: p}\n${CLUSTER}`);
    const { settings } = await bench.load({ mysqlUrls: ["mysql://db9"], cluster: "mine" });
    expect(settings.theme).toBe("light");
    expect(settings.clusters).toMatchObject([
      { name: "mine", haproxies: [], nodes: [{ name: "db9", access: { user: "filed", password: { secret: "p" } } }] },
    ]);
  });

  it.each([
    [{ interval: "1" }, '--interval "1" has no unit; write 1s or 1ms'],
    [
      { theme: "lihgt" },
      '--theme "lihgt" is not a theme; dark, light, high-contrast, colour-blind, mono (did you mean light?)',
    ],
    [{ haproxyUrls: ["http://a:canary@lb:x/"] }, "--haproxy is not a URL; write http://user:password@host:port/path"],
    [{ mysqlUrls: ["mysql://ops:canary@db1"] }, "--mysql has a password, which everyone on this machine could read"],
    [{ cluster: "a\u001b[2J" }, '--cluster "a\\e[2J" has characters that cannot be printed'],
  ])("%j is refused", async (request, message) => {
    bench = createBench();
    const failure = await bench.load(request).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UsageError);
    expect(String(failure)).toContain(message);
    expect(String(failure)).not.toContain("canary");
  });

  it("warns of a password in a URL option", async () => {
    bench = createBench();
    const { settings } = await bench.load({ haproxyUrls: ["http://admin:canary@lb/stats"] });
    expect(settings.warnings).toEqual([expect.stringContaining("--haproxy is visible to everyone")]);
    expect(settings.warnings.join()).not.toContain("canary");
  });
});
