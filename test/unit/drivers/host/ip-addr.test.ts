import { describe, expect, it } from "vitest";
import { parseIpAddr } from "../../../../src/drivers/host/ip-addr.ts";
import { runLocally } from "../../../../src/drivers/host/run-command.ts";

const UP = ["BROADCAST", "MULTICAST", "UP", "LOWER_UP"];

function link(ifname: string, addresses: readonly object[], flags: readonly string[] = UP) {
  return { ifindex: ifname.length, ifname, flags, address: `02:00:00:00:00:0${ifname.length}`, addr_info: addresses };
}

function inet(local: string, label?: string) {
  return { family: "inet", local, prefixlen: 24, scope: "global", ...(label === undefined ? {} : { label }) };
}

function held(links: readonly object[], address = "192.0.2.1") {
  return parseIpAddr(JSON.stringify(links), address)?.held;
}

describe("ip -j addr show", () => {
  it("finds the address where it is secondary, on a label, or on a VRRP interface of its own", () => {
    expect(held([link("eth0", [inet("192.0.2.7", "eth0"), inet("192.0.2.1", "eth0:vip")])])).toEqual([
      { interface: "eth0", label: "eth0:vip" },
    ]);
    expect(held([link("vrrp.51", [inet("192.0.2.1")])])).toEqual([{ interface: "vrrp.51", label: null }]);
  });

  it("compares addresses and not texts", () => {
    expect(held([link("eth0", [inet("192.0.2.10", "eth0")])])).toEqual([]);
    const six = { family: "inet6", local: "2001:db8::1", prefixlen: 64, scope: "global" };
    expect(held([link("eth0", [six])], "2001:DB8:0:0::0:1")).toHaveLength(1);
    expect(held([link("eth0", [{ ...six, dadfailed: true }])], "2001:db8::1")).toEqual([]);
  });

  it("does not count loopback, nor an interface that is down", () => {
    expect(held([link("lo", [inet("192.0.2.1", "lo")], ["LOOPBACK", "UP", "LOWER_UP"])])).toEqual([]);
    expect(held([link("eth1", [inet("192.0.2.1")], ["BROADCAST", "MULTICAST"])])).toEqual([]);
  });

  it("tells machines apart, and two ways to one machine as one", () => {
    const first = [link("eth0", [inet("192.0.2.1", "eth0")]), link("lo", [])];
    const moved = [link("lo", []), link("eth0", [])];
    const other = [link("eth0", [inet("192.0.2.1", "eth0")]), { ...link("lo", []), address: "02:00:00:00:00:99" }];
    const machine = (links: readonly object[]) => parseIpAddr(JSON.stringify(links), "192.0.2.1")?.machine;
    expect(machine(moved)).toBe(machine(first));
    expect(machine(other)).not.toBe(machine(first));
  });

  it.each(["", "[]", "[{}]", "{}", '[{"ifname":"eth0"', 'Object "-j" is unknown, try "ip help".'])(
    "takes %j for no answer",
    (text) => {
      expect(parseIpAddr(text, "192.0.2.1")).toBeNull();
    },
  );

  it("reads what the ip program of this machine prints", async () => {
    const bounds = { signal: new AbortController().signal, timeoutMs: 5_000 };
    const answer = await runLocally(["ip", "-j", "addr", "show"], bounds);
    expect(answer.exitCode).toBe(0);
    expect(parseIpAddr(answer.stdout, "203.0.113.250")).toMatchObject({ held: [] });
    expect(parseIpAddr(answer.stdout, "127.0.0.1")).toMatchObject({ held: [] });
  });
});
