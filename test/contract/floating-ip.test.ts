import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { DriverError } from "../../src/drivers/errors.ts";
import { runLocally } from "../../src/drivers/host/run-command.ts";
import { createHostOpener, createHostRunner } from "../../src/engine/hosts.ts";
import { createInProcessEngine, observeOnce } from "../../src/engine/in-process.ts";
import type { Engine } from "../../src/engine/protocol.ts";
import type { FloatingIpSnapshot } from "../../src/model/floating-ip.ts";
import type { HaproxySettings, Settings } from "../../src/model/settings.ts";
import type { Snapshot } from "../../src/model/snapshot.ts";
import { systemClock } from "../../src/monitor/clock.ts";
import type { MonitorParts } from "../../src/monitor/parts.ts";
import { waitFor } from "../lab/index.ts";
import { describeVrrp, type LabVrrp, startVrrp } from "../lab/vrrp.ts";
import { buildSettings } from "../unit/monitor/support/settings.ts";

function haproxyOn(host: string): HaproxySettings {
  return { name: host, location: { kind: "ssh", user: null, host, port: null, path: "/run/haproxy/admin.sock" } };
}

describeVrrp("the floating address between two hosts with keepalived", () => {
  let vrrp: LabVrrp;
  let settings: Settings;
  let parts: MonitorParts;
  const engines: Engine[] = [];

  beforeAll(async () => {
    vrrp = await startVrrp();
    const { address, hosts } = vrrp;
    settings = buildSettings({ haproxies: hosts.map(({ name }) => haproxyOn(name)), floatingIp: address }, 500);
    parts = {
      clock: systemClock,
      openHaproxy: ({ name }) => ({ target: name, poll: refuse, close: async () => undefined }),
      openMysql: () => {
        throw new Error("there is no node here");
      },
      // In place of SSH: the same programs in the namespace of the host.
      openHost: createHostOpener(
        createHostRunner((target) => (argv, bounds) => {
          const host = hosts.find(({ name }) => name === target);
          return host === undefined ? refuse() : runLocally(host.inside(argv), bounds);
        }),
      ),
    };
  });
  afterEach(async () => {
    await Promise.all(engines.splice(0).map((engine) => engine.stop()));
  });
  afterAll(() => vrrp?.stop());

  function start() {
    const snapshots: Snapshot[] = [];
    const engine = createInProcessEngine(settings, parts);
    engines.push(engine);
    engine.subscribe((event) => event.type === "snapshot" && snapshots.push(event.snapshot));
    const last = () => floatingOf(snapshots.at(-1));
    const until = (state: FloatingIpSnapshot["state"], ...holders: readonly string[]) =>
      waitFor(`${state} ${holders.join()}`, () => last()?.state === state && last()?.holders.join() === holders.join());
    const alerts = () => floatingAlerts(snapshots.at(-1));
    const raised = () => new Set(snapshots.flatMap(floatingAlerts));
    return { until, alerts, raised };
  }

  it("is seen in one look, with its interface", async () => {
    const floatingIp = floatingOf(await observeOnce(settings, {}, parts));
    expect(floatingIp).toMatchObject({ state: "held", holders: ["lb1"] });
    expect(floatingIp?.hosts.map(({ name, held }) => [name, held])).toEqual([
      ["lb1", [{ interface: "eth0", label: "eth0:vip" }]],
      ["lb2", []],
    ]);
    // The lab's keepalived runs through a loader and goes by its name: only that the hosts could be asked is seen here.
    expect(floatingIp?.hosts.map(({ tools }) => tools)).not.toContain(null);
  });

  it("is followed when it moves, and back, and no alarm is raised", async () => {
    const [lb1] = vrrp.hosts;
    const { until, raised } = start();
    await until("held", "lb1");
    await lb1.stop();
    await until("held", "lb2");
    lb1.start(110);
    await until("held", "lb1");
    expect(raised()).toEqual(new Set());
  });

  it("is held twice when one keepalived stands still: floating-ip-double until it is over", async () => {
    const [lb1, lb2] = vrrp.hosts;
    const { until, alerts } = start();
    await until("held", "lb1");
    await lb1.freeze();
    try {
      await until("double", "lb1", "lb2");
      await waitFor("floating-ip-double", () => alerts().includes("floating-ip-double critical"));
      expect([lb1.holds, lb2.holds]).toEqual([true, true]);
      const look = await observeOnce(settings, {}, parts);
      expect(floatingAlerts(look)).toEqual(["floating-ip-double critical"]);
    } finally {
      lb1.thaw();
    }
    await until("held", "lb1");
    expect(alerts()).toEqual([]);
  });

  it("is held by nobody when both are stopped: floating-ip-none", async () => {
    const [lb1, lb2] = vrrp.hosts;
    const { until, alerts } = start();
    await lb2.stop();
    await lb1.stop();
    await until("none");
    await waitFor("floating-ip-none", () => alerts().includes("floating-ip-none critical"));
    lb1.start(110);
    lb2.start(100);
    await until("held", "lb1");
    expect(alerts()).toEqual([]);
  });

  it("is not known when the host that holds it cannot be asked: never nobody", async () => {
    const [, lb2] = vrrp.hosts;
    const deaf: MonitorParts = {
      ...parts,
      openHost: createHostOpener(
        createHostRunner((target) => (argv, bounds) => {
          return target === "lb2" ? runLocally(lb2.inside(argv), bounds) : refuse();
        }),
      ),
    };
    const look = await observeOnce(settings, {}, deaf);
    expect(floatingOf(look)).toMatchObject({ state: "unknown", holders: [] });
    expect(floatingAlerts(look)).toEqual(["floating-ip-unknown warning"]);
  });
});

async function refuse(): Promise<never> {
  throw new DriverError({ kind: "unreachable", target: "host", operation: "connect", message: "connection refused" });
}

function floatingOf(snapshot: Snapshot | undefined): FloatingIpSnapshot | null {
  return snapshot?.clusters[0]?.floatingIp ?? null;
}

function floatingAlerts(snapshot: Snapshot | undefined): readonly string[] {
  const alerts = snapshot?.clusters[0]?.alerts ?? [];
  return alerts.filter(({ code }) => code.startsWith("floating-ip")).map(({ code, severity }) => `${code} ${severity}`);
}
