import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { createInProcessEngine, observeOnce } from "../../src/engine/in-process.ts";
import type { Engine, EngineEvent } from "../../src/engine/protocol.ts";
import type { Settings } from "../../src/model/settings.ts";
import type { NodeSnapshot, Snapshot } from "../../src/model/snapshot.ts";
import { describeEngine } from "../lab/describe-engine.ts";
import { type Lab, startLab, waitFor } from "../lab/index.ts";
import { buildNodeSettings, buildSettings } from "../unit/monitor/support/settings.ts";

const INTERVAL_MS = 500;

function settingsFor(lab: Lab, configured: boolean): Settings {
  const { user, password } = lab.accounts.ops;
  const access = { ...buildNodeSettings("", "").access, user, password: { secret: password } };
  const haproxies = lab.haproxies.map(({ name, socketPath }) => ({
    name,
    location: { kind: "unix", path: socketPath } as const,
  }));
  const nodes = lab.nodes.map(({ name, host, port }) => ({ ...buildNodeSettings(name, host), port, access }));
  return buildSettings({ access, haproxies, nodes: configured ? nodes : [] }, INTERVAL_MS);
}

function statesOf(snapshot: Snapshot | undefined): Record<string, string> {
  const cluster = snapshot?.clusters[0];
  const all = [...(cluster?.haproxies ?? []), ...(cluster?.nodes ?? [])];
  return Object.fromEntries(all.map(({ name, reading }) => [name, reading.state]));
}

const ALL_FRESH = { lb1: "fresh", db1: "fresh", db2: "fresh", db3: "fresh", db4: "fresh" };

describeEngine(["mariadb-10.11", "haproxy-2.6"], "monitor over R1 on real servers", () => {
  let lab: Lab;
  const engines: Engine[] = [];

  beforeAll(async () => {
    lab = await startLab({ topology: "r1" });
  });
  afterEach(async () => {
    await Promise.all(engines.splice(0).map((engine) => engine.stop()));
  });
  afterAll(() => lab.stop());

  function start(settings: Settings) {
    const events: EngineEvent[] = [];
    const engine = createInProcessEngine(settings);
    engines.push(engine);
    engine.subscribe((event) => events.push(event));
    const snapshots = () => events.flatMap((event) => (event.type === "snapshot" ? [event.snapshot] : []));
    const untilFresh = () =>
      waitFor("everything fresh", () => {
        const states = Object.values(statesOf(snapshots().at(-1)));
        return states.length === 5 && states.every((state) => state === "fresh");
      });
    return { engine, events, snapshots, untilFresh };
  }

  function node(snapshot: Snapshot | undefined, name: string): NodeSnapshot | undefined {
    return snapshot?.clusters[0]?.nodes.find((candidate) => candidate.name === name);
  }

  it("sees everything in one look", async () => {
    const snapshot = await observeOnce(settingsFor(lab, true));
    expect(statesOf(snapshot)).toEqual(ALL_FRESH);
    expect(node(snapshot, "db2")?.channels[0]).toMatchObject({ sourceNode: "db1", io: "yes", sql: "yes" });
    expect(node(snapshot, "db1")?.servers.map(({ server }) => server.backend)).toContain("write_nodes");
  });

  it("finds the nodes from HAProxy alone in the same look", async () => {
    const snapshot = await observeOnce(settingsFor(lab, false));
    expect(statesOf(snapshot)).toEqual(ALL_FRESH);
    expect(node(snapshot, "db2")).toMatchObject({ knownFrom: "haproxy", role: "replica" });
  });

  it("shows a stopped primary as stale within interval + 1 s and then as timed out, while all others stay fresh", async () => {
    const { snapshots, untilFresh } = start(settingsFor(lab, true));
    await untilFresh();
    const stoppedAt = Date.now();
    await lab.node("db1").freeze();
    const find = (state: string) => snapshots().find((snapshot) => node(snapshot, "db1")?.reading.state === state);
    try {
      const failed = await waitFor("db1 to be failed", () => find("failed"));
      const stale = find("stale");
      expect((stale?.at ?? Number.POSITIVE_INFINITY) - stoppedAt).toBeLessThanOrEqual(INTERVAL_MS + 1_000);
      expect(failed.seq).toBeGreaterThan(stale?.seq ?? 0);
      expect(node(failed, "db1")?.reading).toMatchObject({
        failure: { kind: "timeout" },
        last: { value: { serverId: 1 } },
      });
      const since = snapshots().filter(({ at }) => at >= stoppedAt);
      for (const snapshot of since) expect({ ...statesOf(snapshot), db1: "" }).toEqual({ ...ALL_FRESH, db1: "" });
      // One picture per interval all the time: nobody waited for the node that hangs.
      expect(since.length).toBeGreaterThanOrEqual(Math.floor((failed.at - stoppedAt) / INTERVAL_MS) - 1);
    } finally {
      lab.node("db1").thaw();
    }
    await untilFresh();
  });

  it("reconnects to a replica that was killed and started again, and tells both in the timeline", async () => {
    const { snapshots, untilFresh } = start(settingsFor(lab, true));
    await untilFresh();
    await lab.node("db4").kill();
    await waitFor("db4 to be failed", () => node(snapshots().at(-1), "db4")?.reading.state === "failed");
    await lab.node("db4").start();
    await untilFresh();
    const subjects = snapshots().flatMap(({ changes }) => changes.filter(({ kind }) => kind === "node"));
    expect(subjects.filter(({ subject }) => subject === "db4").length).toBeGreaterThanOrEqual(2);
  });

  it("tells a reload, and that a drain was lost with it", async () => {
    const { snapshots, untilFresh } = start(settingsFor(lab, true));
    await untilFresh();
    const lb1 = lab.haproxy("lb1");
    await lb1.command("set server read_nodes/db3 state drain");
    await waitFor("the drain to be seen", () =>
      node(snapshots().at(-1), "db3")?.servers.some(({ server }) => server.state === "drain"),
    );
    await lb1.reload();
    const reload = await waitFor("the reload to be seen", () => snapshots().at(-1)?.clusters[0]?.haproxies[0]?.reload);
    expect(reload.lost).toEqual(["read_nodes/db3 was drain, now ready"]);
    expect(reload.pid).not.toBe(reload.previousPid);
    await lb1.command("set server read_nodes/db3 state drain");
    await waitFor("the loss to be restored", () => snapshots().at(-1)?.clusters[0]?.haproxies[0]?.reload === null);
    await lb1.command("set server read_nodes/db3 state ready");
  });

  it("shows the sessions of a node while they are watched", async () => {
    const { engine, events } = start(settingsFor(lab, true));
    engine.send({ type: "watch-sessions", cluster: "shop", node: "db1" });
    const reading = await waitFor("sessions of db1", () => {
      const reports = events.flatMap((event) => (event.type === "sessions" ? [event.report.reading] : []));
      return reports.findLast(({ state }) => state === "fresh");
    });
    expect(reading.state === "fresh" && reading.value.filter(({ user }) => user === "repl").length).toBe(3);
  });
});
