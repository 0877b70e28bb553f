import { describe, expect, it } from "vitest";
import type { RouteAnswer } from "../../../src/drivers/contract.ts";
import type { Snapshot, WriterRoute } from "../../../src/model/snapshot.ts";
import { observeOnceWith } from "../../../src/monitor/observe-once.ts";
import { buildHaproxyReport, buildReport, buildServer } from "../../support/snapshots.ts";
import { Observed } from "./support/observed.ts";
import { ScriptedEndpoint } from "./support/scripted-endpoint.ts";
import { buildHaproxySettings, buildNodeSettings, buildSettings } from "./support/settings.ts";

function answerOf(serverId: number): RouteAnswer {
  return { serverId, hostname: `host${serverId}`, port: 3306, serverUuid: null, readOnly: false };
}

function buildWriters(first: string, second: string) {
  return [
    buildServer("w", first, { host: `10.0.0.1${first.slice(2)}` }),
    buildServer("w", second, { host: `10.0.0.1${second.slice(2)}`, backup: true, active: false }),
  ];
}

function setUp() {
  const observed = new Observed();
  const lb1 = observed.haproxy("lb1", buildHaproxyReport(buildWriters("db1", "db2")));
  for (const serverId of [1, 2]) {
    const identity = { serverId, serverUuid: null, hostname: `host${serverId}`, port: 3306 };
    observed.node(`10.0.0.1${serverId}`, buildReport({ ...identity, readOnly: serverId === 2 }));
  }
  const route = new ScriptedEndpoint("writer 10.0.0.9:3306", observed.clock, answerOf(1));
  observed.route = route;
  const settings = buildSettings({
    haproxies: [buildHaproxySettings("lb1")],
    nodes: [1, 2].map((number) => buildNodeSettings(`db${number}`, `10.0.0.1${number}`)),
    writer: { backend: "w", address: { host: "10.0.0.9", port: 3306 }, multiWriter: false },
  });
  return { observed, lb1, route, settings, clock: observed.clock };
}

function writerOf(snapshot: Snapshot | undefined): WriterRoute {
  const writer = snapshot?.clusters[0]?.writer;
  if (!writer) throw new Error("no writer is known");
  return writer;
}

function mismatches(snapshot: Snapshot | undefined): number {
  return snapshot?.clusters[0]?.alerts.filter(({ code }) => code === "route-mismatch").length ?? 0;
}

describe("route probe of a running monitor", () => {
  it("asks at once and then every 5 s, whatever the interval, and names the node", async () => {
    const { observed, route, settings, clock } = setUp();
    const startedMs = clock.monotonicMs();
    observed.start(settings);
    await clock.advance(100);
    expect(writerOf(observed.last)).toMatchObject({ probed: "db1", expected: ["db1"] });
    await clock.advance(15_500);
    const pauses = route.pollTimes.map((at) => at - startedMs);
    // The second one: the writer became known only after the first.
    expect(pauses.filter((pause) => pause % 5_000 === 0)).toEqual([0, 5_000, 10_000, 15_000]);
    expect(pauses.length).toBeLessThanOrEqual(5);
    expect(writerOf(observed.last).probe).toMatchObject({ state: "fresh", address: "10.0.0.9:3306", mismatch: null });
  });

  it("asks at the address of a reader at the same pace, and another server each time is no news", async () => {
    const { observed, settings, clock } = setUp();
    const reads = new ScriptedEndpoint("reader r 10.0.0.9:3307", observed.clock, answerOf(2));
    observed.readers.set("w", reads);
    const readerAddresses = [{ backend: "w", host: "10.0.0.9", port: 3307 }];
    observed.start({ ...settings, clusters: settings.clusters.map((cluster) => ({ ...cluster, readerAddresses })) });
    await clock.advance(100);
    const [route] = observed.last?.clusters[0]?.readerRoutes ?? [];
    expect(route).toMatchObject({ backend: "w", probed: "db2", expected: ["db1"] });
    expect(route?.probe).toMatchObject({ address: "10.0.0.9:3307", mismatch: "other", confirmed: false });
    reads.value = answerOf(1);
    await clock.advance(15_000);
    expect(reads.pollTimes.length).toBeGreaterThanOrEqual(4);
    expect(observed.last?.clusters[0]?.readerRoutes?.[0]).toMatchObject({ probed: "db1" });
    expect(observed.lines.filter((line) => line.includes("reader r"))).toEqual([]);
  });

  it("makes no probe without an address", async () => {
    const { observed, route, settings, clock } = setUp();
    const clusters = settings.clusters.map((cluster) => ({ ...cluster, writer: null }));
    observed.start({ ...settings, clusters });
    await clock.advance(10_000);
    expect([route.opened, writerOf(observed.last).probe]).toEqual([0, null]);
  });

  it("asks again soon about an answer that does not fit, and alarms only when it lasts", async () => {
    const { observed, route, settings, clock } = setUp();
    observed.start(settings);
    await clock.advance(7_000);
    route.value = answerOf(2);
    await clock.advance(3_100);
    expect(writerOf(observed.last)).toMatchObject({ probed: "db2", probe: { mismatch: "other", confirmed: false } });
    expect(mismatches(observed.last)).toBe(0);
    await clock.advance(2_000);
    expect(mismatches(observed.last)).toBe(1);
    route.value = answerOf(1);
    await clock.advance(5_000);
    expect(mismatches(observed.last)).toBe(0);
  });

  it("raises nothing during a switchover, in whichever order it is seen", async () => {
    const { observed, lb1, route, settings, clock } = setUp();
    observed.start(settings);
    await clock.advance(9_500);
    route.value = answerOf(2);
    await clock.advance(600);
    lb1.value = buildHaproxyReport(buildWriters("db2", "db1"));
    await clock.advance(12_000);
    expect(writerOf(observed.last)).toMatchObject({ probed: "db2", expected: ["db2"] });
    lb1.value = buildHaproxyReport(buildWriters("db1", "db2"));
    await clock.advance(1_500);
    route.value = answerOf(1);
    await clock.advance(12_000);
    expect(writerOf(observed.last)).toMatchObject({ probed: "db1", expected: ["db1"] });
    expect(observed.snapshots.map(mismatches)).not.toContain(1);
  });

  it("shows a frontend that hangs as failed, with the last answer as past, while polls keep their pace", async () => {
    const { observed, lb1, route, settings, clock } = setUp();
    observed.start(settings);
    await clock.advance(9_900);
    const answeredAt = writerOf(observed.last).probedAt;
    const polls = lb1.pollTimes.length;
    route.behaviour = "hang";
    await clock.advance(12_300);
    expect(lb1.pollTimes.length - polls).toBe(13);
    const { probed, probedAt, probe } = writerOf(observed.last);
    expect({ probed, probedAt }).toEqual({ probed: null, probedAt: null });
    expect(probe).toMatchObject({ state: "failed", failure: { kind: "timeout" }, failsAgain: true });
    expect(probe?.last).toMatchObject({ name: "db1", at: answeredAt });
    expect(observed.last.clusters[0]?.alerts.map(({ code }) => code)).toContain("route-unanswered");
    expect(observed.lines.filter((line) => line.includes("10.0.0.9:3306"))).toHaveLength(1);
    route.behaviour = "answer";
    await clock.advance(5_100);
    expect(writerOf(observed.last).probed).toBe("db1");
  });

  it("asks at once when told to, and never twice at the same time", async () => {
    const { observed, route, settings, clock } = setUp();
    const monitor = observed.start(settings);
    await clock.advance(2_500);
    const before = route.pollTimes.length;
    monitor.askBeside();
    monitor.askBeside();
    await clock.advance(10);
    expect(route.pollTimes.length - before).toBe(2);
    expect(route.mostAtOnce).toBe(1);
    await monitor.close();
    expect(clock.timers).toBe(0);
  });
});

describe("route probe of one look", () => {
  function look(parts: ReturnType<typeof setUp>) {
    const found: Snapshot[] = [];
    void observeOnceWith(parts.settings, parts.observed.parts, { timeoutMs: 3_000 }).then((one) => found.push(one));
    return found;
  }

  it("answers beside the polls and costs no time", async () => {
    const parts = setUp();
    const found = look(parts);
    await parts.clock.advance(2);
    expect(writerOf(found[0])).toMatchObject({ probed: "db1", expected: ["db1"] });
    expect([parts.route.pollTimes.length, parts.clock.timers]).toEqual([1, 0]);
  });

  it("waits 100 ms for a frontend that hangs and no longer, and says null", async () => {
    const parts = setUp();
    parts.route.behaviour = "deaf";
    const found = look(parts);
    await parts.clock.advance(99);
    expect(found).toEqual([]);
    await parts.clock.advance(3);
    expect(writerOf(found[0])).toMatchObject({ probed: null, probedAt: null });
    expect([found[0]?.clusters[0]?.health, parts.clock.timers]).toEqual(["ok", 0]);
  });

  it("looks twice before it alarms", async () => {
    const parts = setUp();
    parts.route.value = answerOf(2);
    const found = look(parts);
    await parts.clock.advance(10);
    expect(parts.route.pollTimes).toHaveLength(2);
    expect(parts.lb1.pollTimes).toHaveLength(2);
    expect([writerOf(found[0]).probed, mismatches(found[0])]).toEqual(["db2", 1]);
  });

  it("does not alarm when the second look agrees, or does not come", async () => {
    const moved = setUp();
    moved.route.value = answerOf(2);
    const first = look(moved);
    moved.route.value = answerOf(1);
    await moved.clock.advance(10);
    expect([writerOf(first[0]).probed, mismatches(first[0])]).toEqual(["db1", 0]);
    const silent = setUp();
    silent.route.value = answerOf(2);
    const second = look(silent);
    silent.route.behaviour = "deaf";
    await silent.clock.advance(510);
    expect([writerOf(second[0]).probed, mismatches(second[0])]).toEqual(["db2", 0]);
  });
});
