import { describe, expect, it } from "vitest";
import { buildClusterSnapshot } from "../../../../src/model/join.ts";
import type { HandTask } from "../../../../src/model/operation.ts";
import { buildR1, NOW, type Scene } from "../../../support/model-builders.ts";

const HOUR_MS = 3_600_000;

function findLeft(task: HandTask, scene: Scene = buildR1(), at = NOW - HOUR_MS) {
  const byHand = [{ operation: "20261120T120000-promote-db2-abcd", at, task }];
  const { alerts } = buildClusterSnapshot({ ...scene.input(), journal: { unfinished: [], takenOut: [], byHand } });
  return alerts.filter(({ code }) => code === "left-by-hand");
}

const task = (until: HandTask["until"], code: HandTask["code"] = "config-names-old-primary"): HandTask => ({
  code,
  subject: "lb1",
  message: "A reload of lb1 takes every state back.",
  lines: ["server db1 … backup"],
  ...(until === undefined ? {} : { until }),
});

const configured = (server: string) =>
  task({ kind: "configured-out", haproxy: "lb1", backend: "write_nodes", servers: [server] });

describe("What a promotion left to people", () => {
  it("is told with the operation, its age and the lines, until it is seen done", () => {
    const [alert] = findLeft(configured("db1"));
    expect(alert).toMatchObject({ severity: "warning", subject: "lb1 config-names-old-primary" });
    expect(alert?.message).toContain("Left by 20261120T120000-promote-db2-abcd 60 min ago");
    expect(alert?.advice).toContain("server db1 … backup");
  });

  it("stands below what goes wrong now and is no less severe", () => {
    const late = buildR1().channel("db3", { sql: "no" }).input();
    const byHand = [{ operation: "20261120T120000-promote-db2-abcd", at: NOW, task: configured("db1") }];
    const { alerts } = buildClusterSnapshot({ ...late, journal: { unfinished: [], takenOut: [], byHand } });
    const warnings = alerts.filter(({ severity }) => severity === "warning").map(({ code }) => code);
    expect(warnings).toEqual(["replica-sql-stopped", "left-by-hand"]);
  });

  it("ends when the configuration that runs has the old primary as a backup", () => {
    expect(findLeft(configured("db2"))).toEqual([]);
  });

  it("stays while HAProxy is silent: nothing is seen then", () => {
    const scene = buildR1();
    scene.haproxies.clear();
    expect(findLeft(configured("db2"), scene)).toHaveLength(1);
  });

  it("ends when the node follows the new primary", () => {
    const follows = (source: string) => task({ kind: "follows", node: "db3", source }, "rebuild-node");
    expect(findLeft(follows("db1"))).toEqual([]);
    expect(findLeft(follows("db2"))).toHaveLength(1);
  });

  it("stays for a dead primary that came back and follows, as pairs do by themselves, until it is read-only", () => {
    const fence = task({ kind: "follows", node: "db3", source: "db1" }, "not-fenced");
    expect(findLeft(fence)).toEqual([]);
    expect(findLeft(fence, buildR1().node("db3", { readOnly: false }))).toHaveLength(1);
    expect(findLeft(fence, buildR1().node("db3", { readOnly: null }))).toHaveLength(1);
  });

  it("ends when the node has come up since with the read_only it should have, and not before", () => {
    const restarted = (readOnly: boolean) =>
      task({ kind: "restarted", node: "db2", readOnly }, "read-only-not-persisted");
    const scene = buildR1();
    scene.node("db2", { uptimeSeconds: 60 });
    expect(findLeft(restarted(true), scene)).toEqual([]);
    expect(findLeft(restarted(false), scene)).toHaveLength(1);
    scene.node("db2", { uptimeSeconds: 86_400 });
    expect(findLeft(restarted(true), scene)).toMatchObject([{ severity: "info" }]);
    scene.node("db2", { uptimeSeconds: null });
    expect(findLeft(restarted(true), scene)).toHaveLength(1);
  });

  it("ends after a day where nothing can show it", () => {
    expect(findLeft(task(undefined, "other"))).toMatchObject([{ severity: "info" }]);
    expect(findLeft(task(undefined, "other"), buildR1(), NOW - 25 * HOUR_MS)).toEqual([]);
  });
});
