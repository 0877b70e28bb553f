/** The built program on SQL proxies: stand-ins of them (no packages exist) in front of real MariaDB servers. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { stringify } from "yaml";
import { describeEngine } from "../lab/describe-engine.ts";
import { type Lab, labAccounts, startLab } from "../lab/index.ts";
import type { AdminServer } from "../lab/sql-proxies/admin-server.ts";
import { type AgentStandIn, startAtlasStandIn, startMysqlProxyStandIn } from "../lab/sql-proxies/agents.ts";
import { buildProxysqlServer, type ProxysqlStandIn, startProxysqlStandIn } from "../lab/sql-proxies/proxysql.ts";
import { Actor } from "./act-runner.ts";
import { lookOnce, runSignalbox } from "./status-runner.ts";

describeEngine(["mariadb-10.11", "haproxy-2.6"], "SQL proxies in front of a real R1", () => {
  let lab: Lab;
  let actor: Actor;
  const running: AdminServer[] = [];

  beforeAll(async () => {
    lab = await startLab({ topology: "r1" });
    actor = new Actor(lab);
  });
  afterEach(() => Promise.all(running.splice(0).map((server) => server.stop())));
  afterAll(() => lab?.stop());

  const addressOf = (node: string) => {
    const { host, port } = lab.node(node);
    return `${host}:${port}`;
  };

  /** Returns the path of a configuration with this proxy as the only balancer. */
  function configure(scheme: string, { port, account }: AdminServer, writer: string, readers: string): string {
    writeFileSync(join(lab.dir, "px.password"), account.password, { mode: 0o600 });
    const config = {
      mysql: { user: labAccounts.ops.user, password_file: join(lab.dir, `${labAccounts.ops.user}.password`) },
      clusters: [
        {
          name: "lab",
          haproxy: [
            { name: "px1", sql_admin: `${scheme}://${account.user}@127.0.0.1:${port}`, password_file: "px.password" },
          ],
          nodes: lab.nodes.map(({ name, host, port: own }) => ({ name, address: `${host}:${own}` })),
          writer,
          readers: [readers],
        },
      ],
    };
    const file = join(lab.dir, `${scheme}.yaml`);
    writeFileSync(file, stringify(config), { mode: 0o600 });
    return file;
  }

  async function startProxysql(): Promise<{ proxy: ProxysqlStandIn; config: string }> {
    const rowOf = (hostgroup: number, node: string) => {
      const { host, port } = lab.node(node);
      return buildProxysqlServer(hostgroup, host, port);
    };
    const proxy = await startProxysqlStandIn([rowOf(10, "db1"), rowOf(20, "db2"), rowOf(20, "db3")]);
    running.push(proxy);
    return { proxy, config: configure("proxysql", proxy, "hg10", "hg20") };
  }

  async function startAgent(
    scheme: "atlas" | "mysql-proxy",
    start: typeof startAtlasStandIn,
  ): Promise<{ proxy: AgentStandIn; config: string }> {
    const proxy = await start([
      { address: addressOf("db1"), state: "up", type: "rw", clients: 2 },
      { address: addressOf("db2"), state: "up", type: "ro", clients: 1 },
      { address: addressOf("db3"), state: "up", type: "ro", clients: 1 },
    ]);
    running.push(proxy);
    return { proxy, config: configure(scheme, proxy, "rw", "ro") };
  }

  const changes = ({ statements }: AdminServer) => statements.filter((sql) => !sql.startsWith("SELECT"));
  const stateOf = ({ runtime }: ProxysqlStandIn, node: string) =>
    runtime.filter(({ port }) => port === lab.node(node).port).map(({ status }) => status);
  const whereOf = (node: string) =>
    `WHERE hostgroup_id=20 AND hostname='${lab.node(node).host}' AND port=${lab.node(node).port}`;
  const LOAD = "LOAD MYSQL SERVERS TO RUNTIME";

  it("status joins ProxySQL's rows with the nodes, and shows no password", async () => {
    const { proxy, config } = await startProxysql();
    Object.assign(proxy.pool[1] ?? {}, { ConnUsed: 4 });
    const { json, out, err } = await lookOnce(["-c", config]);
    expect(json.haproxies).toEqual([
      expect.objectContaining({
        name: "px1",
        reachable: true,
        version: "2.5.5-10-g195bd70",
        pid: null,
        uptimeSeconds: 4711,
        level: "admin",
      }),
    ]);
    const servers = json.nodes
      .slice(0, 3)
      .map(({ name, servers: own }) => [
        name,
        own.map(({ backend, server, status, state, sessions, queued }) => [
          backend,
          server,
          status,
          state,
          sessions,
          queued,
        ]),
      ]);
    expect(servers).toEqual([
      ["db1", [["hg10", addressOf("db1"), "ONLINE", "up", 0, null]]],
      ["db2", [["hg20", addressOf("db2"), "ONLINE", "up", 4, null]]],
      ["db3", [["hg20", addressOf("db3"), "ONLINE", "up", 0, null]]],
    ]);
    expect(json.route.writer?.expected).toEqual(["db1"]);
    expect(out + err).not.toContain(proxy.account.password);
    const text = await runSignalbox(["status", "-c", config]);
    expect(text.out).toContain(`proxysql://ops@127.0.0.1:${proxy.port}`);
    expect(text.out + text.err).not.toContain(proxy.account.password);
  });

  it("drains a node on ProxySQL with the statements of the plan, undo brings it back, and the journal has them", async () => {
    const { proxy, config } = await startProxysql();
    const plan = await actor.run(["drain", "db2", "--dry-run"], config);
    const shown = `UPDATE mysql_servers SET status='OFFLINE_SOFT' ${whereOf("db2")}; ${LOAD}`;
    expect(plan.out).toContain(shown);
    expect(plan.out).toMatch(/same-process.*px1 does not tell its process/s);
    // Nothing that only a HAProxy has is asked of it.
    expect(plan.out).not.toMatch(/WARN {4}(agent-check|stick-table)|haproxy\.cfg|old HAProxy/);
    expect(changes(proxy)).toEqual([]);
    const { exitCode, events } = await actor.events(["drain", "db2", "--yes", "--wait", "--timeout", "5s"], config);
    expect({ exitCode, state: stateOf(proxy, "db2") }).toEqual({ exitCode: 0, state: ["OFFLINE_SOFT"] });
    expect(changes(proxy).join("; ")).toBe(shown);
    expect(JSON.stringify(events)).toContain("done and verified");
    expect((await lookOnce(["-c", config])).json.nodes[1]?.servers[0]).toMatchObject({
      state: "drain",
      adminReasons: ["drain-forced"],
    });
    expect((await actor.run(["undo", "--yes"], config)).exitCode).toBe(0);
    expect(stateOf(proxy, "db2")).toEqual(["ONLINE"]);
    expect(changes(proxy).slice(2)).toEqual([`UPDATE mysql_servers SET status='ONLINE' ${whereOf("db2")}`, LOAD]);
  });

  it("maint and weight of one row, by its name in the proxy", async () => {
    const { proxy, config } = await startProxysql();
    const name = `hg20/${addressOf("db3")}`;
    const maint = await actor.run(["maint", name, "--yes"], config);
    expect({ exitCode: maint.exitCode, state: stateOf(proxy, "db3") }).toEqual({
      exitCode: 0,
      state: ["OFFLINE_HARD"],
    });
    expect(maint.out).toContain("dropped at once");
    expect((await actor.run(["ready", name, "--yes"], config)).exitCode).toBe(0);
    expect((await actor.run(["weight", name, "7", "--yes"], config)).exitCode).toBe(0);
    expect(proxy.runtime.map(({ status, weight }) => `${status} ${weight}`)).toEqual([
      "ONLINE 1",
      "ONLINE 1",
      "ONLINE 7",
    ]);
  });

  it("somebody's unsaved edit refuses the drain, forced too, and nothing is sent", async () => {
    const { proxy, config } = await startProxysql();
    const [first] = proxy.edited;
    if (first) first.status = "OFFLINE_HARD";
    const { exitCode, out, err } = await actor.run(["drain", "db2", "--yes", "--force"], config);
    expect(exitCode).toBe(4);
    expect(out + err).toMatch(/status ONLINE → OFFLINE_HARD/);
    expect(changes(proxy)).toEqual([]);
  });

  it("an edit that comes between plan and change is not loaded: the step fails, and what was sent is put back", async () => {
    const { proxy, config } = await startProxysql();
    proxy.fault = (sql) => {
      const [first] = proxy.edited;
      if (sql.startsWith("UPDATE") && first) first.weight = 99;
      return null;
    };
    const { exitCode, out } = await actor.run(["drain", "db2", "--yes"], config);
    expect(exitCode).toBe(5);
    expect(out).toContain("Nothing was loaded");
    expect(changes(proxy)).not.toContain(LOAD);
    expect(proxy.runtime.map(({ status, weight }) => `${status} ${weight}`)).toEqual([
      "ONLINE 1",
      "ONLINE 1",
      "ONLINE 1",
    ]);
  });

  it("drains and readies a node on Atlas by the index of its address", async () => {
    const { proxy, config } = await startAgent("atlas", startAtlasStandIn);
    const drained = await actor.run(["drain", "db3", "--yes"], config);
    expect({ exitCode: drained.exitCode, state: proxy.backends[2]?.state }).toEqual({ exitCode: 0, state: "offline" });
    expect(drained.out).toContain("SET OFFLINE 3");
    // Somebody removes another one: the list shifts, and the next plan knows.
    proxy.backends.splice(1, 1);
    expect((await actor.run(["ready", "db3", "--yes"], config)).exitCode).toBe(0);
    expect(proxy.backends.map(({ state }) => state)).toEqual(["up", "unknown"]);
    expect(changes(proxy)).toEqual(["SET OFFLINE 3", "SET ONLINE 2"]);
    const maint = await actor.run(["maint", "db3", "--yes"], config);
    expect(maint.exitCode).toBe(4);
    expect(maint.out + maint.err).toContain("only one way out");
  });

  it("MySQL Proxy is shown and takes no change", async () => {
    const { proxy, config } = await startAgent("mysql-proxy", startMysqlProxyStandIn);
    const { json } = await lookOnce(["-c", config]);
    expect(json.haproxies[0]).toMatchObject({ level: "read-only", version: null, pid: null });
    expect(
      json.nodes.slice(0, 3).map(({ servers }) => servers.map(({ state, sessions }) => [state, sessions])),
    ).toEqual([[["up", 2]], [["up", 1]], [["up", 1]]]);
    const { exitCode, out, err } = await actor.run(["drain", "db3", "--yes", "--force"], config);
    expect(exitCode).toBe(4);
    expect(out + err).toContain("its admin can be read and changes nothing");
    expect(new Set(proxy.statements)).toEqual(new Set(["SELECT * FROM backends"]));
  });

  it("promote is refused with the reason, and nothing is sent", async () => {
    const { proxy, config } = await startProxysql();
    const { exitCode, out, err } = await actor.run(["promote", "db2", "--yes"], config);
    expect(exitCode).toBe(4);
    expect(out + err).toContain("px1 is not a HAProxy: promote cannot route through it");
    expect(changes(proxy)).toEqual([]);
  });
});
