import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { createMysqlProbes } from "../../src/drivers/mysql/probes/probes.ts";
import { createInProcessEngine, observeOnce } from "../../src/engine/in-process.ts";
import type { Engine } from "../../src/engine/protocol.ts";
import type { Settings } from "../../src/model/settings.ts";
import type { Snapshot, WriterRoute } from "../../src/model/snapshot.ts";
import { describeEngine } from "../lab/describe-engine.ts";
import { type Lab, startLab, waitFor } from "../lab/index.ts";
import { buildNodeSettings, buildSettings } from "../unit/monitor/support/settings.ts";

const INTERVAL_MS = 500;

function settingsFor(lab: Lab): Settings {
  const { user, password } = lab.accounts.ops;
  const access = { ...buildNodeSettings("", "").access, user, password: { secret: password } };
  const [lb1] = lab.haproxies;
  const haproxies = [{ name: "lb1", location: { kind: "unix", path: lb1?.socketPath ?? "" } as const }];
  const nodes = lab.nodes.map(({ name, host, port }) => ({ ...buildNodeSettings(name, host), port, access }));
  const writer = { backend: "write_nodes", address: { host: "127.0.0.1", port: lab.writePort }, multiWriter: false };
  return buildSettings({ access, haproxies, nodes, writer }, INTERVAL_MS);
}

function writerOf(snapshot: Snapshot | undefined): WriterRoute | null {
  return snapshot?.clusters[0]?.writer ?? null;
}

function codesOf(snapshot: Snapshot | undefined): readonly string[] {
  return snapshot?.clusters[0]?.alerts.map(({ code }) => code) ?? [];
}

describeEngine(["mariadb-10.11", "haproxy-2.6"], "route probe over R1 on real servers", () => {
  let lab: Lab;
  const engines: Engine[] = [];

  beforeAll(async () => {
    lab = await startLab({ topology: "r1" });
  });
  afterEach(async () => {
    await Promise.all(engines.splice(0).map((engine) => engine.stop()));
  });
  afterAll(() => lab?.stop());

  function start() {
    const snapshots: Snapshot[] = [];
    const engine = createInProcessEngine(settingsFor(lab));
    engines.push(engine);
    engine.subscribe((event) => event.type === "snapshot" && snapshots.push(event.snapshot));
    return { engine, snapshots };
  }

  it("names the node that really answers, in one look and continually", async () => {
    expect(writerOf(await observeOnce(settingsFor(lab)))).toMatchObject({ probed: "db1", expected: ["db1"] });
    const { snapshots } = start();
    const seen = await waitFor("an answer", () => snapshots.find((one) => writerOf(one)?.probed === "db1"));
    expect(seen.at - (writerOf(seen)?.probedAt ?? 0)).toBeLessThan(2_000);
  });

  it("says good-bye, so that the server's log has no line about an aborted connection", async () => {
    const db1 = lab.node("db1");
    const log = () => readFileSync(join(lab.dir, "db1", "server.log"), "utf8");
    const count = () =>
      log()
        .split("Aborted connection")
        .filter((line) => line.includes("user: 'ops'")).length;
    const gone = async () => {
      const rows = await db1.query("SELECT id FROM information_schema.processlist WHERE user = 'ops'");
      return rows.length === 0;
    };
    await waitFor("the connections of earlier looks to be gone", gone);
    const before = count();
    const [cluster] = onlyRoute(lab);
    if (cluster === undefined) throw new Error("one cluster");
    const probes = createMysqlProbes({ cluster, nodeTarget: () => null });
    for (let look = 0; look < 5; look += 1) {
      const answer = await probes.route({ signal: new AbortController().signal, timeoutMs: 2_000 });
      expect(answer).toMatchObject({ serverId: 1, port: db1.port, readOnly: false });
    }
    await waitFor("the connections to be gone", gone);
    expect(count()).toBe(before);
  });

  it("raises route-mismatch when a second process has taken the address over, in one look too", async () => {
    const db1 = lab.node("db1");
    const db3 = lab.node("db3");
    const lb1 = lab.haproxy();
    // HAProxy's own state goes on saying db1: the server keeps its name and its link, and has another address.
    const settings = settingsFor(lab);
    const linked = settings.clusters.map((cluster) => ({
      ...cluster,
      nodes: cluster.nodes.map((node) => (node.name === "db1" ? { ...node, servers: ["write_nodes/db1"] } : node)),
    }));
    const engine = createInProcessEngine({ ...settings, clusters: linked });
    engines.push(engine);
    const other: Snapshot[] = [];
    engine.subscribe((event) => event.type === "snapshot" && other.push(event.snapshot));
    await waitFor("an answer", () => writerOf(other.at(-1))?.probed === "db1");
    await lb1.command(`set server write_nodes/db1 addr 127.0.0.1 port ${db3.port}`);
    try {
      await waitFor("route-mismatch", () => codesOf(other.at(-1)).includes("route-mismatch"));
      const alert = other.at(-1)?.clusters[0]?.alerts.find(({ code }) => code === "route-mismatch");
      expect(alert).toMatchObject({ severity: "critical", node: "db3" });
      expect(alert?.message).toContain("was answered by db3, while write_nodes should send writes to db1");
      const look = await observeOnce({ ...settings, clusters: linked });
      expect([writerOf(look)?.probed, codesOf(look).includes("route-mismatch")]).toEqual(["db3", true]);
    } finally {
      await lb1.command(`set server write_nodes/db1 addr 127.0.0.1 port ${db1.port}`);
    }
    await waitFor("route-mismatch to go", () => !codesOf(other.at(-1)).includes("route-mismatch"));
  });

  it("asks where clients connect for reads too: readers in turn, and a server that should get none", async () => {
    const [cluster] = settingsFor(lab).clusters;
    if (cluster === undefined) throw new Error("one cluster");
    const readerAddresses = [{ backend: "read_nodes", host: "127.0.0.1", port: lab.readPort }];
    // The server keeps its name and its link, and gets another address: HAProxy's own state goes on saying db2.
    const nodes = cluster.nodes.map((node) => (node.name === "db2" ? { ...node, servers: ["read_nodes/db2"] } : node));
    const settings = {
      ...settingsFor(lab),
      clusters: [{ ...cluster, nodes, readers: ["read_nodes"], readerAddresses }],
    };
    const engine = createInProcessEngine(settings);
    engines.push(engine);
    const seen: Snapshot[] = [];
    engine.subscribe((event) => event.type === "snapshot" && seen.push(event.snapshot));
    const readers = () => seen.flatMap(({ clusters }) => clusters[0]?.readerRoutes?.[0]?.probed ?? []);
    await waitFor("an answer", () => readers().length > 0);
    /** Asked at once each time, and not only every 5 s. */
    const untilAsked = <T>(what: string, look: () => T | undefined | false) => {
      const ask = () => {
        engine.send({ type: "refresh" });
        return look();
      };
      return waitFor(what, ask, { intervalMs: 200 });
    };
    await untilAsked("every reader", () => new Set(readers()).size === 3);
    expect(readers().every((name) => ["db2", "db3", "db4"].includes(name))).toBe(true);
    expect(codesOf(seen.at(-1))).not.toContain("route-mismatch");
    const lb1 = lab.haproxy();
    await lb1.command(`set server read_nodes/db2 addr 127.0.0.1 port ${lab.node("db1").port}`);
    try {
      const alert = await untilAsked("route-mismatch", () =>
        seen.at(-1)?.clusters[0]?.alerts.find(({ code }) => code === "route-mismatch"),
      );
      expect(alert).toMatchObject({ severity: "warning", node: "db1", subject: "read_nodes" });
      expect(alert.message).toMatch(/answered by db1, while read_nodes should send reads to db2, db3 and db4/);
    } finally {
      await lb1.command(`set server read_nodes/db2 addr 127.0.0.1 port ${lab.node("db2").port}`);
    }
  });

  it("shows the probe as failed when the frontend is frozen; nodes stay fresh and keep their pace", async () => {
    const { snapshots } = start();
    await waitFor("an answer", () => writerOf(snapshots.at(-1))?.probed === "db1");
    await lab.haproxy().freeze();
    try {
      const frozenAt = Date.now();
      await waitFor("a failed probe", () => writerOf(snapshots.at(-1))?.probe?.state === "failed");
      await waitFor("a second one", () => codesOf(snapshots.at(-1)).includes("route-unanswered"));
      const { probed, probe } = writerOf(snapshots.at(-1)) ?? {};
      expect(probed).toBeNull();
      expect(probe).toMatchObject({ failure: { kind: "timeout" }, last: { name: "db1" } });
      expect(probe?.last?.at).toBeLessThan(frozenAt);
      const nodes = snapshots.at(-1)?.clusters[0]?.nodes ?? [];
      expect(nodes.map(({ reading }) => reading.state)).toEqual(nodes.map(() => "fresh"));
      const times = snapshots.filter(({ at }) => at > frozenAt).map(({ at }) => at);
      const gaps = times.slice(1).map((at, index) => at - (times[index] ?? at));
      expect(Math.max(...gaps)).toBeLessThan(2 * INTERVAL_MS + 300);
      const started = Date.now();
      const look = await observeOnce({ ...settingsFor(lab), clusters: onlyRoute(lab) });
      expect(writerOf(look)?.probed).toBeNull();
      expect(Date.now() - started).toBeLessThan(1_000);
    } finally {
      lab.haproxy().thaw();
    }
    await waitFor("an answer again", () => writerOf(snapshots.at(-1))?.probed === "db1");
  });
});

/** Everything but the HAProxies, so that nothing but the route passes through a frozen one. */
function onlyRoute(lab: Lab) {
  return settingsFor(lab).clusters.map((cluster) => ({ ...cluster, haproxies: [] }));
}
