import { describe, expect, it } from "vitest";
import type { MysqlReport, ReplicaChannel } from "../../../src/model/mysql.ts";
import { buildGtid, buildR1, buildR2, buildR3, NOW, type Scene, stale, uuidOf } from "../../support/model-builders.ts";

const db3 = (scene: Scene) => scene.snapshot().nodes[2]?.channels[0];
const beat = (serverId: number, ageSeconds: number) => [{ serverId, ageSeconds }];

describe("lag", () => {
  it.each([
    ["the server's figure", {}, {}, [0, "status"]],
    ["commit times before the server's figure", { transactionLagSeconds: 1.5, secondsBehind: 0 }, {}, [1.5, "gtid"]],
    ["the heartbeat before all", { transactionLagSeconds: 1.5 }, { heartbeats: beat(1, 2.5) }, [2.5, "heartbeat"]],
    ["no heartbeat of another writer", {}, { heartbeats: beat(9, 900) }, [0, "status"]],
    ["nothing while the receiver connects", { io: "connecting", secondsBehind: 0 }, {}, [null, "unknown"]],
    [
      "nothing while the applier is stopped",
      { sql: "no", secondsBehind: 0 },
      { heartbeats: beat(1, 2) },
      [null, "unknown"],
    ],
    ["nothing when no figure was read", { secondsBehind: null }, {}, [null, "unknown"]],
  ] satisfies [string, Partial<ReplicaChannel>, Partial<MysqlReport>, unknown[]][])(
    "takes %s",
    (_name, channel, node, [seconds, from]) => {
      expect(db3(buildR1().channel("db3", channel).node("db3", node))).toMatchObject({
        lagSeconds: seconds,
        lagFrom: from,
      });
    },
  );

  it("reads the heartbeat of the top of the chain, not of the relay", () => {
    const scene = buildR2().node("db3", { heartbeats: [...beat(2, 5000), ...beat(1, 3)] });
    expect(db3(scene)).toMatchObject({ lagSeconds: 3, lagFrom: "heartbeat" });
  });

  it("does not measure with a heartbeat that is no longer written at the source", () => {
    const scene = buildR1()
      .node("db1", { heartbeats: beat(1, 600) })
      .node("db3", { heartbeats: beat(1, 600) });
    expect(db3(scene)).toMatchObject({ lagSeconds: 0, lagFrom: "status" });
  });

  it("does not measure the active half of a pair with the old heartbeat of the passive one", () => {
    const heartbeats = [...beat(1, 1), ...beat(2, 90_000)];
    const scene = buildR3().node("db1", { heartbeats }).node("db2", { heartbeats });
    expect(scene.snapshot().nodes.map(({ channels }) => channels[0]?.lagFrom)).toEqual(["status", "heartbeat"]);
  });

  it("is unknown while the source is silent and the replica has not heard from it since: a hung source reads as 0", () => {
    const hung = () => {
      const scene = buildR1();
      return scene.readNode("db1", stale(scene.report("db1"), NOW - 5000));
    };
    expect(db3(hung())).toMatchObject({ lagSeconds: null, lagFrom: "unknown" });
    const later = { secondsSinceHeartbeat: 9, heartbeatPeriodSeconds: 30 };
    expect(db3(hung().channel("db3", later))?.lagSeconds).toBeNull();
    expect(db3(hung().channel("db3", { ...later, secondsSinceHeartbeat: 2 }))?.lagSeconds).toBe(0);
    expect(db3(hung().node("db3", { heartbeats: beat(1, 6) }))).toMatchObject({ lagSeconds: 6, lagFrom: "heartbeat" });
    expect(hung().codes()).toEqual(["node-unreachable"]);
  });

  it("stays known while the source refuses only us", () => {
    const scene = buildR1().kill("db1", { kind: "auth", message: "Access denied" });
    expect(db3(scene)).toMatchObject({ lagSeconds: 0, lagFrom: "status" });
  });

  it("gives no figures for a node that is silent", () => {
    const scene = buildR1().kill("db3");
    expect(db3(scene)).toMatchObject({
      sourceNode: "db1",
      lagSeconds: null,
      lagFrom: "unknown",
      behind: null,
      applierBacklog: null,
    });
  });
});

describe("distance in transactions", () => {
  it.each(["mysql", "mariadb"] as const)("counts what the source has and the replica lacks on %s", (flavor) => {
    const scene = buildR1(flavor).node("db3", { gtid: buildGtid(flavor, 1, 88, true) });
    expect(db3(scene)?.behind).toBe(12);
  });

  it("counts what was received and not applied", () => {
    const mariadb = buildR1()
      .channel("db3", { receivedGtid: "0-1-95" })
      .node("db3", { gtid: buildGtid("mariadb", 1, 88, true) });
    expect(db3(mariadb)?.applierBacklog).toBe(7);
    const received = `${uuidOf(1)}:50-95`;
    const mysql = buildR1("mysql")
      .channel("db3", { receivedGtid: received })
      .node("db3", { gtid: buildGtid("mysql", 1, 88, true) });
    expect(db3(mysql)?.applierBacklog).toBe(7);
  });

  it("does not count an errant id of the replica as progress", () => {
    const gtid = { ...buildGtid("mariadb", 1, 88, true), executed: "0-3-95", binlogState: "0-1-88,0-3-95" };
    expect(db3(buildR1().node("db3", { gtid }))?.behind).toBe(12);
  });

  it("counts an old primary's own binlog as progress after it became a replica", () => {
    const scene = buildR3().node("db1", { gtid: { ...buildGtid("mariadb", 1, 100, false), replicaPos: "" } });
    const channel = scene.snapshot().nodes[0]?.channels[0];
    expect(channel?.behind).toBe(0);
  });

  it.each([
    ["the source is silent", buildR1().kill("db1")],
    ["the source is none of ours", buildR1().channel("db3", { sourceHost: "10.9.9.9", sourceServerId: 99 })],
    ["the channel uses file and position", buildR1().channel("db3", { usesGtid: false })],
    [
      "the source told no GTIDs",
      buildR1().node("db1", { gtid: { ...buildGtid("mariadb", 1, 1, false), executed: null } }),
    ],
    [
      "a set cannot be read",
      buildR1("mysql").node("db1", { gtid: { ...buildGtid("mysql", 1, 1, false), executed: "garbage" } }),
    ],
    ["gtid_mode is off", buildR1("mysql").node("db1", { gtid: { ...buildGtid("mysql", 1, 100, false), mode: "OFF" } })],
  ])("is unknown when %s", (_name, scene) => {
    expect(db3(scene)?.behind).toBeNull();
  });
});
