import { describe, expect, it } from "vitest";
import { takeLock } from "../../../../src/operations/lock.ts";
import { buildR1 } from "../../../support/model-builders.ts";
import { FakeWorld } from "../support/fake-world.ts";

const NODES = ["db1", "db2", "db3", "db4"];

function failOn(world: FakeWorld, node: string): FakeWorld {
  const { getLock } = world.locks;
  world.locks.getLock = (name, ...rest) =>
    name === node ? Promise.reject(new Error("too many connections.")) : getLock(name, ...rest);
  return world;
}

describe("Lock of a cluster", () => {
  it("is taken on every node that answers, and given back on each", async () => {
    const world = new FakeWorld(buildR1().kill("db4"));
    const lock = await takeLock(world, world.scene.snapshot(), false);
    expect(lock.refusal).toBeNull();
    await lock.release();
    const calls = (word: string) => ["db1", "db2", "db3"].map((node) => `${word} signalbox:shop on ${node}`);
    expect(world.lockCalls).toEqual([...calls("get"), ...calls("release")]);
  });

  it("refuses while another has it, whatever --force says", async () => {
    const world = new FakeWorld(buildR1());
    world.lockedBy = { user: "ben", host: "10.0.0.9:4242" };
    for (const force of [false, true]) {
      const { refusal } = await takeLock(world, world.scene.snapshot(), force);
      expect(refusal).toMatchObject({ verdict: "block", forceable: false });
      expect(refusal?.message).toContain("ben@10.0.0.9:4242 (connection 77) holds the lock signalbox:shop on db1");
    }
  });

  it("tells for how long another has had it, where the server tells", async () => {
    const world = new FakeWorld(buildR1());
    const holder = { connectionId: 77, user: "ben", host: "10.0.0.9:4242", heldSeconds: 12, own: false };
    world.locks.getLock = async () => ({ granted: false, holder });
    const { refusal } = await takeLock(world, world.scene.snapshot(), false);
    expect(refusal?.message).toMatch(/holds the lock signalbox:shop on db1, for 12 s now\.$/);
  });

  it("counts as failed when a node that answers does not give it, and gives the others back", async () => {
    const world = failOn(new FakeWorld(buildR1()), "db2");
    const { refusal } = await takeLock(world, world.scene.snapshot(), false);
    expect(refusal).toMatchObject({ guard: "operator-lock", verdict: "unknown", forceable: true });
    expect(refusal?.message).toContain("db2 did not give the lock signalbox:shop (too many connections)");
    expect(world.lockCalls.filter((call) => call.startsWith("release"))).toHaveLength(NODES.length);
    const forced = await takeLock(world, world.scene.snapshot(), true);
    expect(forced.refusal).toBeNull();
  });

  it("counts as failed when no node answers that could keep it", async () => {
    const scene = buildR1();
    for (const name of NODES) scene.kill(name);
    const world = new FakeWorld(scene);
    const { refusal } = await takeLock(world, scene.snapshot(), false);
    expect(refusal).toMatchObject({ verdict: "unknown", forceable: true });
    expect((await takeLock(world, scene.snapshot(), true)).refusal).toBeNull();
  });

  it("is looked at again without being asked for twice, and is taken anew where its connection was lost", async () => {
    const world = new FakeWorld(buildR1());
    const lock = await takeLock(world, world.scene.snapshot(), false);
    world.lockCalls.length = 0;
    expect(await lock.keep()).toBeNull();
    expect(world.lockCalls).toEqual([]);
    world.locks.lockHolder = async () => null;
    expect(await lock.keep()).toBeNull();
    expect(world.lockCalls).toEqual(NODES.map((node) => `get signalbox:shop on ${node}`));
    await lock.release();
  });

  it("tells who has it by now when it was lost to another", async () => {
    const world = new FakeWorld(buildR1());
    const lock = await takeLock(world, world.scene.snapshot(), false);
    world.lockedBy = { user: "ben", host: "10.0.0.9:4242" };
    expect((await lock.keep())?.message).toContain("ben@10.0.0.9:4242 (connection 77) holds the lock");
    await lock.release();
  });

  it("keeps two operations of one console apart, which a server does not", async () => {
    const world = new FakeWorld(buildR1());
    const first = await takeLock(world, world.scene.snapshot(), false);
    const second = await takeLock(world, world.scene.snapshot(), true);
    expect(second.refusal).toMatchObject({ verdict: "block", forceable: false });
    await second.release();
    expect((await takeLock(world, world.scene.snapshot(), false)).refusal).not.toBeNull();
    await first.release();
    expect((await takeLock(world, world.scene.snapshot(), false)).refusal).toBeNull();
  });
});
