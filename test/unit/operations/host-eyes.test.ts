import { expect, it } from "vitest";
import type { HostMoveReader } from "../../../src/drivers/contract.ts";
import { DriverError } from "../../../src/drivers/errors.ts";
import type { FloatingHostInput, HostReport } from "../../../src/model/floating-ip.ts";
import { HostEyes } from "../../../src/operations/host-eyes.ts";
import { buildSettings } from "../../support/model-builders.ts";
import { heartbeatOn } from "./floating-ip/hosts.ts";

const HELD = [{ interface: "eth0", label: null }];
const WHOLE: HostReport = { held: HELD, machine: "m1", tools: null, ...heartbeatOn("lb1") };
const SETTINGS = buildSettings({
  floatingIp: "10.10.10.1",
  haproxies: [
    { name: "lb1", location: { kind: "ssh", user: null, host: "lb1", port: null, path: "/s" } },
    { name: "lb2", location: { kind: "tcp", host: "10.0.0.9", port: 1 } },
  ],
});

function open(read: HostMoveReader["read"]) {
  let now = 1_000;
  const clock = { monotonicMs: () => now, epochMs: () => now, after: () => () => {} };
  const eyes = new HostEyes({
    settings: SETTINGS,
    clock,
    openHost: (host) => (host.way.kind === "none" ? null : { target: host.name, read, close: async () => {} }),
  });
  const pass = (ms: number) => {
    now += ms;
  };
  /** As a monitor tells it: who holds it, at that time. */
  const base = (held: boolean, at: number): FloatingHostInput[] => [
    {
      name: "lb1",
      way: { kind: "ssh", target: "lb1" },
      members: ["lb1"],
      reading: { state: "fresh", from: "lb1", at, value: { held: held ? HELD : [], machine: "m1", tools: null } },
      sameInRow: 3,
    },
  ];
  return { eyes, pass, base, now: () => now };
}

it("asks nobody before it is asked to look: then what a monitor knows is all there is", () => {
  const { eyes, base, now } = open(async () => WHOLE);
  expect(eyes.inputs(null, now())).toBeNull();
  expect(eyes.inputs(base(true, 900), now())?.[0]?.reading).toMatchObject({ state: "fresh", at: 900 });
});

it("keeps what it has learned of the programs when the monitor has a newer answer on the address", async () => {
  const { eyes, base, pass, now } = open(async () => WHOLE);
  await eyes.look("all", 1_000);
  pass(500);
  const [lb1] = eyes.inputs(base(false, 1_400), now()) ?? [];
  expect(lb1?.reading).toMatchObject({
    state: "fresh",
    at: 1_400,
    value: { held: [], move: WHOLE.move, tools: WHOLE.tools },
  });
});

it("does not keep it beyond the time that an answer is good for", async () => {
  const { eyes, base, pass, now } = open(async () => WHOLE);
  await eyes.look("all", 1_000);
  pass(60_000);
  const [lb1] = eyes.inputs(base(true, 60_900), now()) ?? [];
  expect(lb1?.reading.state === "fresh" && "move" in lb1.reading.value).toBe(false);
});

it("takes a failure that is newer than the monitor's answer, and the host without a way for one that cannot be asked", async () => {
  const { eyes, base, now } = open(async () => {
    throw new DriverError({ kind: "timeout", target: "lb1", operation: "ip", message: "late" });
  });
  await eyes.look("address", 1_000);
  const [lb1, lb2] = eyes.inputs(base(true, 900), now()) ?? [];
  expect(lb1?.reading).toMatchObject({ state: "failed", failure: { message: "late" } });
  expect([lb2?.way, lb2?.reading.state]).toEqual([{ kind: "none" }, "never"]);
});
