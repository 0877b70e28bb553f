import { describe, expect, it } from "vitest";
import type { RouteAnswer, RouteProbe } from "../../../../src/model/route-probe.ts";
import {
  buildHaproxyReport,
  buildR1,
  buildR3,
  buildR4,
  buildReport,
  buildServer,
  fresh,
  NOW,
} from "../../../support/model-builders.ts";

describe("split-brain", () => {
  it("is raised when two writable nodes get new writes", () => {
    const scene = buildR3().server("lb1", "mysql/db2", { backup: false, active: true });
    scene.configure({ writer: { backend: "mysql", address: null, multiWriter: false } });
    const [alert] = scene.snapshot().alerts;
    expect(alert).toMatchObject({ code: "split-brain", severity: "critical" });
    expect(alert?.message).toContain("db1 gets new writes and holds 8 writer sessions");
  });

  it("is raised when the old writer still holds sessions after writes moved to a writable backup", () => {
    const scene = buildR3().state("lb1", "mysql/db1", "drain").server("lb1", "mysql/db2", { sessions: 3 });
    expect(scene.alerts()).toContain("split-brain db1");
  });

  it("is raised when two HAProxies send writes to different writable nodes", () => {
    const scene = buildR3().addHaproxy("lb2", [
      buildServer("mysql/db1", "10.0.0.11:3306", { state: "maint", adminReasons: ["maint-forced"] }),
      buildServer("mysql/db2", "10.0.0.12:3306", { backup: true }),
    ]);
    expect(scene.codes()).toEqual(["haproxy-disagree", "split-brain"]);
  });

  it("is raised for an old primary that came back writable after its replicas were re-pointed", () => {
    const scene = buildR1()
      .state("lb1", "write_nodes/db1", "maint", { sessions: 0 })
      .node("db2", { channels: [], readOnly: false });
    for (const id of [3, 4]) scene.channel(`db${id}`, { sourceHost: "10.0.0.12", sourceServerId: 2 });
    expect(scene.alerts()).toEqual(["split-brain db1"]);
  });

  it("is raised for it also while dump threads of the re-pointed replicas linger on it, but not for a replica of its own", () => {
    const scene = buildR1()
      .state("lb1", "write_nodes/db1", "maint", { sessions: 0 })
      .node("db2", { channels: [], readOnly: false });
    for (const id of [3, 4]) scene.channel(`db${id}`, { sourceHost: "10.0.0.12", sourceServerId: 2 });
    const threads = [3, 4].map((id) => {
      return { serverId: id, uuid: null, host: `10.0.0.1${id}`, port: 3306, seenIn: "both" } as const;
    });
    scene.node("db1", { attachedReplicas: threads });
    expect(scene.alerts()).toContain("split-brain db1");
    const stranger = { serverId: 99, uuid: null, host: "10.0.0.99", port: 3306, seenIn: "both" } as const;
    scene.node("db1", { attachedReplicas: [...threads, stranger] });
    expect(scene.alerts()).not.toContain("split-brain db1");
  });

  it("is raised for a replica that was cut loose and opened", () => {
    expect(buildR1().node("db4", { channels: [], readOnly: false }).alerts()).toEqual(["split-brain db4"]);
  });

  it.each([
    ["a pair that is writable on both sides while only one gets writes", buildR3()],
    ["a drained writer without sessions", buildR3().state("lb1", "mysql/db1", "drain", { sessions: 0 })],
    ["a writable server of weight 0", buildR3().server("lb1", "mysql/db2", { weight: 0 })],
    ["a pair that is meant to take writes on both sides", buildR4()],
    ["a primary whose replicas cannot be seen", buildR1().kill("db2").kill("db3").kill("db4")],
    ["a node whose read_only is not known", buildR1().node("db4", { channels: [], readOnly: null })],
    ["a node whose channels are not known", buildR1().node("db4", { channels: null, readOnly: false })],
    [
      "members of a Galera cluster",
      buildR1().node("db1", { galera: true }).node("db4", { channels: [], readOnly: false, galera: true }),
    ],
    ["a read-only standalone", buildR1().node("db4", { channels: [] })],
  ])("is not raised for %s", (_name, scene) => {
    expect(scene.codes()).not.toContain("split-brain");
  });

  it("is not raised for an old source whose silent replicas said last that they follow it", () => {
    const scene = buildR1().state("lb1", "write_nodes/db1", "maint", { sessions: 0 });
    scene.node("db2", { channels: [], readOnly: false, attachedReplicas: [] }).kill("db3").kill("db4");
    expect(scene.alerts()).not.toContain("split-brain db1");
  });

  it("is not raised for another database behind the same HAProxy", () => {
    const scene = buildR1().configure({ readers: ["read_nodes"] });
    const servers = [...scene.haproxyReport("lb1").servers, buildServer("reports/olap", "10.0.0.50:3306")];
    scene.haproxy("lb1", { reading: fresh(buildHaproxyReport(servers)) });
    scene.addNode("olap", "10.0.0.50:3306", buildReport(50, { readOnly: false }), "haproxy");
    expect(scene.alerts()).toEqual([]);
  });

  it("tells which node to fence without naming the one that takes the writes", () => {
    const [alert] = buildR1().node("db4", { channels: [], readOnly: false }).snapshot().alerts;
    expect(alert?.advice).toContain("SET GLOBAL read_only=1 on db4");
  });
});

describe("backup-writable", () => {
  it("is raised for the writable backup of R1 and not for a read-only one", () => {
    expect(buildR1().codes()).not.toContain("backup-writable");
    expect(buildR1().node("db2", { readOnly: false }).alerts()).toEqual(["backup-writable db2"]);
  });

  it("is not raised when the backup took over the writes", () => {
    const scene = buildR3().state("lb1", "mysql/db1", "maint", { sessions: 0 });
    expect(scene.alerts()).toEqual([]);
  });

  it("is not raised where several writers are meant", () => {
    expect(buildR4().server("lb1", "mysql/db2", { backup: true }).codes()).not.toContain("backup-writable");
  });
});

describe("writer-read-only and no-writer", () => {
  it("raises writer-read-only when HAProxy failed over to a read-only backup", () => {
    const scene = buildR1().state("lb1", "write_nodes/db1", "down").kill("db1");
    expect(scene.codes()).toContain("writer-read-only");
    expect(scene.snapshot().writer?.expected).toEqual(["db2"]);
  });

  it("advises to give the writes back while the old primary is alive, and to fail over when it is dead", () => {
    const advice = (scene: ReturnType<typeof buildR1>) =>
      scene.snapshot().alerts.find(({ code }) => code === "writer-read-only")?.advice;
    const alive = buildR1().state("lb1", "write_nodes/db1", "down");
    expect(advice(alive)).toContain("promote db2. Or, as db1 is alive");
    expect(advice(alive)).toContain('"set server write_nodes/db1 state maint", then "state ready"');
    expect(advice(alive.kill("db1"))).toBe("Make db2 the primary: signalbox promote db2 --failover.");
    const full = buildR1().state("lb1", "write_nodes/db1", "down").kill("db1", { kind: "rejected", serverCode: 1040 });
    expect(advice(full)).toMatch(/^db1 is alive and only cannot be read: its own alert comes first\./);
    const pair = buildR3().state("lb1", "mysql/db1", "down").node("db2", { readOnly: true });
    expect(advice(pair)).toBe("Make db2 the primary: signalbox promote db2.");
  });

  it("advises to open a primary that was closed, and never to promote it or to take the other writers out", () => {
    const advice = (scene: ReturnType<typeof buildR1>) =>
      scene.snapshot().alerts.find(({ code }) => code === "writer-read-only")?.advice;
    const closed = advice(buildR1().node("db1", { readOnly: true }));
    expect(closed).toContain("SET GLOBAL read_only=0 on db1");
    expect(closed).not.toContain("promote");
    const oneOfTwo = advice(buildR4().node("db1", { readOnly: true }));
    expect(oneOfTwo).toMatch(/SET GLOBAL read_only=0 on db1.*signalbox maint mysql\/db1\.$/);
    expect(oneOfTwo).not.toContain("db2");
  });

  it("names the HAProxies on which the writes are to be given back", () => {
    const scene = buildR1();
    scene.addHaproxy("lb2", scene.haproxyReport("lb1").servers).state("lb2", "write_nodes/db1", "down");
    const alert = scene.snapshot().alerts.find(({ code }) => code === "writer-read-only");
    expect(alert?.advice).toContain('"state ready" on lb2.');
  });

  it("does not raise writer-read-only while read_only is not known", () => {
    const scene = buildR1().node("db1", { readOnly: null });
    expect(scene.codes()).not.toContain("writer-read-only");
  });

  it("raises no-writer when no server of the writer backend is usable, and says why", () => {
    const scene = buildR1().state("lb1", "write_nodes/db1", "down").state("lb1", "write_nodes/db2", "maint");
    const alert = scene.snapshot().alerts.find(({ code }) => code === "no-writer");
    expect(alert).toMatchObject({ severity: "critical", subject: "lb1 write_nodes" });
    expect(alert?.message).toContain("db1 down, db2 maint");
    expect(alert?.advice).toContain('"set server write_nodes/SERVER state ready" on lb1');
    const forGood = scene.server("lb1", "write_nodes/db1", { rise: 99_999_999 }).snapshot().alerts;
    expect(forGood.find(({ code }) => code === "no-writer")?.advice).toContain(
      'state maint", then "state ready" on lb1',
    );
  });

  it("counts weight 0 as out of rotation", () => {
    const scene = buildR1();
    for (const name of ["db1", "db2"]) scene.server("lb1", `write_nodes/${name}`, { weight: 0 });
    expect(scene.codes()).toContain("no-writer");
  });

  it("does not raise no-writer while only the HAProxy is silent", () => {
    const scene = buildR1();
    scene.haproxy("lb1", { reading: { state: "never", from: "lb1" } });
    expect(scene.codes()).toEqual([]);
  });
});

describe("auto-increment-clash", () => {
  it.each([
    ["the same offset", { autoIncrementOffset: 1 }],
    ["an increment below the number of writers", { autoIncrementIncrement: 1, autoIncrementOffset: 2 }],
  ])("is raised for %s", (_name, patch) => {
    expect(buildR4().node("db2", patch).codes()).toEqual(["auto-increment-clash"]);
  });

  it("is not raised while a setting is not known, nor for a pair with one writer", () => {
    expect(buildR4().node("db2", { autoIncrementOffset: null }).codes()).toEqual([]);
    expect(buildR3().node("db2", { autoIncrementOffset: 1 }).codes()).toEqual(["backup-writable"]);
  });
});

describe("route-mismatch", () => {
  it("is raised when another node than HAProxy names answered twice in a row, with both names", () => {
    const scene = buildR1();
    scene.probe = buildProbe([answerOf(3), answerOf(3)]);
    expect(scene.alerts()).toEqual(["route-mismatch db3"]);
    expect(scene.snapshot().alerts[0]?.message).toBe(
      "A connection to the writer address 10.0.0.9:3306 was answered by db3, while write_nodes should send writes to db1.",
    );
  });

  it("is raised for a server that nobody knows, with what it says of itself", () => {
    const scene = buildR1();
    scene.probe = buildProbe([answerOf(77), answerOf(77)]);
    expect(scene.alerts()).toEqual(["route-mismatch write_nodes"]);
    expect(scene.snapshot().alerts[0]?.message).toContain(
      "answered by unknown server host77:3306 (server_id 77), while",
    );
  });

  it("is not raised by one answer, which may fall into a switchover, unless it is 3 s old", () => {
    const scene = buildR1();
    scene.probe = buildProbe([answerOf(1), answerOf(3)]);
    expect(scene.codes()).toEqual([]);
    scene.probe = { ...scene.probe, recent: [{ answer: answerOf(3), askedAt: NOW - 3_100 }] };
    expect(scene.codes()).toEqual(["route-mismatch"]);
  });

  it("is not raised by answers from before HAProxy chose another writer", () => {
    const scene = buildR1();
    scene.probe = {
      ...buildProbe([answerOf(3), answerOf(3)]),
      expectedBefore: { names: ["db3"], since: NOW - 60_000 },
    };
    expect(scene.codes()).toEqual([]);
    scene.probe = { ...scene.probe, expectedBefore: { names: ["db1"], since: NOW - 1_000 } };
    expect(scene.codes()).toEqual([]);
    scene.probe = { ...scene.probe, expectedBefore: { names: ["db1"], since: NOW - 60_000 } };
    expect(scene.codes()).toEqual(["route-mismatch"]);
  });

  it("waits until HAProxy was asked again after the answer that does not fit", () => {
    const scene = buildR1();
    const value = scene.haproxyReport("lb1");
    scene.haproxy("lb1", { reading: { state: "fresh", from: "lb1", value, at: NOW - 8_000 } });
    scene.probe = buildProbe([answerOf(3), answerOf(3)]);
    expect(scene.codes()).toEqual([]);
  });

  it("is not raised when the probe agrees, failed, or no HAProxy answers", () => {
    const scene = buildR1();
    scene.probe = buildProbe([answerOf(1), answerOf(1)]);
    expect(scene.codes()).toEqual([]);
    scene.probe = { ...buildProbe([]), reading: failedProbe, failuresInRow: 1 };
    expect(scene.codes()).toEqual([]);
    scene.probe = buildProbe([answerOf(3), answerOf(3)]);
    scene.haproxy("lb1", { reading: { state: "never", from: "lb1" } });
    expect(scene.codes()).toEqual([]);
  });

  it("accepts every writer of a round-robin pair", () => {
    const scene = buildR4();
    scene.probe = buildProbe([answerOf(1), answerOf(2)]);
    expect(scene.codes()).toEqual([]);
  });

  it("is raised when a read-only server answers, unless that node says so itself", () => {
    const scene = buildR1();
    const readOnly = { ...answerOf(1), readOnly: true };
    scene.probe = buildProbe([readOnly, readOnly]);
    expect(scene.alerts()).toEqual(["route-mismatch db1"]);
    expect(scene.snapshot().alerts[0]?.message).toContain("db1, which is read-only: writes fail there");
    scene.node("db1", { readOnly: true });
    expect(scene.codes()).toEqual(["writer-read-only"]);
    scene.haproxy("lb1", { reading: { state: "never", from: "lb1" } });
    scene.configure({ writer: { backend: "write_nodes", address: null, multiWriter: false } });
    scene.node("db1", { readOnly: false });
    expect(scene.codes()).toEqual(["route-mismatch"]);
  });

  it("does not call a server a stranger while an expected node has never been read", () => {
    const scene = buildR1();
    scene.probe = buildProbe([answerOf(77), answerOf(77)]);
    scene.readNode("db1", { state: "never", from: "db1" });
    expect(scene.codes()).toEqual([]);
    expect(scene.snapshot().writer?.probed).toBe("unknown server host77:3306 (server_id 77)");
  });

  it("cannot be fooled by ids given twice: what both tell has to agree", () => {
    const scene = buildR1().node("db3", { serverId: 1 });
    scene.probe = buildProbe([answerOf(1), answerOf(1)]);
    expect(scene.snapshot().writer?.probed).toBe("db1");
    scene.probe = buildProbe([
      { ...answerOf(1), hostname: "host3" },
      { ...answerOf(1), hostname: "host3" },
    ]);
    expect(scene.snapshot().writer?.probed).toBe("db3");
  });
});

describe("route-unanswered", () => {
  it("is raised by the second failure in a row, and says why", () => {
    const scene = buildR1();
    scene.probe = { ...buildProbe([]), reading: failedProbe, failuresInRow: 2 };
    expect(scene.alerts()).toEqual(["route-unanswered write_nodes"]);
    const [alert] = scene.snapshot().alerts;
    expect(alert).toMatchObject({ severity: "warning" });
    expect(alert?.message).toBe("Who gets writes at 10.0.0.9:3306 is not known: no answer within 2000 ms");
    expect(scene.snapshot().writer).toMatchObject({ probed: null, probedAt: null });
  });

  it("is information when a server answered and refused the account", () => {
    const scene = buildR1();
    const reading = { ...failedProbe, failure: { ...failedProbe.failure, kind: "auth" as const } };
    scene.probe = { ...buildProbe([]), reading, failuresInRow: 2 };
    expect(scene.snapshot().alerts[0]).toMatchObject({ code: "route-unanswered", severity: "info" });
  });
});

const failedProbe = {
  state: "failed" as const,
  from: "writer 10.0.0.9:3306",
  failure: {
    kind: "timeout" as const,
    target: "writer",
    operation: "route",
    message: "no answer within 2000 ms",
    advice: null,
    serverCode: null,
  },
  failedAt: NOW,
  last: null,
};

function answerOf(serverId: number): RouteAnswer {
  return { serverId, hostname: `host${serverId}`, port: 3306, serverUuid: null, readOnly: false };
}

/** Answers that were asked for a second apart, the last one 100 ms ago. */
function buildProbe(answers: readonly RouteAnswer[]): RouteProbe {
  const recent = answers.map((answer, index) => ({
    answer,
    askedAt: NOW - 100 - 1_000 * (answers.length - 1 - index),
  }));
  const last = answers.at(-1);
  const from = "writer 10.0.0.9:3306";
  const reading: RouteProbe["reading"] =
    last === undefined ? { state: "never", from } : { state: "fresh", from, value: last, at: NOW - 90 };
  return { address: "10.0.0.9:3306", reading, recent, failuresInRow: 0, expectedBefore: null };
}
