import { describe, expect, it } from "vitest";
import { diffClusters } from "../../../src/model/diff.ts";
import {
  buildHaproxyReport,
  buildR1,
  buildReport,
  buildServer,
  failed,
  fresh,
  NOW,
  type Scene,
  stale,
} from "../../support/model-builders.ts";

/** Changes from the calm R1 to what `change` makes of it, alerts left out. */
function changes(change: (scene: Scene) => Scene, before = buildR1(), after = buildR1()): string[] {
  const events = diffClusters(before.snapshot(), change(after).snapshot(), NOW);
  return events
    .filter(({ kind }) => kind !== "alert")
    .map(({ kind, subject, before: was, after: is }) => `${kind} ${subject}: ${was} → ${is}`);
}

describe("changes of servers", () => {
  it("are said in one word each", () => {
    expect(changes((scene) => scene.state("lb1", "read_nodes/db3", "drain"))).toEqual([
      "server lb1 read_nodes/db3: UP → DRAIN",
    ]);
    expect(changes((scene) => scene.server("lb1", "read_nodes/db3", { weight: 50 }))).toEqual([
      "server lb1 read_nodes/db3: weight 1 → weight 50",
    ]);
    expect(changes((scene) => scene.server("lb1", "read_nodes/db3", { weight: 0 }))).toEqual([
      "server lb1 read_nodes/db3: UP → UP weight 0",
    ]);
  });

  it("show a drain that the state DOWN hides, and an address changed at run time", () => {
    const down = () => buildR1().state("lb1", "read_nodes/db3", "down");
    const drained = (scene: Scene) => scene.server("lb1", "read_nodes/db3", { adminReasons: ["drain-forced"] });
    expect(changes(drained, down(), down())).toEqual(["server lb1 read_nodes/db3: ready → drain-forced"]);
    expect(changes((scene) => scene.server("lb1", "read_nodes/db3", { port: 3399 }))).toEqual([
      "server lb1 read_nodes/db3: 10.0.0.13:3306 → 10.0.0.13:3399",
    ]);
  });

  it("show servers that appear and vanish", () => {
    const servers = [
      ...buildR1().haproxyReport("lb1").servers.slice(0, 4),
      buildServer("read_nodes/db5", "10.0.0.15:3306"),
    ];
    expect(changes((scene) => scene.haproxy("lb1", { reading: fresh(buildHaproxyReport(servers)) }))).toEqual([
      "server lb1 read_nodes/db5: absent → UP",
      "server lb1 read_nodes/db4: UP → absent",
    ]);
  });

  it("show a reload once", () => {
    const reload = { at: NOW, previousPid: 1, pid: 2, lost: ["read_nodes/db3 was drain, now up"] };
    const reloaded = (scene: Scene) => scene.haproxy("lb1", { reload });
    expect(changes(reloaded)).toEqual(["haproxy lb1: pid 1 → reloaded, pid 2; lost: read_nodes/db3 was drain, now up"]);
    expect(changes(reloaded, reloaded(buildR1()))).toEqual([]);
  });
});

describe("changes of nodes", () => {
  it.each([
    ["read_only", { readOnly: false }, ["node db3: read_only ON → read_only OFF"]],
    ["a restart", { uptimeSeconds: 3 }, ["node db3: up 86400 s → restarted 3 s ago"]],
    ["a clock that counts in whole seconds", { uptimeSeconds: 86_399 }, []],
    ["a version", { version: "11.8" }, ["node db3: version 10.11.19-MariaDB-log → version 11.8"]],
    ["a flag that is not known now", { readOnly: null, superReadOnly: null }, []],
  ])("%s", (_name, patch, expected) => {
    expect(changes((scene) => scene.node("db3", patch))).toEqual(expected);
  });

  it("threads, sources and new errors", () => {
    const ioError = { code: 2003, message: "Can't connect" };
    expect(changes((scene) => scene.channel("db3", { io: "connecting", ioError }))).toEqual([
      "replication db3 replication: IO yes → IO connecting",
      "replication db3 replication: no error → error 2003: Can't connect",
    ]);
    expect(changes((scene) => scene.channel("db3", { sourceHost: "10.0.0.12" }))).toContain(
      "topology db3 replication: from 10.0.0.11:3306 → from 10.0.0.12:3306",
    );
    expect(changes((scene) => scene.node("db3", { channels: [] }))).toEqual([
      "topology db3 replication: from 10.0.0.11:3306 → none",
      "topology db3: replica → standalone",
    ]);
  });

  it("appearing and vanishing", () => {
    const grown = (scene: Scene) => scene.addNode("db5", "10.0.0.15:3306", buildReport(5), "haproxy");
    expect(changes(grown)).toEqual(["topology db5: absent → found by haproxy, 10.0.0.15:3306"]);
    expect(changes((scene) => scene, grown(buildR1()))).toEqual(["topology db5: 10.0.0.15:3306 → absent"]);
  });
});

describe("losing sight", () => {
  it("is one event per endpoint, with when it was last seen", () => {
    expect(changes((scene) => scene.kill("db1"))).toEqual([
      "node db1: answering → no answer: connection refused (last seen 2026-11-20T15:30:52Z)",
    ]);
    const silent = (scene: Scene) => scene.haproxy("lb1", { reading: stale(scene.haproxyReport("lb1")) });
    expect(changes(silent)).toEqual(["haproxy lb1: answering → no answer (last seen 2026-11-20T15:30:57Z)"]);
  });

  it("says nothing more while the silence lasts, also when stale becomes failed", () => {
    const silent = buildR1();
    silent.readNode("db1", stale(silent.report("db1")));
    expect(changes((scene) => scene.kill("db1"), silent)).toEqual([]);
  });

  it("is followed by what changed meanwhile", () => {
    const back = changes((scene) => scene.node("db3", { readOnly: false }), buildR1().kill("db3"));
    expect(back).toEqual(["node db3: no answer → answering", "node db3: read_only ON → read_only OFF"]);
  });

  it("makes no news of the first answer, but of a first failure", () => {
    const unasked = () => buildR1().readNode("db3", { state: "never", from: "db3" });
    expect(changes((scene) => scene, unasked())).toEqual([]);
    const dead = (scene: Scene) => scene.readNode("db3", failed());
    expect(changes(dead, unasked())).toEqual(["node db3: not asked → no answer: connection refused (never seen)"]);
  });
});

describe("alerts in the timeline", () => {
  const alerts = (before: Scene, after: Scene) =>
    diffClusters(before.snapshot(), after.snapshot(), NOW).filter(({ kind }) => kind === "alert");

  it("are raised, change severity and clear", () => {
    const late = (secondsBehind: number) => buildR1().channel("db3", { secondsBehind });
    expect(alerts(buildR1(), late(6))).toMatchObject([
      { subject: "replica-lag db3", severity: "warning", before: "clear" },
    ]);
    expect(alerts(late(6), late(60))).toMatchObject([{ before: "warning", after: "critical" }]);
    expect(alerts(late(60), late(61))).toEqual([]);
    expect(alerts(late(60), buildR1())).toMatchObject([{ before: "critical", after: "clear" }]);
  });

  it("do not count as cleared when what they are about cannot be seen any more", () => {
    const gone = alerts(buildR1().channel("db3", { sql: "no" }), buildR1().kill("db3"));
    expect(gone.filter(({ subject }) => subject === "reader-stopped db3")).toMatchObject([{ after: "not known now" }]);
    const closed = () => buildR1().state("lb1", "write_nodes/db1", "down");
    const blind = closed().haproxy("lb1", { reading: failed(closed().haproxyReport("lb1")) });
    const lost = alerts(closed(), blind).filter(({ subject }) => subject === "writer-read-only db2");
    expect(lost).toMatchObject([{ after: "not known now" }]);
  });
});

it("has no changes for a first snapshot or an equal one, and stamps those it has", () => {
  expect(diffClusters(null, buildR1().snapshot(), NOW)).toEqual([]);
  expect(changes((scene) => scene)).toEqual([]);
  const [event] = diffClusters(buildR1().snapshot(), buildR1().node("db3", { readOnly: false }).snapshot(), NOW);
  expect(event).toMatchObject({ at: NOW, cluster: "shop" });
});
