import { createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createHaproxyReader } from "../../src/drivers/haproxy/reader.ts";
import type { HaproxyReport } from "../../src/model/haproxy.ts";
import type { AdminServer } from "../lab/sql-proxies/admin-server.ts";
import { startAtlasStandIn, startMysqlProxyStandIn } from "../lab/sql-proxies/agents.ts";
import { buildProxysqlServer, startProxysqlStandIn } from "../lab/sql-proxies/proxysql.ts";
import { waitFor } from "../lab/wait.ts";
import { boundsOf, buildSettings, readOnce } from "./support/sql-proxies.ts";

const running: AdminServer[] = [];
afterEach(() => Promise.all(running.splice(0).map((server) => server.stop())));

function keep<T extends AdminServer>(server: T): T {
  running.push(server);
  return server;
}

const shown = ({ servers }: HaproxyReport) =>
  servers.map(({ backend, server, state, status }) => `${backend}/${server} ${status} ${state}`);

const startProxysql = async () =>
  keep(
    await startProxysqlStandIn([
      buildProxysqlServer(10, "10.0.0.11", 3306),
      buildProxysqlServer(20, "10.0.0.12", 3306, { weight: 50 }),
      buildProxysqlServer(20, "::1", 3307),
    ]),
  );

describe("MySQL Proxy's admin", () => {
  const start = async () =>
    keep(
      await startMysqlProxyStandIn([
        { address: "10.0.0.11:3306", state: "up", type: "rw", clients: 7 },
        { address: "db-02:3306", state: "down", type: "rw" },
        { address: "10.0.0.13:3306", state: "unknown", type: "ro" },
      ]),
    );

  it("is read with one statement, to the letter", async () => {
    const proxy = await start();
    const report = await readOnce(buildSettings("mysql-proxy", proxy));
    expect(proxy.statements).toEqual(["SELECT * FROM backends"]);
    expect(report).toMatchObject({
      source: "sql-admin",
      level: "read-only",
      process: null,
      sqlAdmin: { product: "mysql-proxy", pending: [] },
    });
    // Not tried yet is not out: it may be sent clients.
    expect(shown(report)).toEqual([
      "rw/10.0.0.11:3306 up up",
      "rw/db-02:3306 down down",
      "ro/10.0.0.13:3306 unknown unchecked",
    ]);
    expect(report.servers[0]).toMatchObject({ host: "10.0.0.11", port: 3306, sessions: 7, queued: null, weight: null });
    expect(report.servers[1]).toMatchObject({ host: "db-02", port: 3306, sessions: 0, check: null });
    expect(report.proxies.map(({ name, kind, activeServers }) => [name, kind, activeServers])).toEqual([
      ["rw", "backend", 1],
      ["ro", "backend", 1],
    ]);
  });

  it("leaves no connection behind", async () => {
    const proxy = await start();
    await readOnce(buildSettings("mysql-proxy", proxy));
    await waitFor("no connection", () => proxy.openConnections() === 0);
  });

  it("says that a word nobody has seen is unknown", async () => {
    const proxy = await start();
    Object.assign(proxy.backends[0] ?? {}, { state: "sleeping" });
    const [server] = (await readOnce(buildSettings("mysql-proxy", proxy))).servers;
    expect(server).toMatchObject({ status: "sleeping", state: "unknown", adminReasons: null });
  });

  it("is not taken for Atlas, nor Atlas for it", async () => {
    const proxy = await start();
    await expect(readOnce(buildSettings("atlas", proxy))).rejects.toMatchObject({
      kind: "protocol",
      message: "This is the admin of MySQL Proxy, not of Atlas.",
      advice: "Write mysql-proxy://.",
    });
    const atlas = keep(await startAtlasStandIn([{ address: "10.0.0.11:3306", state: "up", type: "rw" }]));
    await expect(readOnce(buildSettings("mysql-proxy", atlas))).rejects.toMatchObject({ advice: "Write atlas://." });
  });

  it("refuses a wrong password with words about its own account", async () => {
    const proxy = await start();
    const settings = buildSettings("mysql-proxy", { ...proxy, account: { user: "root", password: "wrong" } });
    const failure = await readOnce(settings).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      kind: "auth",
      serverCode: 1045,
      advice: expect.stringContaining("admin interface"),
    });
    expect(JSON.stringify(failure) + String(failure)).not.toContain("wrong");
  });

  it("is given up at the deadline, with what was asked", async () => {
    const proxy = await start();
    proxy.fault = () => "hang";
    await expect(readOnce(buildSettings("mysql-proxy", proxy), 200)).rejects.toMatchObject({
      kind: "timeout",
      operation: "SELECT * FROM backends",
    });
    await waitFor("no connection", () => proxy.openConnections() === 0);
  });

  it("is given up when it greets with something else", async () => {
    const other = createServer((socket) => socket.on("error", () => {}).end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const address = other.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const settings = buildSettings("atlas", { ...(await start()), port });
    await expect(readOnce(settings)).rejects.toMatchObject({ kind: "protocol" });
    await new Promise((resolve) => other.close(resolve));
  });

  it("is unreachable when nothing listens", async () => {
    const proxy = await start();
    await proxy.stop();
    await expect(readOnce(buildSettings("mysql-proxy", proxy))).rejects.toMatchObject({ kind: "unreachable" });
  });

  it("is no longer asked when the caller aborts", async () => {
    const proxy = await start();
    proxy.fault = () => "hang";
    const controller = new AbortController();
    const reader = createHaproxyReader(buildSettings("mysql-proxy", proxy));
    const polling = reader.poll({ ...boundsOf(), signal: controller.signal });
    await waitFor("the statement", () => proxy.statements.length === 1);
    controller.abort();
    await expect(polling).rejects.toMatchObject({ kind: "cancelled" });
  });
});

describe("Atlas", () => {
  it("tells states and types, and an offline server as drained", async () => {
    const atlas = keep(
      await startAtlasStandIn([
        { address: "10.0.0.11:3306", state: "up", type: "rw" },
        { address: "10.0.0.12:3306", state: "offline", type: "ro" },
      ]),
    );
    const report = await readOnce(buildSettings("atlas", atlas));
    expect(report).toMatchObject({ level: "admin", process: null, sqlAdmin: { product: "atlas", pending: [] } });
    expect(shown(report)).toEqual(["rw/10.0.0.11:3306 up up", "ro/10.0.0.12:3306 offline drain"]);
    expect(report.servers.map(({ serverId, sessions, adminReasons }) => [serverId, sessions, adminReasons])).toEqual([
      [1, null, []],
      [2, null, ["drain-forced"]],
    ]);
    expect(atlas.statements).toEqual(["SELECT * FROM backends"]);
  });
});

describe("ProxySQL", () => {
  it("tells what runs, with the pool's connections in use, version and uptime, and no pid", async () => {
    const proxy = await startProxysql();
    Object.assign(proxy.pool[1] ?? {}, { ConnUsed: 3, ConnFree: 9, Bytes_data_sent: 100, Bytes_data_recv: 200 });
    const report = await readOnce(buildSettings("proxysql", proxy));
    expect(report).toMatchObject({
      source: "sql-admin",
      level: "admin",
      process: { version: "2.5.5-10-g195bd70", uptimeSeconds: 4711, pid: null, startTimeSeconds: null },
      sqlAdmin: { product: "proxysql", pending: [] },
    });
    expect(shown(report)).toEqual([
      "hg10/10.0.0.11:3306 ONLINE up",
      "hg20/10.0.0.12:3306 ONLINE up",
      "hg20/[::1]:3307 ONLINE up",
    ]);
    expect(report.servers[1]).toMatchObject({ weight: 50, sessions: 3, queued: null, bytesIn: 100, bytesOut: 200 });
    expect(report.servers[2]).toMatchObject({ host: "::1", port: 3307, sessions: 0 });
  });

  it("maps every state, shunned for lag from the statistics only", async () => {
    const proxy = await startProxysql();
    const [first, second, third] = proxy.runtime;
    if (first && second && third) {
      first.status = "SHUNNED";
      second.status = "OFFLINE_SOFT";
      third.status = "OFFLINE_HARD";
    }
    proxy.runtime.push(buildProxysqlServer(20, "10.0.0.14", 3306), buildProxysqlServer(20, "10.0.0.15", 3306));
    proxy.runtime.push(buildProxysqlServer(20, "10.0.0.16", 3306, { status: "NEW_WORD" }));
    proxy.pool.push({
      hostgroup: 20,
      srv_host: "10.0.0.14",
      srv_port: 3306,
      status: "SHUNNED_REPLICATION_LAG",
      ConnUsed: 0,
      ConnFree: 0,
      Bytes_data_sent: 0,
      Bytes_data_recv: 0,
    });
    const report = await readOnce(buildSettings("proxysql", proxy));
    expect(shown(report)).toEqual([
      "hg10/10.0.0.11:3306 SHUNNED down",
      "hg20/10.0.0.12:3306 OFFLINE_SOFT drain",
      "hg20/[::1]:3307 OFFLINE_HARD maint",
      "hg20/10.0.0.14:3306 SHUNNED_REPLICATION_LAG down",
      "hg20/10.0.0.15:3306 ONLINE up",
      "hg20/10.0.0.16:3306 NEW_WORD unknown",
    ]);
    // Not in the statistics: its connections are not known, which is not none.
    expect(report.servers[4]?.sessions).toBeNull();
  });

  it("does not show a deleted server that lingers in the statistics", async () => {
    const proxy = await startProxysql();
    proxy.runtime.pop();
    proxy.edited.pop();
    expect((await readOnce(buildSettings("proxysql", proxy))).servers).toHaveLength(2);
  });

  it("says that servers are not checked when its monitor is off, or does not tell", async () => {
    const proxy = await startProxysql();
    proxy.variables.set("mysql-monitor_enabled", "false");
    expect((await readOnce(buildSettings("proxysql", proxy))).servers[0]?.state).toBe("unchecked");
  });

  it("tells the edits that wait to be loaded, and does not take a shunned server for one", async () => {
    const proxy = await startProxysql();
    const [first] = proxy.edited;
    if (first) first.max_connections = 5;
    proxy.edited.splice(1, 1);
    proxy.edited.push(buildProxysqlServer(30, "10.0.0.19", 3306));
    const [, , third] = proxy.runtime;
    if (third) third.status = "SHUNNED";
    const { sqlAdmin } = await readOnce(buildSettings("proxysql", proxy));
    expect(sqlAdmin?.pending).toEqual([
      "hg10/10.0.0.11:3306: max_connections 1000 → 5",
      "hg30/10.0.0.19:3306 would be added",
      "hg20/10.0.0.12:3306 would be removed",
    ]);
  });

  it("is read-only when its admin is", async () => {
    const proxy = await startProxysql();
    proxy.variables.set("admin-read_only", "true");
    expect((await readOnce(buildSettings("proxysql", proxy))).level).toBe("read-only");
  });

  it("goes on without the statistics, which are then not known", async () => {
    const proxy = await startProxysql();
    proxy.refuse = { pattern: /stats_/, words: "no such table" };
    const report = await readOnce(buildSettings("proxysql", proxy));
    expect(report.process?.uptimeSeconds).toBeNull();
    expect(report.servers.map(({ sessions }) => sessions)).toEqual([null, null, null]);
    expect(report.proxies.map(({ sessions }) => sessions)).toEqual([null, null]);
  });

  it("says what an account of the statistics lacks, though the number says that the login was refused", async () => {
    const proxy = await startProxysql();
    proxy.statsOnly = true;
    await expect(readOnce(buildSettings("proxysql", proxy))).rejects.toMatchObject({
      kind: "rejected",
      message: expect.stringContaining("no such table: runtime_mysql_servers"),
      advice: expect.stringContaining("admin-admin_credentials"),
    });
  });

  it("explains that admin may log in from its own host only", async () => {
    const proxy = keep(await startProxysqlStandIn([], { localOnly: true }));
    await expect(readOnce(buildSettings("proxysql", proxy))).rejects.toMatchObject({
      kind: "auth",
      serverCode: 1040,
      advice: expect.stringContaining("SSH"),
    });
  });
});
