import { describe, expect, it } from "vitest";
import { buildStatusesJson, buildStatusJson, combineHealth, healthExitCode } from "../../../src/model/status-view.ts";
import { buildR1, failed, NOW, stale } from "../../support/model-builders.ts";

describe("status --json", () => {
  const status = buildStatusJson(buildR1().snapshot(), NOW);

  it("has the fields of the contract, in its order", () => {
    expect(Object.keys(status)).toEqual(["schema", "at", "cluster", "health", "haproxies", "nodes", "route", "alerts"]);
    expect(status).toMatchObject({
      schema: 1,
      at: "2026-11-20T15:31:02.000Z",
      cluster: "shop",
      health: "ok",
      alerts: [],
    });
    expect(status.route).toEqual({
      writer: { backend: "write_nodes", expected: ["db1"], probed: null, probedAt: null, probeError: null },
      readers: [],
      floatingIp: null,
    });
  });

  it("shows a HAProxy", () => {
    expect(status.haproxies).toEqual([
      {
        name: "lb1",
        reachable: true,
        version: "2.6.12",
        pid: 123,
        uptimeSeconds: 3600,
        level: "admin",
        error: null,
        ageMs: 15,
      },
    ]);
  });

  it("shows a replica with its servers and its channel", () => {
    expect(status.nodes[1]).toMatchObject({
      name: "db2",
      address: "10.0.0.12:3306",
      reachable: true,
      error: null,
      ageMs: 15,
      flavor: "mariadb",
      serverId: 2,
      serverUuid: null,
      readOnly: true,
      superReadOnly: null,
      role: "replica",
      position: { file: "bin.000001", pos: 1000, gtid: "0-1-100" },
      servers: [
        {
          haproxy: "lb1",
          backend: "write_nodes",
          server: "db2",
          state: "up",
          active: false,
          backup: true,
          sessions: 0,
        },
        { haproxy: "lb1", backend: "read_nodes", server: "db2", active: true, sessions: 4 },
      ],
    });
    expect(status.nodes[1]?.channels).toEqual([
      {
        name: "",
        source: "10.0.0.11:3306",
        sourceNode: "db1",
        io: "yes",
        sql: "yes",
        usesGtid: true,
        lagSeconds: 0,
        lagFrom: "status",
        behind: 0,
        position: { file: "bin.000001", pos: 1000, executedFile: "bin.000001", executedPos: 1000, gtid: null },
        ioError: null,
        sqlError: null,
      },
    ]);
  });

  it("says null, never the last value, of what is silent", () => {
    const scene = buildR1().kill("db3");
    scene.haproxy("lb1", { reading: stale(scene.haproxyReport("lb1")) });
    const { haproxies, nodes, route } = buildStatusJson(scene.snapshot(), NOW);
    expect(haproxies[0]).toMatchObject({
      reachable: false,
      version: null,
      pid: null,
      error: "no answer for 5 s",
      ageMs: 5000,
    });
    expect(nodes[2]).toMatchObject({
      reachable: false,
      error: "connection refused",
      ageMs: 10_000,
      version: null,
      readOnly: null,
    });
    expect(nodes[2]).toMatchObject({ role: "unknown", position: null, channels: [] });
    expect(nodes[2]?.servers[0]).toMatchObject({
      state: "unknown",
      status: null,
      sessions: null,
      weight: null,
      active: true,
    });
    expect(route.writer).toMatchObject({ backend: "write_nodes", expected: null });
  });

  it("has no age of what was never read", () => {
    const scene = buildR1().readNode("db3", failed());
    expect(buildStatusJson(scene.snapshot(), NOW).nodes[2]?.ageMs).toBeNull();
  });

  it("keeps alerts to the fields of the contract", () => {
    const [alert] = buildStatusJson(buildR1().channel("db3", { secondsBehind: 9 }).snapshot(), NOW).alerts;
    expect(Object.keys(alert ?? {})).toEqual(["code", "severity", "node", "message", "advice"]);
  });
});

describe("several clusters and exit codes", () => {
  it("shows each with the worst health of all", () => {
    const all = buildStatusesJson([buildR1().snapshot(), buildR1().kill("db3").snapshot()], NOW);
    expect(all).toMatchObject({ schema: 1, health: "warning", clusters: [{ health: "ok" }, { health: "warning" }] });
  });

  it.each([
    [["ok", "unknown"], "unknown", 3],
    [["unknown", "warning"], "warning", 1],
    [["warning", "critical", "unknown"], "critical", 2],
    [["ok", "ok"], "ok", 0],
    [[], "unknown", 3],
  ] as const)("of %j is %s, exit %i", (healths, health, code) => {
    expect(combineHealth(healths)).toBe(health);
    expect(healthExitCode(health)).toBe(code);
  });
});
