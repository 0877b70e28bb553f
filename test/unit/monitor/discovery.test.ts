import { describe, expect, it } from "vitest";
import { buildHaproxyReport, buildReport, buildServer } from "../../support/snapshots.ts";
import { Observed } from "./support/observed.ts";
import { buildHaproxySettings, buildNodeSettings, buildSettings } from "./support/settings.ts";

function report(...numbers: readonly number[]) {
  return buildHaproxyReport(numbers.map((number) => buildServer("r", `db${number}`, { host: `10.0.0.1${number}` })));
}

function setUp() {
  const observed = new Observed();
  const lb1 = observed.haproxy("lb1", report(1, 2));
  const endpoints = [1, 2, 3].map((number) => observed.node(`10.0.0.1${number}`, buildReport({ serverId: number })));
  return { observed, lb1, endpoints };
}

function namesOf(observed: Observed): readonly string[] {
  return observed.last.clusters[0]?.nodes.map(({ name, reading }) => `${name} ${reading.state}`) ?? [];
}

const settings = buildSettings({ haproxies: [buildHaproxySettings("lb1")] });

describe("nodes that come and go", () => {
  it("are polled as soon as HAProxy has named them", async () => {
    const { observed } = setUp();
    observed.start(settings);
    await observed.clock.advance(60);
    expect(namesOf(observed)).toEqual(["db1 fresh", "db2 fresh"]);
  });

  it("appear while the monitor runs", async () => {
    const { observed, lb1 } = setUp();
    observed.start(settings);
    await observed.clock.advance(3_500);
    lb1.value = report(1, 2, 3);
    await observed.clock.advance(1_000);
    expect(namesOf(observed)).toEqual(["db1 fresh", "db2 fresh", "db3 fresh"]);
  });

  it("vanish a minute after nothing names them any more, and their connection is closed", async () => {
    const { observed, lb1, endpoints } = setUp();
    observed.start(settings);
    await observed.clock.advance(3_500);
    lb1.value = report(1);
    endpoints[1]?.pollTimes.splice(0);
    await observed.clock.advance(58_000);
    expect(namesOf(observed)).toContain("db2 fresh");
    await observed.clock.advance(4_000);
    expect(namesOf(observed)).toEqual(["db1 fresh"]);
    expect(endpoints[1]?.closed).toBe(1);
  });

  it("stay while the HAProxy that named them is silent", async () => {
    const { observed, lb1 } = setUp();
    observed.start(settings);
    await observed.clock.advance(3_500);
    lb1.behaviour = "unreachable";
    await observed.clock.advance(300_000);
    expect(namesOf(observed)).toEqual(["db1 fresh", "db2 fresh"]);
  });

  it("stay for ever when they are configured", async () => {
    const { observed, endpoints } = setUp();
    if (endpoints[2] !== undefined) endpoints[2].behaviour = "unreachable";
    const configured = [buildNodeSettings("db3", "10.0.0.13")];
    observed.start(buildSettings({ haproxies: [buildHaproxySettings("lb1")], nodes: configured }));
    await observed.clock.advance(300_000);
    expect(namesOf(observed)).toEqual(["db3 failed", "db1 fresh", "db2 fresh"]);
  });

  it("are watched at their new address when HAProxy moves them", async () => {
    const { observed, lb1, endpoints } = setUp();
    observed.start(settings);
    await observed.clock.advance(3_500);
    lb1.value = buildHaproxyReport([
      buildServer("r", "db1", { host: "10.0.0.11" }),
      buildServer("r", "db2", { host: "10.0.0.13" }),
    ]);
    await observed.clock.advance(62_000);
    expect(observed.last.clusters[0]?.nodes.map(({ address }) => address)).toEqual([
      "10.0.0.11:3306",
      "10.0.0.13:3306",
    ]);
    expect(endpoints[1]?.closed).toBe(1);
  });
});

describe("HAProxy over time", () => {
  it("tells a reload with what it lost, from the snapshot in which the new process is first seen", async () => {
    const { observed, lb1 } = setUp();
    const drained = buildServer("r", "db2", { host: "10.0.0.12", state: "drain", adminReasons: ["drain-forced"] });
    lb1.value = buildHaproxyReport([drained]);
    observed.start(settings);
    await observed.clock.advance(2_500);
    const next = report(2);
    lb1.value = { ...next, process: next.process === null ? null : { ...next.process, pid: 9_999, uptimeSeconds: 1 } };
    await observed.clock.advance(1_000);
    expect(observed.last.clusters[0]?.haproxies[0]?.reload).toMatchObject({
      pid: 9_999,
      lost: ["r/db2 was drain, now ready"],
    });
  });

  it("does not take the answer of a stopping worker for the present, and says so when nothing else answers", async () => {
    const { observed, lb1 } = setUp();
    observed.start(settings);
    await observed.clock.advance(2_500);
    const next = report(1, 2, 3);
    lb1.value = { ...next, process: next.process === null ? null : { ...next.process, stopping: true } };
    await observed.clock.advance(1_000);
    expect(observed.last.clusters[0]?.nodes).toHaveLength(2);
    expect(observed.last.clusters[0]?.haproxies[0]?.reading.state).toBe("fresh");
    await observed.clock.advance(3_000);
    const reading = observed.last.clusters[0]?.haproxies[0]?.reading;
    expect(reading?.state === "failed" && reading.failure.message).toContain("only an old worker (pid 4242) answers");
  });
});

describe("sessions of one node", () => {
  it("are polled with every tick while they are watched, and not afterwards", async () => {
    const { observed } = setUp();
    const monitor = observed.start(settings);
    await observed.clock.advance(1_500);
    monitor.watchSessions("shop", "db1");
    await observed.clock.advance(3_000);
    expect(observed.sessions.map(({ state }) => state)).toEqual(["fresh", "fresh", "fresh", "fresh"]);
    monitor.watchSessions("shop", null);
    await observed.clock.advance(3_000);
    expect(observed.sessions).toHaveLength(4);
  });

  it("fail with a sentence when there is no such node", async () => {
    const { observed } = setUp();
    const monitor = observed.start(settings);
    monitor.watchSessions("shop", "nobody");
    await observed.clock.advance(100);
    expect(observed.sessions[0]).toMatchObject({ node: "nobody", state: "failed" });
  });
});
