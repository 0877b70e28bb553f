import { describe, expect, it } from "vitest";
import type { NodeFigure } from "../../../src/model/history/history.ts";
import { selectSeries } from "../../../src/model/history/series.ts";
import type { Snapshot } from "../../../src/model/snapshot.ts";
import { buildHaproxyReport, buildReport, buildServer } from "../../support/snapshots.ts";
import { Observed } from "./support/observed.ts";
import { buildHaproxySettings, buildNodeSettings, buildSettings } from "./support/settings.ts";

const nodes = [1, 2, 3].map((number) => buildNodeSettings(`db${number}`, `10.0.0.1${number}`));

function threeNodes() {
  const observed = new Observed();
  const endpoints = nodes.map((node, index) => observed.node(node.host, buildReport({ serverId: index + 1 })));
  const [db1, db2, db3] = endpoints;
  if (db1 === undefined || db2 === undefined || db3 === undefined) throw new Error("three nodes");
  return { observed, db1, db2, db3 };
}

function statesOf(observed: Observed): Record<string, string> {
  return Object.fromEntries((observed.last.clusters[0]?.nodes ?? []).map((node) => [node.name, node.reading.state]));
}

function valuesOf(snapshot: Snapshot, node: string, figure: NodeFigure): readonly (number | null)[] {
  const history = snapshot.clusters[0]?.history;
  return (history === undefined ? null : selectSeries(history, { node, figure }))?.values ?? [];
}

describe("monitor", () => {
  it("publishes the first picture as soon as everything has answered", async () => {
    const { observed } = threeNodes();
    observed.start(buildSettings({ nodes }));
    await observed.clock.advance(10);
    expect(observed.snapshots).toHaveLength(1);
    expect(statesOf(observed)).toEqual({ db1: "fresh", db2: "fresh", db3: "fresh" });
  });

  it("publishes once per tick, with rising numbers and ticks that keep their grid", async () => {
    const { observed, db1 } = threeNodes();
    const startedMs = observed.clock.monotonicMs();
    observed.start(buildSettings({ nodes }));
    await observed.clock.advance(10_500);
    expect(observed.snapshots.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    const gaps = db1.pollTimes.slice(2).map((at, index) => at - (db1.pollTimes[index + 1] ?? 0));
    expect(new Set(gaps.map(Math.round))).toEqual(new Set([1_000]));
    expect(db1.pollTimes[5]).toBeGreaterThanOrEqual(startedMs + 5_000);
  });

  it("spreads fifty endpoints over the round, several to a turn, instead of firing all at once", async () => {
    const observed = new Observed();
    const many = Array.from({ length: 50 }, (_, index) => buildNodeSettings(`n${index}`, `10.1.0.${index}`));
    const endpoints = many.map((node, index) => observed.node(node.host, buildReport({ serverId: index })));
    observed.start(buildSettings({ nodes: many }));
    await observed.clock.advance(1_900);
    const second = endpoints.map(({ pollTimes }) => Math.round((pollTimes[1] ?? 0) - 2_000));
    expect(Math.max(...second) - Math.min(...second)).toBeGreaterThan(150);
    expect(Math.max(...second)).toBeLessThanOrEqual(250);
    const turns = new Set(second);
    expect(turns.size).toBeGreaterThanOrEqual(4);
    for (const turn of turns) expect(second.filter((moment) => moment === turn).length).toBeLessThanOrEqual(20);
  });

  it("shows a node that stops answering as stale within interval + 1 s, while all others stay fresh and keep their pace", async () => {
    const { observed, db1, db2, db3 } = threeNodes();
    observed.start(buildSettings({ nodes }));
    await observed.clock.advance(5_100);
    db1.behaviour = "hang";
    const before = [db2.pollTimes.length, db3.pollTimes.length];
    const stoppedAt = observed.clock.epochMs();
    await observed.clock.advance(10_000);
    const shown = (state: string) =>
      observed.snapshots.find((snapshot) => snapshot.clusters[0]?.nodes[0]?.reading.state === state)?.at ?? Infinity;
    expect(shown("stale") - stoppedAt).toBeLessThanOrEqual(2_000);
    // Told at the moment it turns stale, not with the next tick.
    const reading = observed.lastNode("db1").reading;
    const lastGoodAt = reading.state === "failed" ? (reading.last?.at ?? 0) : 0;
    expect(shown("stale") - lastGoodAt).toBeLessThanOrEqual(1_502);
    expect(shown("failed") - stoppedAt).toBeLessThanOrEqual(4_000);
    const others = observed.snapshots.flatMap((snapshot) => snapshot.clusters[0]?.nodes.slice(1) ?? []);
    expect(others.every((node) => node.reading.state === "fresh")).toBe(true);
    expect([db2.pollTimes.length, db3.pollTimes.length]).toEqual(before.map((count) => count + 10));
    expect(observed.lines.join("\n")).toContain("10.0.0.11:3306: timeout: scripted timeout");
  });

  it("lets an endpoint that hangs from the beginning delay the first picture of the others by no more than its window", async () => {
    const { observed, db1 } = threeNodes();
    db1.behaviour = "deaf";
    observed.start(buildSettings({ nodes }));
    await observed.clock.advance(400);
    expect(statesOf(observed)).toEqual({ db1: "never", db2: "fresh", db3: "fresh" });
  });

  it("shows the first answer of a slow endpoint at once, not with the next tick", async () => {
    const { observed, db1 } = threeNodes();
    db1.delayMs = 600;
    observed.start(buildSettings({ nodes }, 10_000));
    await observed.clock.advance(700);
    expect(statesOf(observed)).toMatchObject({ db1: "fresh" });
    expect(observed.snapshots).toHaveLength(2);
  });

  it("says when a node answers again, and draws a gap for the time it was away", async () => {
    const { observed, db1 } = threeNodes();
    observed.haproxy("lb1", buildHaproxyReport([buildServer("w", "db1", { host: "10.0.0.11", sessions: 7 })]));
    observed.start(buildSettings({ nodes, haproxies: [buildHaproxySettings("lb1")] }));
    await observed.clock.advance(2_500);
    db1.behaviour = "unreachable";
    await observed.clock.advance(2_000);
    db1.behaviour = "answer";
    await observed.clock.advance(5_000);
    expect(observed.lines.map((line) => line.replace(/.*3306: /, ""))).toEqual([
      "unreachable: scripted unreachable",
      "answers again",
    ]);
    const queriesPerSecond = valuesOf(observed.last, "db1", "queriesPerSecond");
    const sessions = valuesOf(observed.last, "db1", "sessions");
    // No rate at the first poll, while it was away, and at the first poll after that.
    expect(queriesPerSecond.map((rate) => (rate === null ? "gap" : "rate")).join(" ")).toBe(
      "gap rate rate gap gap gap gap rate rate rate",
    );
    expect(new Set(sessions)).toEqual(new Set([7]));
    expect(observed.snapshots.flatMap(({ changes }) => changes).some(({ subject }) => subject.includes("db1"))).toBe(
      true,
    );
  });

  it("counts queries per second from the counter, and keeps sixty samples", async () => {
    const { observed, db1 } = threeNodes();
    let total = 1_000;
    const monitor = observed.start(buildSettings({ nodes }));
    // The counter moves between two polls, never at the moment of one.
    await observed.clock.advance(500);
    for (let second = 0; second < 90; second += 1) {
      total += 250;
      db1.value = buildReport({ serverId: 1, queriesTotal: total });
      await observed.clock.advance(1_000);
    }
    const rates = valuesOf(observed.last, "db1", "queriesPerSecond");
    expect(rates).toHaveLength(60);
    expect(rates.every((rate) => rate !== null && Math.abs(rate - 250) < 1)).toBe(true);
    await monitor.close();
    expect(observed.clock.timers).toBe(0);
  });

  it("draws a gap for the time the machine was asleep, and for ticks that found it busy", async () => {
    const { observed } = threeNodes();
    observed.haproxy("lb1", buildHaproxyReport([buildServer("w", "db1", { host: "10.0.0.11", sessions: 7 })]));
    const monitor = observed.start(buildSettings({ nodes, haproxies: [buildHaproxySettings("lb1")] }));
    await observed.clock.advance(2_500);
    observed.clock.jumpWall(4_000);
    await observed.clock.advance(1_000);
    expect(valuesOf(observed.last, "db1", "sessions")).toEqual([7, 7, 7, null, null, null, null, 7]);
    await monitor.close();
  });

  it("polls everything at once when asked to, also what is in back-off", async () => {
    const { observed, db1, db2 } = threeNodes();
    db1.behaviour = "auth";
    const monitor = observed.start(buildSettings({ nodes }, 10_000));
    await observed.clock.advance(100);
    db1.behaviour = "answer";
    monitor.refresh();
    await observed.clock.advance(60);
    expect(statesOf(observed)).toEqual({ db1: "fresh", db2: "fresh", db3: "fresh" });
    expect(db2.pollTimes).toHaveLength(2);
  });

  it("waits for the second look of an endpoint that was busy when it was asked to look now", async () => {
    const { observed, db1 } = threeNodes();
    db1.delayMs = 100;
    const monitor = observed.start(buildSettings({ nodes }, 10_000));
    await observed.clock.advance(10_050);
    db1.value = buildReport({ serverId: 99 });
    monitor.refresh();
    await observed.clock.advance(300);
    expect(observed.lastNode("db1").reading).toMatchObject({ state: "fresh", value: { serverId: 99 } });
  });

  it("drops a tick while a round still runs", async () => {
    const { observed, db1, db2 } = threeNodes();
    const monitor = observed.start(buildSettings({ nodes }));
    const startedMs = observed.clock.monotonicMs();
    await observed.clock.advance(950);
    db1.behaviour = "hang";
    monitor.refresh();
    await observed.clock.advance(1_900);
    expect(db2.pollTimes.map((at) => Math.round((at - startedMs) / 100) / 10)).toEqual([0, 1, 2]);
    expect((db2.pollTimes[1] ?? 0) - startedMs).toBeLessThan(1_000);
  });

  it("drops the ticks a blocked thread missed instead of making up for them", async () => {
    const { observed, db2 } = threeNodes();
    observed.start(buildSettings({ nodes }));
    await observed.clock.advance(2_500);
    const before = db2.pollTimes.length;
    observed.clock.block(20_000);
    await observed.clock.advance(2_600);
    expect(db2.pollTimes.length - before).toBeLessThanOrEqual(4);
    expect(statesOf(observed)).toMatchObject({ db2: "fresh" });
  });

  it("a machine that is late at every turn is told as it is, and does not keep a screen from being drawn", async () => {
    const { observed, db1 } = threeNodes();
    db1.behaviour = "hang";
    observed.start(buildSettings({ nodes }));
    await observed.clock.advance(2_500);
    const before = observed.snapshots.length;
    for (let turn = 0; turn < 20; turn += 1) {
      observed.clock.block(1_600);
      await observed.clock.advance(100);
    }
    expect(observed.snapshots.length - before).toBeGreaterThan(5);
  });

  describe.each([
    ["between two rounds", 2_500],
    ["right before a tick", 2_990],
    ["while a round runs", 3_020],
  ])("after the program has stood still %s", (_when, stoppedAtMs) => {
    it.each([
      ["a thread that was blocked", (observed: Observed) => observed.clock.block(9_000)],
      ["a machine that slept", (observed: Observed) => observed.clock.jumpWall(9_000)],
    ])("says nothing of endpoints that it has not asked (%s)", async (_how, pause) => {
      const { observed, db1, db2, db3 } = threeNodes();
      for (const endpoint of [db1, db2, db3]) endpoint.delayMs = 40;
      observed.haproxy("lb1", buildHaproxyReport([]));
      observed.start(buildSettings({ nodes, haproxies: [buildHaproxySettings("lb1")] }));
      await observed.clock.advance(stoppedAtMs);
      const before = observed.snapshots.length;
      pause(observed);
      await observed.clock.advance(1_500);
      const after = observed.snapshots.slice(before);
      expect(after.length).toBeGreaterThan(0);
      expect(after.flatMap(({ changes }) => changes)).toEqual([]);
      expect(after.flatMap(({ clusters }) => clusters.flatMap(({ alerts }) => alerts.map(({ code }) => code)))).toEqual(
        [],
      );
    });

    it("tells of one that does not answer by then", async () => {
      const { observed, db1 } = threeNodes();
      observed.start(buildSettings({ nodes }));
      await observed.clock.advance(stoppedAtMs);
      db1.behaviour = "hang";
      observed.clock.block(9_000);
      await observed.clock.advance(2_600);
      expect(statesOf(observed)).toEqual({ db1: expect.not.stringContaining("fresh"), db2: "fresh", db3: "fresh" });
    });
  });

  it("looks at everything again when the machine has slept", async () => {
    const { observed, db1 } = threeNodes();
    db1.behaviour = "auth";
    observed.start(buildSettings({ nodes }));
    await observed.clock.advance(8_500);
    db1.behaviour = "answer";
    observed.clock.jumpWall(3_600_000);
    await observed.clock.advance(1_000);
    expect(observed.lines.join("\n")).toContain("the clock jumped by 3600000 ms");
    expect(statesOf(observed)).toMatchObject({ db1: "fresh" });
  });

  it("retries a dead node with the very next tick, then less and less often, and at least every five seconds", async () => {
    const { observed, db1 } = threeNodes();
    observed.start(buildSettings({ nodes }));
    await observed.clock.advance(3_500);
    db1.behaviour = "unreachable";
    db1.pollTimes.length = 0;
    await observed.clock.advance(25_000);
    const seconds = db1.pollTimes.map((at) => Math.round((at - (db1.pollTimes[0] ?? 0)) / 1_000));
    expect(seconds).toEqual([0, 1, 3, 7, 12, 17, 22]);
  });

  it("publishes nothing after it was closed", async () => {
    const { observed, db1 } = threeNodes();
    const monitor = observed.start(buildSettings({ nodes }));
    await observed.clock.advance(1_500);
    await monitor.close();
    const count = observed.snapshots.length;
    await observed.clock.advance(10_000);
    expect(observed.snapshots).toHaveLength(count);
    expect(db1.closed).toBe(1);
  });
});
