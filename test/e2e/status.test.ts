import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { describeEngine } from "../lab/describe-engine.ts";
import { type Lab, labAccounts, sendCommand, startLab } from "../lab/index.ts";
import { listSchemaViolations } from "../support/status-schema.ts";
import { lookOnce, lookUntil, runSignalbox } from "./status-runner.ts";

describeEngine(["mariadb-10.11", "haproxy-2.6"], "signalbox status on a real R1", () => {
  let lab: Lab;
  let look: readonly string[];

  beforeAll(async () => {
    lab = await startLab({ topology: "r1" });
    look = ["-c", lab.configPath];
  });
  afterAll(() => lab?.stop());

  const untilHealthy = () => lookUntil("a healthy cluster", look, ({ exitCode }) => exitCode === 0);

  it("says that all is well: exit code 0, JSON by the schema, every figure known", async () => {
    const { json, err } = await untilHealthy();
    expect(err).toBe("");
    expect(json).toMatchObject({ schema: 1, cluster: "lab", health: "ok", alerts: [] });
    expect(json.haproxies).toMatchObject([{ name: "lb1", reachable: true, level: "admin", error: null }]);
    expect(json.nodes.map(({ name, role, readOnly }) => [name, role, readOnly])).toEqual([
      ["db1", "source", false],
      ["db2", "replica", true],
      ["db3", "replica", true],
      ["db4", "replica", true],
    ]);
    for (const node of json.nodes.slice(1)) {
      expect(node.channels).toMatchObject([{ sourceNode: "db1", io: "yes", sql: "yes", lagSeconds: 0, behind: 0 }]);
    }
    expect(
      json.nodes[1]?.servers.map(({ backend, server, state, backup }) => [backend, server, state, backup]),
    ).toEqual([
      ["write_nodes", "db2", "up", true],
      ["read_nodes", "db2", "up", false],
    ]);
    expect(json.route.writer).toMatchObject({
      backend: "write_nodes",
      expected: ["db1"],
      probed: "db1",
      probedAt: expect.stringMatching(/Z$/),
      probeError: null,
    });
  });

  it("says the same to people, without colour in a pipe", async () => {
    await untilHealthy();
    const { exitCode, out } = await runSignalbox(["status", ...look]);
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^lab {2}OK {2}/);
    expect(out).toMatch(/^ {2}db1 +source +rw +W:up +- +- +- +- +\d+:\d+ +\d+ms$/m);
    expect(out).toMatch(/^ {2}db3 +replica +ro +R:up +yes +yes +0s +0 +\d+:\d+ +\d+ms$/m);
    expect(out).not.toContain("\u001b");
  });

  it("works from the command line alone", async () => {
    const [first] = lab.haproxies;
    const args = [
      "--haproxy",
      `unix://${first?.socketPath}`,
      ...lab.nodes.flatMap(({ port }) => ["--mysql", `mysql://ops@127.0.0.1:${port}`]),
    ];
    const { json, exitCode } = await lookOnce(args, { SIGNALBOX_MYSQL_PASSWORD: labAccounts.ops.password });
    expect(exitCode).toBe(0);
    expect(json.cluster).toBe("cluster");
    expect(json.nodes).toHaveLength(4);
    expect(json.nodes.every(({ reachable }) => reachable)).toBe(true);
  });

  it("reads a stats page where there is no socket", async () => {
    const refused = await lookOnce(["--haproxy", `http://127.0.0.1:${lab.haproxy().statsPort}/stats`]);
    expect(refused.json.haproxies).toMatchObject([{ reachable: false, error: expect.stringContaining("401") }]);
    const { json, out, err } = await lookOnce(["--haproxy", `${lab.haproxy().statsUrl};csv`]);
    expect(json.haproxies).toMatchObject([{ name: "lb1", reachable: true, level: "read-only", error: null }]);
    expect(err).toContain("warning: the password in --haproxy is visible to everyone");
    expect(out + err).not.toContain(new URL(lab.haproxy().statsUrl).password);
    expect(json.alerts.map(({ code }) => code)).toContain("haproxy-not-admin");
  });

  it("several clusters are told together, --cluster chooses one", async () => {
    const two = join(lab.dir, "two.yaml");
    const text = readFileSync(lab.configPath, "utf8");
    const { clusters, ...rest } = parse(text);
    writeFileSync(
      two,
      stringify({
        ...rest,
        clusters: [...clusters, { name: "gone", haproxy: [{ name: "lb9", socket: `${lab.dir}/none.sock` }] }],
      }),
    );
    const all = await runSignalbox(["status", "--json", "-c", two]);
    const told = JSON.parse(all.out);
    expect(listSchemaViolations(told)).toEqual([]);
    expect(
      told.clusters.map(({ cluster, health }: { cluster: string; health: string }) => [cluster, health === "ok"]),
    ).toEqual([
      ["lab", true],
      ["gone", false],
    ]);
    expect(all.exitCode).toBeGreaterThan(0);
    expect(await lookOnce(["-c", two, "--cluster", "lab"])).toMatchObject({
      exitCode: 0,
      json: { cluster: "lab", health: "ok" },
    });
  });

  it("a stopped applier: replica-sql-stopped, lag unknown", async () => {
    const node = lab.node("db3");
    await node.stopApplier();
    try {
      const { json, codes, exitCode } = await lookOnce(look);
      expect(codes).toContain("replica-sql-stopped");
      expect(exitCode).toBe(json.health === "critical" ? 2 : 1);
      expect(json.nodes.find(({ name }) => name === "db3")?.channels).toMatchObject([
        { io: "yes", sql: "no", lagSeconds: null },
      ]);
    } finally {
      await node.startApplier();
    }
    await untilHealthy();
  });

  it("a server drained by hand: drain and why, not down", async () => {
    const socket = lab.haproxy().socketPath;
    await sendCommand(socket, "set server read_nodes/db4 state drain");
    try {
      const { json, codes } = await lookOnce(look);
      const db4 = json.nodes.find(({ name }) => name === "db4");
      const server = db4?.servers.find(({ backend }) => backend === "read_nodes");
      expect(server).toMatchObject({ state: "drain", adminReasons: ["drain-forced"] });
      expect(codes).not.toContain("server-down");
    } finally {
      await sendCommand(socket, "set server read_nodes/db4 state ready");
    }
    await untilHealthy();
  });

  it("a wrong password: the node is unknown, the reason is told, the password is not", async () => {
    const wrong = join(lab.dir, "wrong.yaml");
    writeFileSync(
      wrong,
      `mysql: {user: ops, password: canary-secret}\nclusters:\n  - name: lab\n    nodes: [{name: db1, address: "127.0.0.1:${lab.node("db1").port}"}]\n`,
      { mode: 0o600 },
    );
    const { json, codes, exitCode, out, err } = await lookOnce(["-c", wrong]);
    expect(exitCode).toBeGreaterThan(0);
    expect(codes).toContain("node-unreachable");
    expect(json.nodes[0]).toMatchObject({ reachable: false, role: "unknown", readOnly: null });
    expect(json.nodes[0]?.error).toMatch(/1045|[Aa]ccess denied|password/);
    expect(out + err).not.toContain("canary-secret");
  });

  it("an account that may only log in sees what it may see, the rest is unknown", async () => {
    const { json } = await lookOnce(
      ["--mysql", `mysql://${labAccounts.nopriv.user}@127.0.0.1:${lab.node("db2").port}`],
      { SIGNALBOX_MYSQL_PASSWORD: labAccounts.nopriv.password },
    );
    expect(json.nodes[0]).toMatchObject({ reachable: true, serverId: 2, readOnly: true });
    expect(json.alerts.map(({ code }) => code)).toContain("node-privileges");
  });

  it("a primary that hangs: told within the deadline, all others known", async () => {
    const primary = lab.node("db1");
    await primary.freeze();
    try {
      const { json, codes, exitCode, tookMs } = await lookOnce(look);
      expect(tookMs).toBeLessThan(5_000);
      expect(codes).toContain("node-unreachable");
      expect(exitCode).toBe(2);
      expect(json.nodes.map(({ name, reachable }) => [name, reachable])).toEqual([
        ["db1", false],
        ["db2", true],
        ["db3", true],
        ["db4", true],
      ]);
    } finally {
      primary.thaw();
    }
    await untilHealthy();
  });

  it("a killed replica: node-unreachable, and HAProxy's own word once it has noticed", async () => {
    const node = lab.node("db4");
    await node.kill();
    const first = await lookOnce(look);
    expect(first.codes).toContain("node-unreachable");
    expect(first.exitCode).toBeGreaterThan(0);
    expect(first.json.nodes.find(({ name }) => name === "db4")).toMatchObject({ reachable: false, channels: [] });
    const noticed = await lookUntil("HAProxy to see it down", look, ({ codes }) => codes.includes("server-down"));
    expect(noticed.json.nodes.find(({ name }) => name === "db4")?.servers).toMatchObject([
      { backend: "read_nodes", state: "down" },
    ]);
    await node.start();
  });
});
