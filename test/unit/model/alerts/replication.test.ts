import { describe, expect, it } from "vitest";
import { buildGtid, buildR1, buildR2, buildR3, buildReport, uuidOf } from "../../../support/model-builders.ts";

describe("stopped threads", () => {
  it("raises replica-io-stopped for a stopped and for a connecting receiver", () => {
    expect(buildR1().channel("db3", { io: "no", secondsBehind: null }).alerts()).toEqual(["replica-io-stopped db3"]);
    const connecting = buildR1().channel("db3", { io: "connecting", secondsBehind: null }).snapshot().alerts;
    expect(connecting).toMatchObject([{ code: "replica-io-stopped", severity: "warning", node: "db3" }]);
    expect(connecting[0]?.message).toContain("cannot connect to db1");
  });

  it("is critical when a thread stopped on an error, and says the error", () => {
    const sqlError = { code: 1062, message: "Duplicate entry" };
    const alerts = buildR1().channel("db4", { sql: "no", sqlError }).configure({ readers: [] }).snapshot().alerts;
    expect(alerts).toMatchObject([{ code: "replica-sql-stopped", severity: "critical" }]);
    expect(alerts[0]?.message).toContain("Error 1062: Duplicate entry");
  });

  it("raises reader-stopped for a reader in service whose applier is stopped", () => {
    expect(buildR1().channel("db3", { sql: "no" }).alerts()).toEqual(["reader-stopped db3", "replica-sql-stopped db3"]);
  });

  it.each(["drain", "maint", "down"] as const)("does not raise reader-stopped for a reader in %s", (state) => {
    const scene = buildR1()
      .channel("db3", { sql: "no" })
      .state("lb1", "read_nodes/db3", state, { lastChangeSeconds: 5 });
    expect(scene.codes()).not.toContain("reader-stopped");
  });

  it("does not raise reader-stopped for a reader of weight 0", () => {
    const scene = buildR1().channel("db3", { sql: "no" }).server("lb1", "read_nodes/db3", { weight: 0 });
    expect(scene.codes()).toEqual(["replica-sql-stopped"]);
  });

  it("names the channel where it has a name", () => {
    const scene = buildR1().channel("db3", { name: "reports", io: "no" });
    expect(scene.snapshot().alerts[0]?.subject).toBe("db3 reports");
  });
});

describe("replica-lag", () => {
  it.each([
    [4, []],
    [5, ["warning"]],
    [30, ["critical"]],
  ] as const)("with %i s behind gives %j", (secondsBehind, expected) => {
    const alerts = buildR1().channel("db3", { secondsBehind }).snapshot().alerts;
    expect(alerts.map(({ severity }) => severity)).toEqual(expected);
  });

  it("does not count a configured delay", () => {
    expect(buildR1().channel("db3", { secondsBehind: 3602, delaySeconds: 3600 }).codes()).toEqual([]);
    expect(buildR1().channel("db3", { secondsBehind: 3610, delaySeconds: 3600 }).codes()).toEqual(["replica-lag"]);
  });

  it("says so when both threads run and nobody can tell the lag", () => {
    const scene = buildR1().channel("db3", { secondsBehind: null });
    expect(scene.snapshot().alerts[0]?.message).toContain("cannot be told");
  });

  it("does not trust a 0 of a replica that has not heard from its source for two heartbeats", () => {
    const silent = { secondsBehind: 0, secondsSinceHeartbeat: 62, heartbeatPeriodSeconds: 30 };
    const scene = buildR1().channel("db3", silent);
    expect(scene.codes()).toEqual(["replica-lag"]);
    expect(scene.snapshot().nodes[2]?.channels[0]).toMatchObject({ lagSeconds: null, lagFrom: "unknown" });
  });

  it("is not raised while a thread is stopped, whatever the server says", () => {
    expect(buildR1().channel("db3", { io: "no", secondsBehind: 900 }).codes()).toEqual(["replica-io-stopped"]);
  });
});

describe("orphan-replica", () => {
  it("is raised for replicas of a dead source, and is critical while they serve reads", () => {
    const scene = buildR1().kill("db1");
    for (const id of [2, 3, 4]) scene.channel(`db${id}`, { io: "connecting", secondsBehind: null });
    const orphans = scene.snapshot().alerts.filter(({ code }) => code === "orphan-replica");
    expect(orphans.map(({ node, severity }) => `${node} ${severity}`)).toEqual([
      "db2 critical",
      "db3 critical",
      "db4 critical",
    ]);
  });

  it("is raised for replicas that follow a living node which is not the writer any more", () => {
    const scene = buildR1()
      .state("lb1", "write_nodes/db1", "maint", { sessions: 0 })
      .node("db1", { readOnly: true })
      .node("db2", { channels: [], readOnly: false });
    expect(scene.alerts()).toEqual(["orphan-replica db3", "orphan-replica db4"]);
    expect(scene.snapshot().alerts[0]?.message).toContain("db3 follows db1, while writes go to db2");
  });

  it.each([
    ["the second tier below a relay", buildR2()],
    ["the standby of a pair", buildR3()],
    ["a replica whose source is silent only to us", buildR1().kill("db1")],
    ["a replica of an unknown source", buildR1().channel("db4", { sourceHost: "10.9.9.9", sourceServerId: 99 })],
    ["a replica below a relay that is silent", buildR2().kill("db2")],
    [
      "a replica whose chain leaves the cluster",
      buildR2().channel("db2", { sourceHost: "10.9.9.9", sourceServerId: 99 }),
    ],
  ])("is not raised for %s", (_name, scene) => {
    expect(scene.codes()).not.toContain("orphan-replica");
  });
});

describe("replication-broken-loop", () => {
  it("is raised for a pair with one direction stopped, not for a whole pair", () => {
    expect(buildR3().codes()).not.toContain("replication-broken-loop");
    expect(buildR3().channel("db1", { sql: "no" }).codes()).toContain("replication-broken-loop");
  });

  it("is raised for a ring of three, critical when it is broken", () => {
    const scene = buildR1().configure({ readers: [] });
    scene.node("db1", { channels: scene.report("db4").channels });
    scene
      .channel("db1", { sourceHost: "10.0.0.13", sourceServerId: 3 })
      .channel("db3", { sourceHost: "10.0.0.12", sourceServerId: 2 });
    expect(scene.alerts()).toEqual(["replication-broken-loop db1 db2 db3"]);
    const broken = scene.channel("db2", { sql: "no" }).snapshot().alerts;
    expect(broken).toMatchObject([
      { code: "replication-broken-loop", severity: "critical", node: "db2" },
      { code: "replica-sql-stopped" },
    ]);
  });
});

describe("errant-transactions", () => {
  it.each(["mysql", "mariadb"] as const)("is raised for a write on a replica of %s", (flavor) => {
    const scene = buildR1(flavor);
    const gtid = scene.report("db3").gtid;
    const own =
      flavor === "mariadb"
        ? { ...gtid, executed: "0-3-101", binlogState: "0-1-100,0-3-101" }
        : { ...gtid, executed: `${uuidOf(1)}:1-100,${uuidOf(3)}:1-2` };
    scene.node("db3", { gtid: own });
    expect(scene.alerts()).toEqual(["errant-transactions db3"]);
    expect(scene.snapshot().alerts[0]?.message).toContain(flavor === "mariadb" ? "0-3-101" : `${uuidOf(3)}:1-2`);
  });

  it.each(["mysql", "mariadb"] as const)(
    "is not raised for a replica that was read later than its source on %s",
    (flavor) => {
      const scene = buildR1(flavor);
      scene.node("db3", { gtid: buildGtid(flavor, 1, 150, true) });
      expect(scene.codes()).toEqual([]);
      expect(scene.snapshot().nodes[2]?.channels[0]?.behind).toBe(0);
    },
  );

  it("is not raised for a second tier that was read later than its relay", () => {
    expect(
      buildR2()
        .node("db4", { gtid: buildGtid("mariadb", 1, 150, true) })
        .codes(),
    ).toEqual([]);
  });

  it("is not raised for the writes of the other half of a pair", () => {
    const gtid = { ...buildGtid("mariadb", 1, 100, true), executed: "0-2-120", binlogState: "0-1-100,0-2-120" };
    expect(buildR3().node("db2", { gtid }).codes()).toEqual(["backup-writable"]);
  });

  it("is not raised for ids of a stranger while the chain leaves the cluster", () => {
    const scene = buildR1("mysql");
    scene.node("db1", {
      channels: buildR1("mysql")
        .channel("db4", { sourceHost: "10.9.9.9", sourceServerId: 99, sourceUuid: uuidOf(99) })
        .report("db4").channels,
    });
    scene.node("db3", {
      gtid: { ...scene.report("db3").gtid, executed: `${uuidOf(1)}:1-100,${uuidOf(99)}:1-5,${uuidOf(77)}:1` },
    });
    expect(scene.codes()).not.toContain("errant-transactions");
    scene.node("db3", { gtid: { ...scene.report("db3").gtid, executed: `${uuidOf(1)}:1-100,${uuidOf(4)}:1` } });
    expect(scene.codes()).toContain("errant-transactions");
  });

  it("is raised for a transaction the dead old primary left on one replica only", () => {
    const scene = buildR1("mysql").kill("db1").state("lb1", "write_nodes/db1", "maint");
    scene.node("db2", { channels: [], readOnly: false });
    for (const id of [3, 4])
      scene.channel(`db${id}`, { sourceHost: "10.0.0.12", sourceServerId: 2, sourceUuid: uuidOf(2) });
    expect(scene.codes()).not.toContain("errant-transactions");
    scene.node("db3", { gtid: buildGtid("mysql", 1, 102, true) });
    expect(scene.alerts()).toContain("errant-transactions db3");
  });

  it("is not judged while the source is silent, in file/position mode, or across flavours", () => {
    const errant = { ...buildGtid("mariadb", 1, 100, true), binlogState: "0-1-100,0-3-101" };
    expect(buildR1().node("db3", { gtid: errant }).kill("db1").codes()).not.toContain("errant-transactions");
    expect(buildR1().node("db3", { gtid: errant }).channel("db3", { usesGtid: false }).codes()).toEqual([]);
    const mixed = buildR1();
    mixed.readNode("db1", {
      state: "fresh",
      from: "db1",
      at: 0,
      value: buildReport(1, { flavor: "mysql", readOnly: false }),
    });
    expect(mixed.node("db3", { gtid: errant }).codes()).toEqual([]);
  });
});
