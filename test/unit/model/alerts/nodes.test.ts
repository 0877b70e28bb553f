import { describe, expect, it } from "vitest";
import { buildR1, buildReport, NOW, Scene, stale } from "../../../support/model-builders.ts";

const problem = (part: string) => ({
  part,
  failure: {
    kind: "rejected",
    target: "db3",
    operation: part,
    message: "Access denied",
    advice: null,
    serverCode: 1227,
  } as const,
});

describe("node-unreachable", () => {
  it("is critical for the writer and a warning for a reader", () => {
    expect(buildR1().kill("db1").snapshot().alerts).toMatchObject([
      { code: "node-unreachable", severity: "critical", node: "db1" },
    ]);
    expect(buildR1().kill("db3").snapshot().alerts).toMatchObject([
      { code: "node-unreachable", severity: "warning", node: "db3" },
    ]);
  });

  it("is raised for a node that stopped answering in time, with the age of its last answer", () => {
    const scene = buildR1();
    scene.readNode("db1", stale(scene.report("db1"), NOW - 3000));
    expect(scene.snapshot().alerts[0]?.message).toContain("last answer 3 s ago");
  });

  it("tells beside what the failure means who sees the node still, and what to do when the writer is dead", () => {
    const refused = { advice: "Is the server running?" };
    const advice = (scene: Scene, name: string) =>
      scene.snapshot().alerts.find(({ code, node }) => code === "node-unreachable" && node === name)?.advice;
    expect(advice(buildR1().kill("db1", refused), "db1")).toMatch(/^Is the server running\? lb1 still holds it for UP/);
    const down = buildR1().state("lb1", "write_nodes/db1", "down").kill("db1", refused);
    expect(advice(down, "db1")).toBe(
      "Is the server running? If it is dead: signalbox promote NODE --failover (answering: db2, db3 and db4).",
    );
    const reader = buildR1().state("lb1", "read_nodes/db3", "down").kill("db3", refused);
    expect(advice(reader, "db3")).toBe("Is the server running?");
  });

  it("does not take a refused login for a dead writer, but full connection slots for an outage", () => {
    const refused = buildR1().kill("db1", { kind: "auth", message: "Access denied", serverCode: 1045 });
    expect(refused.snapshot().alerts).toMatchObject([{ severity: "warning" }]);
    const full = buildR1().kill("db1", { kind: "rejected", message: "Too many connections", serverCode: 1040 });
    expect(full.snapshot().alerts).toMatchObject([{ severity: "critical" }]);
  });

  it("is not raised for a node that was not asked yet", () => {
    expect(buildR1().readNode("db3", { state: "never", from: "db3" }).codes()).toEqual([]);
  });
});

describe("node-privileges", () => {
  it("names all parts that are unknown", () => {
    const scene = buildR1().node("db3", { problems: [problem("replica status"), problem("binlog position")] });
    expect(scene.alerts()).toEqual(["node-privileges db3"]);
    expect(scene.snapshot().alerts[0]?.message).toContain("replica status and binlog position unknown: Access denied");
  });
});

describe("identity", () => {
  it("raises duplicate-server-id for replicas", () => {
    expect(buildR1().node("db4", { serverId: 3 }).snapshot().alerts).toMatchObject([
      { code: "duplicate-server-id", severity: "critical", subject: "db3 db4" },
    ]);
  });

  it("raises duplicate-server-uuid for cloned images", () => {
    const scene = buildR1("mysql");
    scene.node("db4", { serverUuid: scene.report("db3").serverUuid });
    expect(scene.alerts()).toEqual(["duplicate-server-uuid db4"]);
  });

  it("is only a warning for unrelated servers with the default server_id", () => {
    const scene = new Scene()
      .addNode("a", "10.0.0.1:3306", buildReport(1, { readOnly: false }))
      .addNode("b", "10.0.0.2:3306", buildReport(1, { readOnly: false }));
    expect(scene.snapshot().alerts).toMatchObject([{ code: "duplicate-server-id", severity: "warning" }]);
  });

  it("does not compare ids that are not known, nor those of a node that is silent", () => {
    expect(buildR1().node("db3", { serverId: null }).node("db4", { serverId: null }).codes()).toEqual([]);
    expect(buildR1().node("db4", { serverId: 3 }).kill("db4").codes()).toEqual(["node-unreachable"]);
  });
});

describe("rival-automation", () => {
  it("names the account and where it is connected", () => {
    const scene = buildR1()
      .node("db1", { rivalUsers: ["orchestrator"] })
      .node("db2", { rivalUsers: ["orchestrator"] });
    expect(scene.snapshot().alerts).toMatchObject([
      { code: "rival-automation", severity: "info", subject: "orchestrator" },
    ]);
    expect(scene.snapshot().alerts[0]?.message).toContain("db1 and db2");
  });
});
