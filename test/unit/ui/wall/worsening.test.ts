import { describe, expect, it } from "vitest";
import type { MysqlReport } from "../../../../src/model/mysql.ts";
import type { ClusterSnapshot } from "../../../../src/model/snapshot.ts";
import { WorseningWatch } from "../../../../src/ui/wall/worsening.ts";
import * as build from "../../../support/snapshots.ts";

const calm = build.buildCluster();
const alert = build.buildAlert({ severity: "warning" });
const warned = build.buildCluster({ health: "warning", alerts: [alert] });
const critical = build.buildCluster({ health: "critical", alerts: [{ ...alert, severity: "critical" }] });
const unknown = build.buildCluster({ health: "unknown" });

function createLook(): (cluster: ClusterSnapshot, seconds: number) => string[] {
  const watch = new WorseningWatch();
  return (cluster, seconds) =>
    watch
      .see(build.buildSnapshot({ clusters: [cluster] }), seconds * 1_000)
      .map(({ severity, what }) => `${severity} ${what}`);
}

describe("what got worse", () => {
  it("is told once when it comes, and again when it gets worse still", () => {
    const look = createLook();
    expect(look(calm, 0)).toEqual([]);
    expect(look(warned, 1)).toEqual(["warning replica-sql-stopped ubuntu3"]);
    expect(look(warned, 2)).toEqual([]);
    expect(look(critical, 3)).toEqual(["critical replica-sql-stopped ubuntu3"]);
    expect(look(critical, 4)).toEqual([]);
    expect(look(calm, 5)).toEqual([]);
  });

  it("a second trouble beside the first is told, too", () => {
    const look = createLook();
    look(critical, 0);
    const both = { ...critical, alerts: [...critical.alerts, build.buildAlert({ code: "split-brain", subject: "x" })] };
    expect(look(both, 1)).toEqual(["critical split-brain x"]);
  });

  it("what stands at the start did not get worse, and neither does what comes in with the first answers", () => {
    const look = createLook();
    const nodes = [build.buildNode("ubuntu1", { reading: { state: "never", from: "ubuntu1" } })];
    expect(look(build.buildCluster({ nodes, health: "unknown" }), 0)).toEqual([]);
    expect(look(critical, 1)).toEqual([]);
    expect(look(critical, 2)).toEqual([]);
  });

  it("waits for the first answers for ten seconds at most", () => {
    const look = createLook();
    const nodes = [build.buildNode("ubuntu1", { reading: { state: "never", from: "ubuntu1" } })];
    look(build.buildCluster({ nodes }), 0);
    look(build.buildCluster({ nodes }), 10);
    expect(look(build.buildCluster({ nodes, health: "warning", alerts: [alert] }), 11)).toHaveLength(1);
  });

  it("a cluster of which nothing is known got worse, and is not better for having no alerts", () => {
    const look = createLook();
    look(calm, 0);
    expect(look(unknown, 1)).toEqual(["unknown nothing is known"]);
    const again = createLook();
    again(calm, 0);
    expect(again(critical, 1)).toHaveLength(1);
    for (let second = 2; second < 400; second++) again(unknown, second);
    expect(again(critical, 400)).toEqual([]);
  });

  it("an alert of a node that does not answer is not over", () => {
    const look = createLook();
    look(calm, 0);
    expect(look(critical, 1)).toHaveLength(1);
    const nodes = calm.nodes.map((node) =>
      node.name === "ubuntu3" ? { ...node, reading: build.failed<MysqlReport>({}, null) } : node,
    );
    for (let second = 2; second < 400; second++) expect(look({ ...calm, nodes }, second)).toEqual([]);
    expect(look(critical, 400)).toEqual([]);
  });

  it("is told again after a calm minute", () => {
    const look = createLook();
    look(calm, 0);
    expect(look(warned, 1)).toHaveLength(1);
    look(calm, 2);
    look(calm, 61);
    expect(look(warned, 61.5)).toEqual([]);
    look(calm, 70);
    expect(look(warned, 131)).toHaveLength(1);
  });
});

describe("what comes and goes", { timeout: 30_000 }, () => {
  function countRings(periodSeconds: number, hours: number): number[] {
    const look = createLook();
    look(calm, 0);
    const rings: number[] = [];
    for (let second = 1; second < hours * 3_600; second++) {
      const isBad = Math.floor(second / periodSeconds) % 2 === 1;
      if (look(isBad ? critical : calm, second).length > 0) rings.push(second);
    }
    return rings;
  }

  it("every few seconds rings once and never again", () => {
    expect(countRings(5, 2)).toHaveLength(1);
    expect(countRings(59, 2)).toHaveLength(1);
  });

  it("every few minutes rings ever less often, and never more than every half hour in the end", () => {
    const rings = countRings(120, 8);
    expect(rings.filter((second) => second < 3_600).length).toBeLessThanOrEqual(4);
    expect(rings.length).toBeLessThanOrEqual(16);
  });

  it("with other names each time leaves nothing behind without end", () => {
    const watch = new WorseningWatch();
    watch.see(build.buildSnapshot(), 0);
    for (let index = 1; index < 2_500; index++) {
      const alerts = [build.buildAlert({ subject: `made-up-${index}` })];
      watch.see(build.buildSnapshot({ clusters: [build.buildCluster({ health: "critical", alerts })] }), index);
    }
    const alerts = Array.from({ length: 2_500 }, (_, index) => build.buildAlert({ subject: `made-up-${index}` }));
    const told = watch.see(
      build.buildSnapshot({ clusters: [build.buildCluster({ health: "critical", alerts })] }),
      2_501,
    );
    expect(told.length).toBeGreaterThanOrEqual(1_500);
    expect(told.length).toBeLessThan(2_500);
  });
});
