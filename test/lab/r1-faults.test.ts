import { existsSync, readFileSync, statSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parse } from "yaml";
import { describeEngine } from "./describe-engine.ts";
import { type Lab, labAccounts, startLab, startTraffic, waitFor } from "./index.ts";
import { isRunning, loginError, queryPort } from "./probe.ts";

describeEngine(["mariadb-10.11", "haproxy-2.6"], "R1 on MariaDB 10.11 behind HAProxy 2.6", () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await startLab({ topology: "r1" });
  });
  afterAll(() => lab.stop());

  it("sends a row written through the writer port to every reader", async () => {
    await queryPort(lab.writePort, "INSERT INTO shop.orders (writer, seq, at) VALUES (77, 1, NOW(6))");
    const readers = ["db2", "db3", "db4"].map((name) => lab.node(name));
    await Promise.all(
      readers.map((node) =>
        waitFor(
          `the row on ${node.name}`,
          async () => (await node.query("SELECT 1 FROM shop.orders WHERE writer=77")).length === 1,
        ),
      ),
    );
  });

  it("spreads the reader port over all three replicas", async () => {
    const seen = new Set<unknown>();
    for (let i = 0; i < 6; i++) seen.add((await queryPort(lab.readPort, "SELECT @@server_id AS id"))[0]?.id);
    expect([...seen].sort()).toEqual([2, 3, 4]);
  });

  it("writes a config file with private password files", () => {
    const config = parse(readFileSync(lab.configPath, "utf8"));
    expect(config.clusters[0].nodes).toEqual(
      lab.nodes.map(({ name, port }) => ({ name, address: `127.0.0.1:${port}` })),
    );
    expect(config.clusters[0].writer).toEqual({ backend: "write_nodes", address: `127.0.0.1:${lab.writePort}` });
    expect(statSync(config.mysql.password_file).mode & 0o777).toBe(0o600);
    expect(readFileSync(config.mysql.password_file, "utf8").trim()).toBe(labAccounts.ops.password);
  });

  it("gives every server an id and every replica read_only", async () => {
    const rows = await Promise.all(
      lab.nodes.map(async (node) => (await node.query("SELECT @@server_id AS id, @@read_only AS ro"))[0]),
    );
    expect(rows).toEqual([1, 2, 3, 4].map((id) => ({ id, ro: id === 1 ? 0 : 1 })));
    expect(await loginError(lab.node("db2").port, labAccounts.haproxyCheck)).toBeUndefined();
    await expect(queryPort(lab.node("db2").port, "INSERT INTO shop.orders (writer) VALUES (1)")).rejects.toMatchObject({
      errno: 1290,
    });
  });

  it("lets the viewer look and the account without privileges not", async () => {
    const { port } = lab.node("db3");
    expect(await queryPort(port, "SHOW ALL SLAVES STATUS", labAccounts.viewer)).toHaveLength(1);
    await expect(queryPort(port, "SHOW ALL SLAVES STATUS", labAccounts.nopriv)).rejects.toMatchObject({ errno: 1227 });
    await expect(queryPort(port, "STOP SLAVE", labAccounts.viewer)).rejects.toMatchObject({ errno: 1227 });
  });

  it("stops and starts the applier and the receiver", async () => {
    const node = lab.node("db3");
    await node.stopApplier();
    expect(await node.replicaStatus()).toMatchObject({ Slave_IO_Running: "Yes", Slave_SQL_Running: "No" });
    await node.startApplier();
    await node.stopReceiver();
    expect(await node.replicaStatus()).toMatchObject({ Slave_IO_Running: "No", Slave_SQL_Running: "Yes" });
    await node.startReceiver();
  });

  it("breaks the applier with a duplicate key and repairs it", async () => {
    const node = lab.node("db4");
    await node.breakApplier();
    expect(await node.replicaStatus()).toMatchObject({ Slave_SQL_Running: "No", Last_SQL_Errno: 1062 });
    await node.repairApplier();
    expect(await node.replicaStatus()).toMatchObject({ Slave_SQL_Running: "Yes", Last_SQL_Errno: 0 });
  });

  it("delays a replica", async () => {
    const node = lab.node("db4");
    await node.delayReplication(30);
    expect((await node.replicaStatus())?.SQL_Delay).toBe(30);
    await node.delayReplication(0);
    expect((await node.replicaStatus())?.SQL_Delay).toBe(0);
  });

  it("refuses logins of the console's account and cuts its sessions", async () => {
    const node = lab.node("db2");
    await node.refuseLogins();
    expect(await loginError(node.port, labAccounts.ops)).toBe(1045);
    await node.allowLogins();
    expect(await loginError(node.port, labAccounts.ops)).toBeUndefined();
  });

  it("takes every connection slot, the administrators' one too, and gives them back", async () => {
    const node = lab.node("db2");
    const release = await node.fillConnections();
    expect(await loginError(node.port, labAccounts.app)).toBe(1040);
    expect(await loginError(node.port, labAccounts.admin)).toBe(1040);
    expect(await node.query("SELECT 1 AS one")).toEqual([{ one: 1 }]);
    await release();
    await waitFor("a free slot", async () => (await loginError(node.port, labAccounts.app)) === undefined);
  });

  it("freezes a server so that it accepts and never answers, and thaws it", async () => {
    const node = lab.node("db3");
    await node.freeze();
    await expect(queryPort(node.port, "SELECT 1")).rejects.toThrow(/timed out|ETIMEDOUT/i);
    node.thaw();
    expect(await queryPort(node.port, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });

  it("kills a replica, which HAProxy sees, and starts it again as a replica", async () => {
    const node = lab.node("db4");
    const before = node.pid;
    await node.kill();
    expect(isRunning(before)).toBe(false);
    await waitFor("read_nodes/db4 DOWN", async () =>
      /^read_nodes,db4,.*,DOWN,/m.test(await lab.haproxy().command("show stat")),
    );
    await node.restart();
    expect(node.pid).not.toBe(before);
    await waitFor("read_nodes/db4 UP", async () =>
      /^read_nodes,db4,.*,UP,/m.test(await lab.haproxy().command("show stat")),
    );
    await waitFor("replication", async () => (await node.replicaStatus())?.Slave_IO_Running === "Yes");
  });

  it("reloads HAProxy into a new worker without a failed write, and loses what was set at run time", async () => {
    const haproxy = lab.haproxy();
    const traffic = startTraffic({ port: lab.writePort, writers: 2, rate: 100 });
    await waitFor("a row before the reload", () => traffic.summary().acknowledged.length > 0);
    await haproxy.command("set server read_nodes/db3 state drain");
    const before = haproxy.pid;
    await haproxy.reload();
    expect(haproxy.pid).not.toBe(before);
    expect(await haproxy.command("show stat")).toMatch(/^read_nodes,db3,.*,UP( 1\/3)?,/m);
    const reloadedAt = Date.now();
    await waitFor("a row after the reload", () => traffic.summary().acknowledged.some((row) => row.atMs > reloadedAt));
    const { acknowledged, failures } = await traffic.stop();
    expect(failures).toEqual([]);
    const rows = await lab.node("db1").query("SELECT COUNT(*) AS n FROM shop.orders WHERE writer IN (1, 2)");
    expect(rows[0]?.n).toBe(acknowledged.length);
  });

  it("answers on sockets of three levels and on the stats page", async () => {
    const haproxy = lab.haproxy();
    const levels = [haproxy.socketPath, haproxy.operatorSocketPath, haproxy.userSocketPath].map(async (path) => {
      const { sendCommand } = await import("./haproxy.ts");
      return (await sendCommand(path, "show cli level")).trim();
    });
    expect(await Promise.all(levels)).toEqual(["admin", "operator", "user"]);
    const url = new URL(`${haproxy.statsUrl};csv`);
    const authorization = `Basic ${btoa(`${url.username}:${url.password}`)}`;
    const page = await fetch(`http://${url.host}${url.pathname}`, { headers: { authorization } });
    expect(await page.text()).toMatch(/^# pxname,svname,/);
    expect((await fetch(`http://${url.host}${url.pathname}`)).status).toBe(401);
  });

  it("freezes the worker of HAProxy and thaws it", async () => {
    const haproxy = lab.haproxy();
    await haproxy.freeze();
    await expect(haproxy.command("show info")).rejects.toThrow(/no answer/);
    haproxy.thaw();
    expect(await haproxy.command("show info")).toContain(`Pid: ${haproxy.pid}`);
  });

  it("leaves no process and no folder after stop()", async () => {
    const other = await startLab({ topology: "single" });
    const pids = [
      ...other.nodes.map((node) => node.pid),
      ...other.haproxies.flatMap(({ pid, masterPid }) => [pid, masterPid]),
    ];
    expect(pids.map(isRunning)).toEqual(pids.map(() => true));
    await other.stop();
    expect(pids.map(isRunning)).toEqual(pids.map(() => false));
    expect(existsSync(other.dir)).toBe(false);
  });
});
