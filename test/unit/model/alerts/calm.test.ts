import { describe, expect, it } from "vitest";
import { buildR1, buildR2, buildR3, buildR4, failed, NOW, stale } from "../../../support/model-builders.ts";

describe("calm reference clusters", () => {
  it.each([
    ["R1 on MariaDB", buildR1("mariadb"), []],
    ["R1 on MySQL", buildR1("mysql"), []],
    ["R1 on Percona", buildR1("percona"), []],
    ["R2 with a relay", buildR2(), []],
    ["R3, both writable", buildR3(), ["backup-writable db2"]],
    ["R4, both taking writes on purpose", buildR4(), []],
  ] as const)("%s raises nothing it should not", (_name, scene, expected) => {
    expect(scene.alerts()).toEqual(expected);
    expect(scene.snapshot().health).toBe(expected.length === 0 ? "ok" : "warning");
  });
});

describe("health", () => {
  it("is unknown when nobody answers, whatever alerts there are", () => {
    const scene = buildR1();
    for (const name of ["db1", "db2", "db3", "db4"]) scene.kill(name);
    scene.haproxy("lb1", { reading: failed(scene.haproxyReport("lb1")) });
    expect(scene.snapshot().health).toBe("unknown");
    expect(scene.codes()).toEqual(["haproxy-unreachable", "node-unreachable"]);
  });

  it("is not ok while a configured node has never been asked", () => {
    const scene = buildR1().readNode("db3", { state: "never", from: "db3" });
    expect(scene.alerts()).toEqual([]);
    expect(scene.snapshot().health).toBe("unknown");
  });

  it("stays ok with info alerts only", () => {
    const scene = buildR1().node("db1", { rivalUsers: ["orchestrator"] });
    expect(scene.alerts()).toEqual(["rival-automation db1"]);
    expect(scene.snapshot().health).toBe("ok");
  });

  it("puts critical alerts first", () => {
    const scene = buildR1()
      .channel("db3", { sql: "no" })
      .node("db4", { rivalUsers: ["orchestrator"] });
    const severities = scene.snapshot().alerts.map(({ severity }) => severity);
    expect(severities).toEqual(["critical", "warning", "info"]);
  });
});

describe("readings that are not fresh", () => {
  it("raise no alert from what a node said before it fell silent", () => {
    const scene = buildR1().channel("db3", { sql: "no", secondsBehind: null });
    expect(scene.codes()).toContain("replica-sql-stopped");
    scene.readNode("db3", stale(scene.report("db3"), NOW - 4000));
    expect(scene.alerts()).toEqual(["node-unreachable db3"]);
  });

  it("raise no alert from what a HAProxy said before it fell silent", () => {
    const scene = buildR1().state("lb1", "read_nodes/db3", "down");
    scene.haproxy("lb1", { reading: failed(scene.haproxyReport("lb1")) });
    expect(scene.alerts()).toEqual(["haproxy-unreachable lb1"]);
  });
});
