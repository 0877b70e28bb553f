import { describe, expect, it } from "vitest";
import { type FloatingHostInput, type HostReport, planFloatingHosts } from "../../../src/model/floating-ip.ts";
import type { HaproxySettings, NodeSettings } from "../../../src/model/settings.ts";
import { buildStatusJson } from "../../../src/model/status-view.ts";
import { buildNodeSettings, buildR1, buildSettings, NOW } from "../../support/model-builders.ts";

const ADDRESS = "10.10.10.1";
const FAILURE = { kind: "unreachable", target: "lb2", operation: "ssh", advice: null, serverCode: null } as const;

function buildHost(name: string, held: boolean | null, patch: Partial<FloatingHostInput> = {}): FloatingHostInput {
  const way = { kind: "ssh", target: `ops@${name}` } as const;
  const failure = { ...FAILURE, message: `${name}: connection refused` };
  const value: HostReport = {
    held: held === true ? [{ interface: "eth0", label: null }] : [],
    machine: name,
    tools: { heartbeat: null, keepalived: { running: true, instances: ["VI_1"] }, pacemaker: false },
  };
  const reading: FloatingHostInput["reading"] =
    held === null
      ? { state: "failed", from: name, failure, failedAt: NOW, last: { value, at: NOW - 60_000 } }
      : { state: "fresh", from: name, value, at: NOW - 40 };
  return { name, way, members: [name], reading, sameInRow: 2, ...patch };
}

function look(...hosts: readonly FloatingHostInput[]) {
  const scene = buildR1().configure({ floatingIp: ADDRESS });
  scene.floatingHosts = hosts;
  const snapshot = scene.snapshot();
  const alerts = snapshot.alerts.map(({ code, severity }) => `${code} ${severity}`);
  return { snapshot, floatingIp: snapshot.floatingIp, alerts, message: snapshot.alerts[0]?.message };
}

describe("who holds the floating address", () => {
  it("one host: no alert", () => {
    const { floatingIp, alerts } = look(buildHost("lb1", true), buildHost("lb2", false));
    expect(floatingIp).toMatchObject({ state: "held", holders: ["lb1"] });
    expect(alerts).toEqual([]);
  });

  it("nobody, when every host was asked", () => {
    const { floatingIp, alerts, message } = look(buildHost("lb1", false), buildHost("lb2", false));
    expect(floatingIp).toMatchObject({ state: "none", holders: [] });
    expect(alerts).toEqual(["floating-ip-none critical"]);
    expect(message).toBe("Nobody holds 10.10.10.1: it is on no interface of lb1 and lb2.");
  });

  it("two hosts, with the interfaces", () => {
    const { alerts, message } = look(buildHost("lb1", true), buildHost("lb2", true));
    expect(alerts).toEqual(["floating-ip-double critical"]);
    expect(message).toContain("held by lb1 (eth0) and lb2 (eth0) at the same time");
  });

  it("is not known when the host that may hold it cannot be asked: that is not nobody", () => {
    const { floatingIp, alerts, message } = look(buildHost("lb1", false), buildHost("lb2", null));
    expect(floatingIp).toMatchObject({ state: "unknown", holders: [] });
    expect(alerts).toEqual(["floating-ip-unknown warning"]);
    expect(message).toBe("Who holds 10.10.10.1 is not known: lb2: connection refused.");
  });

  it("is information when one holds it and another cannot be asked", () => {
    const { floatingIp, alerts, message } = look(buildHost("lb1", true), buildHost("lb2", null));
    expect(floatingIp).toMatchObject({ state: "held", holders: ["lb1"] });
    expect(alerts).toEqual(["floating-ip-unknown info"]);
    expect(message).toContain("whether another host holds it, too, is not known: lb2: connection refused");
  });

  it("two hosts stay two when a third cannot be asked", () => {
    expect(look(buildHost("lb1", true), buildHost("lb2", true), buildHost("lb3", null)).alerts).toEqual([
      "floating-ip-double critical",
    ]);
  });

  it("says which host cannot be asked at all, and that there is none to ask", () => {
    const never = { state: "never", from: "lb2" } as const;
    const { alerts, message } = look(
      buildHost("lb1", false),
      buildHost("lb2", null, { way: { kind: "none" }, reading: never }),
    );
    expect(alerts).toEqual(["floating-ip-unknown warning"]);
    expect(message).toContain("lb2 cannot be asked");
    expect(look().message).toContain("there is no host to ask");
  });

  it("raises nothing before the first answers, nor by one look in the middle of a move", () => {
    const never = { state: "never", from: "lb2" } as const;
    expect(look(buildHost("lb1", false), buildHost("lb2", null, { reading: never })).alerts).toEqual([]);
    const moving = look(buildHost("lb1", false, { sameInRow: 1 }), buildHost("lb2", false));
    expect([moving.floatingIp?.state, moving.alerts]).toEqual(["none", []]);
    expect(look(buildHost("lb1", true), buildHost("lb2", true, { sameInRow: 1 })).alerts).toEqual([]);
  });

  it("two ways to one machine are one holder", () => {
    const [first, second] = [buildHost("lb1", true), buildHost("db1", true)];
    if (first.reading.state !== "fresh" || second.reading.state !== "fresh") throw new Error("fresh");
    const same = { ...second, reading: { ...second.reading, value: first.reading.value } };
    expect(look(first, same)).toMatchObject({ floatingIp: { state: "held", holders: ["lb1"] }, alerts: [] });
  });

  it("is told by status --json with its age, and null where it is not known", () => {
    const { snapshot } = look(buildHost("lb1", true), buildHost("lb2", null));
    expect(buildStatusJson(snapshot, NOW).route.floatingIp).toEqual({
      address: ADDRESS,
      state: "held",
      holders: ["lb1"],
      hosts: [
        {
          name: "lb1",
          members: ["lb1"],
          holds: true,
          interface: "eth0",
          error: null,
          ageMs: 40,
          tools: ["keepalived"],
        },
        {
          name: "lb2",
          members: ["lb2"],
          holds: null,
          interface: null,
          error: "lb2: connection refused",
          ageMs: 60_000,
          tools: ["keepalived"],
        },
      ],
    });
  });
});

describe("hosts that could hold it", () => {
  const haproxy = (name: string, location: HaproxySettings["location"]): HaproxySettings => ({ name, location });
  const node = (name: string, host: string, ssh: string | null): NodeSettings => ({
    ...buildNodeSettings(name, host),
    host,
    ssh,
  });
  const plan = (haproxies: readonly HaproxySettings[], nodes: readonly NodeSettings[]) =>
    planFloatingHosts(buildSettings({ haproxies, nodes })).map(({ name, way, members }) => {
      return `${name} ${way.kind === "ssh" ? way.target : way.kind}: ${members.join(" ")}`;
    });

  it("are this machine once, for all that is on it", () => {
    const local = [haproxy("lb1", { kind: "unix", path: "/s" }), haproxy("lb2", { kind: "tcp", host: "::1", port: 1 })];
    expect(plan(local, [node("db1", "127.0.0.1", null)])).toEqual(["this machine local: lb1 lb2 db1"]);
  });

  it("are others through SSH, also where a HAProxy is read by TCP or a stats page and the node there tells how", () => {
    const stats = { kind: "stats", url: "http://10.0.0.12:8080/stats", user: null, password: null } as const;
    const ssh = { kind: "ssh", user: "ops", host: "lb1", port: 2222, path: "/s" } as const;
    expect(
      plan(
        [haproxy("lb1", ssh), haproxy("lb2", stats)],
        [node("db2", "10.0.0.12", "ops@db2"), node("db3", "10.0.0.13", null)],
      ),
    ).toEqual(["lb1 ops@lb1:2222: lb1", "10.0.0.12 ops@db2: lb2 db2"]);
  });

  it("are told apart by their ports where one name stands for several: tunnels end in machines of their own", () => {
    const ssh = (port: number | null) => ({ kind: "ssh", user: null, host: "localhost", port, path: "/s" }) as const;
    expect(
      plan([haproxy("lb1", ssh(2201)), haproxy("lb2", ssh(2202))], [node("db1", "localhost", "ops@localhost:2201")]),
    ).toEqual([
      "localhost:2201 localhost:2201: lb1",
      "localhost:2202 localhost:2202: lb2",
      "localhost:2201 ops@localhost:2201: db1",
    ]);
  });

  it("cannot all be asked", () => {
    expect(plan([haproxy("lb3", { kind: "tcp", host: "10.0.0.9", port: 9999 })], [])).toEqual(["10.0.0.9 none: lb3"]);
  });
});
