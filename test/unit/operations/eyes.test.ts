import { describe, expect, it } from "vitest";
import { DriverError } from "../../../src/drivers/errors.ts";
import type { HaproxyReport } from "../../../src/model/haproxy.ts";
import { Eyes } from "../../../src/operations/eyes.ts";
import { buildR1, NOW, type Scene } from "../../support/model-builders.ts";

/** Readers that answer from a scene and count how often they are asked. */
function look(scene: Scene, base: boolean) {
  const asked: string[] = [];
  let now = NOW;
  const dead = new Set<string>();
  const hanging = new Set<string>();
  const answer = <T>(name: string, value: () => T) => ({
    target: name,
    poll: async ({ timeoutMs }: { timeoutMs: number }) => {
      asked.push(name);
      if (hanging.has(name)) {
        now += timeoutMs;
        throw new DriverError({ kind: "timeout", target: name, operation: "poll", message: "no answer" });
      }
      if (dead.has(name)) {
        throw new DriverError({ kind: "unreachable", target: name, operation: "poll", message: "refused" });
      }
      return value();
    },
    sessions: async () => [],
    close: async () => {},
  });
  const eyes = new Eyes({
    settings: scene.settings,
    clock: { epochMs: () => now, monotonicMs: () => now, after: () => () => {} },
    openHaproxy: ({ name }) => answer(name, (): HaproxyReport => scene.haproxyReport(name)),
    openMysql: ({ name }) => answer(name, () => scene.report(name)),
    base: base ? () => scene.input() : null,
  });
  return { eyes, asked, dead, hanging, pass: (ms: number) => (now += ms) };
}

describe("Eyes without a monitor", () => {
  it("look at everything, and not again within a second", async () => {
    const { eyes, asked, pass } = look(buildR1(), false);
    const cluster = await eyes.look("all", 1000);
    expect([...asked].sort()).toEqual(["db1", "db2", "db3", "db4", "lb1"]);
    expect(cluster.nodes.map(({ name, role }) => `${name} ${role}`)).toContain("db1 source");
    await eyes.look("all", 1000);
    expect(asked).toHaveLength(5);
    pass(1_001);
    await eyes.look("all", 1000);
    expect(asked).toHaveLength(10);
  });

  it("ask nobody in the last millisecond because somebody else has hung for all the others", async () => {
    const { eyes, asked, hanging, pass } = look(buildR1(), false);
    await eyes.look("all", 1000);
    pass(600);
    await eyes.look({ haproxies: ["lb1"], nodes: ["db2", "db3", "db4"] }, 1000);
    pass(500);
    asked.length = 0;
    hanging.add("db1");
    const cluster = await eyes.look("all", 1000);
    expect(asked).toEqual(["db1"]);
    expect(cluster.nodes.map(({ reading }) => reading.state)).toEqual(["failed", "fresh", "fresh", "fresh"]);
  });

  it("find the nodes that HAProxy names", async () => {
    const { eyes } = look(buildR1().configure({ nodes: [] }), false);
    const cluster = await eyes.look("all", 1000);
    expect(cluster.nodes.every(({ reading }) => reading.state === "fresh")).toBe(true);
    expect(cluster.nodes).toHaveLength(4);
  });

  it("ask only the scope again; what was not asked grows old", async () => {
    const { eyes, asked, pass } = look(buildR1(), false);
    await eyes.look("all", 1000);
    pass(10_001);
    asked.length = 0;
    const cluster = await eyes.look({ haproxies: ["lb1"], nodes: ["db3"] }, 1000);
    expect(asked).toEqual(["lb1", "db3"]);
    const states = Object.fromEntries(cluster.nodes.map(({ name, reading }) => [name, reading.state]));
    expect(states).toEqual({ db1: "stale", db2: "stale", db3: "fresh", db4: "stale" });
  });

  it("keep what failed as failed, with its last value as past", async () => {
    const { eyes, dead } = look(buildR1(), false);
    await eyes.look("all", 1000);
    dead.add("lb1");
    const cluster = await eyes.look({ haproxies: ["lb1"], nodes: [] }, 1000);
    expect(cluster.haproxies[0]?.reading).toMatchObject({ state: "failed", failure: { kind: "unreachable" } });
    expect(cluster.haproxies[0]?.reading.state === "failed" && cluster.haproxies[0].reading.last).not.toBeNull();
  });
});

describe("Eyes over a monitor", () => {
  it("take the monitor's word for everything, and fresh looks for what they asked", async () => {
    const scene = buildR1();
    const { eyes, asked } = look(scene, true);
    await eyes.look("all", 1000);
    expect(asked).toEqual([]);
    scene.state("lb1", "read_nodes/db3", "drain");
    await eyes.look({ haproxies: ["lb1"], nodes: [] }, 1000);
    expect(asked).toEqual(["lb1"]);
  });

  it("do not hold an old look of theirs against a later failure of the monitor", async () => {
    const scene = buildR1();
    const { eyes } = look(scene, true);
    await eyes.look({ haproxies: [], nodes: ["db3"] }, 1000);
    scene.kill("db3");
    const failedAt = NOW + 1;
    const input = scene.nodes.get("db3");
    if (input?.reading.state !== "failed") throw new Error("not failed");
    scene.readNode("db3", { ...input.reading, failedAt });
    const cluster = await eyes.look("all", 1000);
    expect(cluster.nodes.find(({ name }) => name === "db3")?.reading.state).toBe("failed");
  });
});
