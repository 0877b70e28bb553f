import { describe, expect, it } from "vitest";
import type { Snapshot } from "../../../src/model/snapshot.ts";
import { observeOnceWith } from "../../../src/monitor/observe-once.ts";
import { buildChannel, buildHaproxyReport, buildReport, buildServer } from "../../support/snapshots.ts";
import { Observed } from "./support/observed.ts";
import { buildHaproxySettings, buildNodeSettings, buildSettings } from "./support/settings.ts";

function setUp() {
  const observed = new Observed();
  const servers = [1, 2].map((number) => buildServer("r", `db${number}`, { host: `10.0.0.1${number}` }));
  const lb1 = observed.haproxy("lb1", buildHaproxyReport(servers));
  const db1 = observed.node("10.0.0.11", buildReport({ serverId: 1 }));
  const db2 = observed.node("10.0.0.12", buildReport({ serverId: 2 }));
  const settings = buildSettings({
    haproxies: [buildHaproxySettings("lb1")],
    nodes: [buildNodeSettings("db1", "10.0.0.11")],
  });
  const look = () => {
    const found: Snapshot[] = [];
    const done = observeOnceWith(settings, observed.parts, { timeoutMs: 3_000 }).then((snapshot) => {
      found.push(snapshot);
    });
    return { found, done };
  };
  return { observed, lb1, db1, db2, look };
}

function statesOf(snapshot: Snapshot | undefined): readonly string[] {
  const cluster = snapshot?.clusters[0];
  return [...(cluster?.haproxies ?? []), ...(cluster?.nodes ?? [])].map(
    ({ name, reading }) => `${name} ${reading.state}`,
  );
}

describe("one look", () => {
  it("polls everything once, also what is found by it, and is back as soon as all have answered", async () => {
    const { observed, db1, db2, look } = setUp();
    const { found } = look();
    await observed.clock.advance(3);
    expect(statesOf(found[0])).toEqual(["lb1 fresh", "db1 fresh", "db2 fresh"]);
    expect([db1.pollTimes.length, db2.pollTimes.length, db1.closed, db2.closed]).toEqual([1, 1, 1, 1]);
    expect(observed.clock.timers).toBe(0);
  });

  it("does not wait for endpoints that failed", async () => {
    const { observed, lb1, look } = setUp();
    lb1.behaviour = "unreachable";
    const { found } = look();
    await observed.clock.advance(3);
    expect(statesOf(found[0])).toEqual(["lb1 failed", "db1 fresh"]);
  });

  it("tells endpoints that have not answered at the deadline as timed out, even with a driver that ignores it", async () => {
    const { observed, db1, db2, look } = setUp();
    db1.behaviour = "deaf";
    db2.behaviour = "hang";
    const { found } = look();
    await observed.clock.advance(2_999);
    expect(found).toEqual([]);
    await observed.clock.advance(2);
    expect(statesOf(found[0])).toEqual(["lb1 fresh", "db1 failed", "db2 failed"]);
    const reading = found[0]?.clusters[0]?.nodes[0]?.reading;
    expect(reading?.state === "failed" && reading.failure.kind).toBe("timeout");
  });

  it.each(["answer", "unreachable"] as const)(
    "has one node for one server that its faster replica names in another way, whatever that name does: %s",
    async (behaviour) => {
      const observed = new Observed();
      const source = buildReport({ serverId: 1, hostname: "db-host" });
      observed.node("db1.example.com", source).delayMs = 40;
      const other = observed.node("10.0.0.11", source);
      other.behaviour = behaviour;
      const channels = [buildChannel("db1", { sourceHost: "10.0.0.11", sourceServerId: 1 })];
      observed.node("10.0.0.12", buildReport({ serverId: 2, hostname: "db2-host", channels }));
      const nodes = [buildNodeSettings("db1", "db1.example.com"), buildNodeSettings("db2", "10.0.0.12")];
      const look = observeOnceWith(buildSettings({ nodes }), observed.parts, { timeoutMs: 3_000 });
      await observed.clock.advance(50);
      const snapshot = await look;
      expect(other.pollTimes).toHaveLength(1);
      expect(statesOf(snapshot)).toEqual(["db1 fresh", "db2 fresh"]);
      expect(snapshot.clusters[0]?.alerts.map(({ code }) => code)).not.toContain("duplicate-server-id");
    },
  );

  it("leaves the words to a driver that keeps its bound: only it knows how far it got", async () => {
    const { observed, lb1, db1, look } = setUp();
    lb1.behaviour = "hang";
    db1.behaviour = "deaf";
    const { found } = look();
    await observed.clock.advance(3_000);
    const cluster = found[0]?.clusters[0];
    const messages = [...(cluster?.haproxies ?? []), ...(cluster?.nodes ?? [])].map(({ reading }) =>
      reading.state === "failed" ? reading.failure.message : reading.state,
    );
    expect(messages[0]).not.toContain("no answer within 3000 ms");
    expect(messages[1]).toBe("no answer within 3000 ms");
  });

  it("has an answer for a cluster without any endpoint", async () => {
    const observed = new Observed();
    const snapshot = await observeOnceWith(buildSettings({}), observed.parts, { timeoutMs: 3_000 });
    expect(snapshot.clusters[0]).toMatchObject({ name: "shop", health: "unknown" });
  });
});
