import { describe, expect, it } from "vitest";
import { buildClusterSnapshot } from "../../../../src/model/join.ts";
import type { RouteAnswer, RouteProbe, RouteSample } from "../../../../src/model/route-probe.ts";
import { buildStatusJson } from "../../../../src/model/status-view.ts";
import { buildR1, NOW } from "../../../support/model-builders.ts";

type Scene = ReturnType<typeof buildR1>;

const answerOf = (serverId: number): RouteAnswer => ({
  serverId,
  hostname: `host${serverId}`,
  port: 3306,
  serverUuid: null,
  readOnly: serverId !== 1,
});

/** Answers one second apart, the last one a second ago. */
function buildProbe(serverIds: readonly number[], patch: Partial<RouteProbe> = {}): RouteProbe {
  const recent = serverIds.map(
    (id, index): RouteSample => ({
      answer: answerOf(id),
      askedAt: NOW - (serverIds.length - index) * 1_000,
    }),
  );
  const value = answerOf(serverIds.at(-1) ?? 0);
  const reading = { state: "fresh", from: "reader", value, at: NOW } as const;
  const address = "10.0.0.9:3307";
  return { address, purpose: "reads", reading, recent, failuresInRow: 0, expectedBefore: null, ...patch };
}

const look = (scene: Scene, probe: RouteProbe) =>
  buildClusterSnapshot({ ...scene.input(), readerProbes: [{ backend: "read_nodes", probe }] });
const found = (scene: Scene, probe: RouteProbe) =>
  look(scene, probe).alerts.map(({ code, severity, node, subject }) => `${code} ${severity} ${node ?? subject}`);

describe("where reads really go", () => {
  it("is told with who answered last; answers of every reader in turn are as they should be", () => {
    const cluster = look(buildR1(), buildProbe([2, 3, 4, 2, 3, 4, 2, 3]));
    expect(cluster.alerts).toEqual([]);
    expect(cluster.readerRoutes).toMatchObject([
      { backend: "read_nodes", expected: ["db2", "db3", "db4"], probed: "db3", probedAt: NOW },
    ]);
    expect(buildStatusJson(cluster, NOW).route.readers).toEqual([
      {
        backend: "read_nodes",
        expected: ["db2", "db3", "db4"],
        probed: "db3",
        probedAt: new Date(NOW).toISOString(),
        probeError: null,
      },
    ]);
  });

  it("is a mismatch when a server that should get none answers again and again between the others", () => {
    const scene = buildR1();
    expect(found(scene, buildProbe([2, 1, 3, 4, 1, 2]))).toEqual(["route-mismatch warning db1"]);
    expect(look(scene, buildProbe([2, 1, 3, 4, 1, 2])).alerts[0]?.message).toBe(
      "Of the last 6 connections to the reader address 10.0.0.9:3307, 2 were answered by db1, while read_nodes should send reads to db2, db3 and db4.",
    );
    expect(found(scene, buildProbe([77, 2, 77]))).toEqual(["route-mismatch warning read_nodes"]);
  });

  it("is none by one answer of a moment ago, which may fall into a change; one that is some seconds old counts", () => {
    const scene = buildR1();
    expect(found(scene, buildProbe([2, 3, 1]))).toEqual([]);
    expect(look(scene, buildProbe([2, 3, 1])).readerRoutes?.[0]?.probe).toMatchObject({
      mismatch: "other",
      confirmed: false,
    });
    expect(found(scene, buildProbe([1, 2, 3, 4]))).toEqual(["route-mismatch warning db1"]);
  });

  it("is a mismatch when a drained reader goes on answering, but not by answers from before it was drained", () => {
    const scene = buildR1().state("lb1", "read_nodes/db3", "drain");
    const names = ["db2", "db4"];
    expect(found(scene, buildProbe([3, 2, 3, 4], { expectedBefore: { names, since: NOW - 60_000 } }))).toContain(
      "route-mismatch warning db3",
    );
    for (const expectedBefore of [
      { names, since: NOW - 500 },
      { names: ["db2", "db3", "db4"], since: NOW - 60_000 },
    ])
      expect(found(scene, buildProbe([3, 2, 3, 4], { expectedBefore })).join()).not.toContain("route-mismatch");
  });

  it("is nothing to judge while no HAProxy answers", () => {
    const scene = buildR1();
    const failure = { kind: "timeout", target: "lb1", operation: "poll", message: "no answer", advice: null } as const;
    scene.haproxy("lb1", {
      reading: { state: "failed", from: "lb1", failure: { ...failure, serverCode: null }, failedAt: NOW, last: null },
    });
    expect(found(scene, buildProbe([1, 1, 1])).join()).not.toContain("route-mismatch");
  });

  it("is not known when nobody answers, and that is told when it happens again", () => {
    const failure = {
      kind: "timeout",
      target: "reader",
      operation: "route",
      message: "no answer",
      advice: null,
    } as const;
    const reading = {
      state: "failed",
      from: "reader",
      failure: { ...failure, serverCode: null },
      failedAt: NOW,
      last: null,
    } as const;
    const scene = buildR1();
    expect(found(scene, buildProbe([], { reading, failuresInRow: 1 }))).toEqual([]);
    expect(found(scene, buildProbe([], { reading, failuresInRow: 2 }))).toEqual([
      "route-unanswered warning read_nodes",
    ]);
    expect(look(scene, buildProbe([], { reading, failuresInRow: 2 })).readerRoutes?.[0]).toMatchObject({
      probed: null,
      probedAt: null,
    });
  });
});
