import { describe, expect, it } from "vitest";
import type { FloatingIpSnapshot, HostReport } from "../../../src/model/floating-ip.ts";
import type { Snapshot } from "../../../src/model/snapshot.ts";
import { Monitor } from "../../../src/monitor/monitor.ts";
import { observeOnceWith } from "../../../src/monitor/observe-once.ts";
import type { MonitorParts } from "../../../src/monitor/parts.ts";
import { buildHaproxyReport } from "../../support/snapshots.ts";
import { Observed } from "./support/observed.ts";
import { ScriptedEndpoint } from "./support/scripted-endpoint.ts";
import { buildSettings } from "./support/settings.ts";

function reportOf(machine: string, held: boolean): HostReport {
  return { held: held ? [{ interface: "eth0", label: null }] : [], machine, tools: null };
}

/** Two hosts behind SSH, the first with the address. */
function setUp() {
  const observed = new Observed();
  const clock = observed.clock;
  const lb1 = new ScriptedEndpoint("lb1", clock, reportOf("lb1", true));
  const lb2 = new ScriptedEndpoint("lb2", clock, reportOf("lb2", false));
  const polls = observed.haproxy("lb1", buildHaproxyReport([]));
  observed.haproxy("lb2", buildHaproxyReport([]));
  const settings = buildSettings({
    haproxies: ["lb1", "lb2"].map((name) => ({
      name,
      location: { kind: "ssh", user: null, host: name, port: null, path: "/s" },
    })),
    floatingIp: "10.10.10.1",
  });
  const parts: MonitorParts = {
    ...observed.parts,
    openHost: ({ name }) => {
      const host = name === "lb1" ? lb1 : lb2;
      return { target: host.target, poll: (bounds) => host.poll(bounds), close: async () => {} };
    },
  };
  const snapshots: Snapshot[] = [];
  const start = () => {
    const monitor = new Monitor(settings, parts, {
      snapshot: (snapshot) => snapshots.push(snapshot),
      sessions: () => {},
      log: () => {},
    });
    monitor.start();
    return monitor;
  };
  return { clock, lb1, lb2, polls, settings, parts, snapshots, start };
}

function floatingOf(snapshot: Snapshot | undefined): FloatingIpSnapshot {
  const floatingIp = snapshot?.clusters[0]?.floatingIp;
  if (!floatingIp) throw new Error("no floating address");
  return floatingIp;
}

function codesOf(snapshot: Snapshot | undefined): readonly string[] {
  const codes = snapshot?.clusters[0]?.alerts.map(({ code }) => code) ?? [];
  return codes.filter((code) => code.startsWith("floating-ip"));
}

describe("hosts that are asked for the floating address", () => {
  it("are asked at once and every 3 s", async () => {
    const { clock, lb1, snapshots, start } = setUp();
    start();
    await clock.advance(9_100);
    expect(lb1.pollTimes.map((at) => at - (lb1.pollTimes[0] ?? 0))).toEqual([0, 3_000, 6_000, 9_000]);
    expect(floatingOf(snapshots.at(-1))).toMatchObject({ state: "held", holders: ["lb1"] });
  });

  it("are believed at the second look only: a move raises nothing", async () => {
    const { clock, lb1, lb2, snapshots, start } = setUp();
    start();
    await clock.advance(5_900);
    lb1.value = reportOf("lb1", false);
    await clock.advance(200);
    expect(floatingOf(snapshots.at(-1))).toMatchObject({ state: "none", confirmed: false });
    lb2.value = reportOf("lb2", true);
    await clock.advance(5_000);
    expect(floatingOf(snapshots.at(-1))).toMatchObject({ state: "held", holders: ["lb2"] });
    expect(snapshots.flatMap(codesOf)).toEqual([]);
  });

  it("are asked again soon when nobody has it, and then nobody has it", async () => {
    const { clock, lb1, snapshots, start } = setUp();
    start();
    await clock.advance(5_900);
    lb1.value = reportOf("lb1", false);
    await clock.advance(1_300);
    expect(codesOf(snapshots.at(-1))).toEqual(["floating-ip-none"]);
  });

  it("that hang are unknown and delay no poll", async () => {
    const { clock, lb1, polls, snapshots, start } = setUp();
    const monitor = start();
    await clock.advance(5_900);
    lb1.behaviour = "deaf";
    const before = polls.pollTimes.length;
    await clock.advance(12_000);
    expect(polls.pollTimes.length - before).toBe(12);
    expect(floatingOf(snapshots.at(-1)).state).toBe("unknown");
    expect(codesOf(snapshots.at(-1))).toEqual(["floating-ip-unknown"]);
    expect(snapshots.flatMap(codesOf)).not.toContain("floating-ip-none");
    await monitor.close();
    expect(clock.timers).toBe(0);
  });

  it("are waited for by one look until its deadline, and looked at twice before an alarm", async () => {
    const { clock, lb1, lb2, settings, parts } = setUp();
    const found: Snapshot[] = [];
    const look = () => void observeOnceWith(settings, parts, { timeoutMs: 3_000 }).then((one) => found.push(one));
    lb2.value = reportOf("lb2", true);
    look();
    await clock.advance(10);
    expect([lb1.pollTimes.length, codesOf(found[0])]).toEqual([2, ["floating-ip-double"]]);
    lb2.behaviour = "deaf";
    look();
    await clock.advance(2_990);
    expect(found).toHaveLength(1);
    await clock.advance(20);
    expect(floatingOf(found[1])).toMatchObject({ state: "held", holders: ["lb1"] });
    expect(codesOf(found[1])).toEqual(["floating-ip-unknown"]);
    expect(clock.timers).toBe(0);
  });
});
