import { expect, it } from "vitest";
import type { FloatingHostSnapshot, FloatingIpSnapshot } from "../../../src/model/floating-ip.ts";
import { describeNoMove } from "../../../src/model/why-no-move.ts";

const NOTHING = { heartbeat: null, keepalived: null, pacemaker: false };
const KEEPALIVED = { ...NOTHING, keepalived: { running: true, instances: ["VI_1"] } };

function buildHost(name: string, tools: FloatingHostSnapshot["tools"]): FloatingHostSnapshot {
  const way = { kind: "ssh", target: name } as const;
  return { name, way, members: [name], state: "fresh", held: [], tools, at: 0, failure: null };
}

function build(patch: Partial<FloatingIpSnapshot> = {}): FloatingIpSnapshot {
  const hosts = [buildHost("lb1", KEEPALIVED), buildHost("lb2", KEEPALIVED)];
  return { address: "10.10.10.1", state: "held", holders: ["lb1"], hosts, confirmed: true, ...patch };
}

it.each([
  ["can be moved", build(), null],
  ["may be, while nothing is told of the programs", build({ hosts: [buildHost("lb1", null)] }), null],
  [
    "may be, while one host tells nothing",
    build({ hosts: [buildHost("lb1", null), buildHost("lb2", KEEPALIVED)] }),
    null,
  ],
  ["is not there", null, "No floating address is configured."],
  ["is held by nobody", build({ state: "none" }), "No host holds 10.10.10.1."],
  ["is held twice", build({ state: "double" }), "Two hosts hold 10.10.10.1: that has to end first."],
  ["is somewhere", build({ state: "unknown" }), "Who holds 10.10.10.1 is not known."],
  [
    "belongs to Pacemaker",
    build({ hosts: [buildHost("lb1", { ...KEEPALIVED, pacemaker: true })] }),
    "Pacemaker moves 10.10.10.1 on lb1: use its own tools.",
  ],
  [
    "is moved by something unknown",
    build({ hosts: [buildHost("lb1", NOTHING), buildHost("lb2", NOTHING)] }),
    "Neither Heartbeat nor keepalived is recognised on any host.",
  ],
])("tells why the key is grey for an address that %s", (_name, floatingIp, why) => {
  expect(describeNoMove(floatingIp)).toBe(why);
});
